package org.ipsecif.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** SPD entries in setkey(8)'s layout, and side by side with the kernel's. */
final class PolicyText {
    private static final List<String> HEADINGS =
            List.of("", "INTERFACE", "ENTRY", "DIR", "SOURCE", "DESTINATION", "PROTO", "SCOPE", "IN PROCESS", "KERNEL");

    private PolicyText() {}

    /** The layout of setkey -DP. */
    static String dump(PolicyStatus policy) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "%s %s %s%n",
                end(policy.source(), policy.sourcePort()),
                end(policy.destination(), policy.destinationPort()),
                policy.protocol()));
        PolicyStatus.KernelEntry alone = policy.kernel().equals(PolicyStatus.EXTRA) ? policy.kernelEntry() : null;
        String action = alone == null ? policy.action() : alone.action();
        text.append(String.format(Locale.ROOT, "\t%s %s%n", policy.direction(), action(action)));
        for (String transform : alone == null ? policy.transforms() : alone.transforms()) {
            text.append(String.format(Locale.ROOT, "\t%s%n", transform));
        }
        text.append(String.format(
                Locale.ROOT,
                "\tinterface=%s entry=%s priority=%d scope=%s%s%n",
                policy.interfaceName(),
                policy.name(),
                alone == null ? policy.priority() : alone.priority(),
                policy.scope(),
                kernel(policy.kernel())));
        if (!policy.note().isEmpty()) {
            text.append(String.format(Locale.ROOT, "\t# %s%n", policy.note()));
        }
        return text.toString();
    }

    private static String end(String prefix, String port) {
        return port.equals("any") ? prefix : prefix + "[" + port + "]";
    }

    /** setkey(8) has other words than RFC 4301. */
    private static String action(String action) {
        return switch (action) {
            case "protect" -> "ipsec";
            case "bypass" -> "none";
            default -> action;
        };
    }

    private static String kernel(String state) {
        return switch (state) {
            case PolicyStatus.NOT_COMPARED -> "";
            case PolicyStatus.SAME -> " kernel=yes";
            default -> " kernel=" + state.toUpperCase(Locale.ROOT);
        };
    }

    /**
     * A line each: what the process does and what the kernel does; the first column says whether that differs. Below, why the kernel cannot
     * hold some.
     */
    static String sideBySide(List<PolicyStatus> policies) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEADINGS);
        List<String> notes = policies.stream()
                .map(PolicyStatus::note)
                .filter(note -> !note.isEmpty())
                .distinct()
                .toList();
        policies.forEach(policy -> rows.add(row(policy, notes.indexOf(policy.note()) + 1)));
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < row.size(); column++) {
                line.append(row.get(column)).append(" ".repeat(gap(rows, row, column)));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        for (int i = 0; i < notes.size(); i++) {
            text.append(String.format(Locale.ROOT, "(%d) %s%n", i + 1, notes.get(i)));
        }
        return text.toString();
    }

    private static int gap(List<List<String>> rows, List<String> row, int column) {
        int widest =
                rows.stream().mapToInt(each -> each.get(column).length()).max().orElse(0);
        return widest - row.get(column).length() + (column == 0 ? 1 : 2);
    }

    /** @param note which of those below is about it, from 1, or 0 for none */
    private static List<String> row(PolicyStatus policy, int note) {
        return List.of(
                mark(policy.kernel()),
                policy.interfaceName(),
                policy.name().isEmpty() ? "-" : policy.name(),
                policy.direction(),
                end(policy.source(), policy.sourcePort()),
                end(policy.destination(), policy.destinationPort()),
                policy.protocol(),
                policy.scope(),
                inProcess(policy),
                inKernel(policy) + (note == 0 ? "" : " (" + note + ")"));
    }

    private static String mark(String kernel) {
        return switch (kernel) {
            case PolicyStatus.SAME -> "";
            case PolicyStatus.MISSING -> "-";
            case PolicyStatus.EXTRA -> "+";
            case PolicyStatus.NARROWED, PolicyStatus.ABSENT -> "~";
            default -> "!";
        };
    }

    /** In brackets what is for the kernel alone. */
    private static String inProcess(PolicyStatus policy) {
        if (policy.kernel().equals(PolicyStatus.EXTRA)) {
            return "-";
        }
        String does = does(policy.priority(), policy.action(), policy.transforms());
        return policy.process() ? does : "(" + does + ")";
    }

    private static String inKernel(PolicyStatus policy) {
        PolicyStatus.KernelEntry entry = policy.kernelEntry();
        return switch (policy.kernel()) {
            case PolicyStatus.SAME, PolicyStatus.NARROWED, PolicyStatus.ABSENT -> policy.kernel();
            default -> entry == null ? "MISSING" : does(entry.priority(), entry.action(), entry.transforms());
        };
    }

    private static String does(long priority, String action, List<String> transforms) {
        String words = action + (transforms.isEmpty() ? "" : " ") + String.join(" ", transforms);
        return action.equals("other") ? action : priority + " " + words;
    }
}
