package org.ipsecif.control;

import java.util.Locale;

/** SPD entries in setkey(8)'s layout. */
final class PolicyText {
    private PolicyText() {}

    /** The layout of setkey -DP. */
    static String dump(PolicyStatus policy) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(Locale.ROOT, "%s %s %s%n", policy.source(), policy.destination(), policy.protocol()));
        text.append(String.format(Locale.ROOT, "\t%s %s%n", policy.direction(), action(policy.action())));
        for (String transform : policy.transforms()) {
            text.append(String.format(Locale.ROOT, "\t%s%n", transform));
        }
        text.append(String.format(
                Locale.ROOT,
                "\tinterface=%s entry=%s priority=%d scope=%s kernel=%s%n",
                policy.interfaceName(),
                policy.name(),
                policy.priority(),
                policy.scope(),
                policy.kernel() ? "yes" : "MISSING"));
        return text.toString();
    }

    /** setkey(8) has other words than RFC 4301. */
    private static String action(String action) {
        return switch (action) {
            case "protect" -> "ipsec";
            case "bypass" -> "none";
            default -> action;
        };
    }
}
