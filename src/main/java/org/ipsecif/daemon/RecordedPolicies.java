package org.ipsecif.daemon;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.ipsecif.platform.InstalledPolicy;
import org.ipsecif.sa.PolicyKey;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SecurityPolicy;

/**
 * How the entries of a daemon that crashed are known. Within if_id scope an if_id and reqid of ours tell. Entries of other scopes
 * may have neither; they are recorded one by one, in a line each, and are ours only if every word of the line is true of them. Where the
 * kernel numbers its entries, a line has the number once there is one: another program's entry of the same words has another.
 */
final class RecordedPolicies {
    private RecordedPolicies() {}

    /**
     * Lines for those of {@code policies} that no if_id marks as ours.
     *
     * @param number of the entry in the kernel, 0 if there is none
     */
    static List<String> linesFor(List<SecurityPolicy> policies, ToIntFunction<SecurityPolicy> number) {
        return policies.stream()
                .filter(policy -> !(policy.scope() instanceof PolicyScope.IfId))
                .map(policy -> numbered(line(policy, policy.scope()), number.applyAsInt(policy)))
                .distinct()
                .toList();
    }

    private static String numbered(String line, int number) {
        return number == 0 ? line : line + ", number " + Integer.toUnsignedString(number);
    }

    private static String line(SecurityPolicy policy, PolicyScope scope) {
        StringBuilder line = new StringBuilder()
                .append(new PolicyKey(policy.direction(), policy.selector(), scope))
                .append(", ")
                .append(policy.action().name().toLowerCase(Locale.ROOT))
                .append(", priority ")
                .append(Integer.toUnsignedString(policy.priority()));
        policy.transforms().forEach(transform -> line.append(", ").append(transform.words()));
        return line.toString();
    }

    static boolean isOf(StateDirectory.Entry entry, InstalledPolicy installed) {
        PolicyKey key = installed.key();
        if (key == null) {
            return false;
        }
        if (key.scope() instanceof PolicyScope.IfId scope) {
            Set<Integer> tags = Set.copyOf(List.of((int) entry.ifId(), (int) entry.reqid()));
            return scope.ifId() == (int) entry.ifId() && tags.containsAll(installed.ids());
        }
        SecurityPolicy policy = installed.policy();
        if (policy == null) {
            return false;
        }
        String line = line(policy, recordedScope(entry, key.scope()));
        return entry.records(line) || entry.records(numbered(line, installed.number()));
    }

    /** The interface may be gone, and then the kernel's entry has an index for which nobody has a name. */
    private static PolicyScope recordedScope(StateDirectory.Entry entry, PolicyScope scope) {
        boolean nameless = entry.ifIndex() != 0 && scope.equals(new PolicyScope.Device("if" + entry.ifIndex()));
        return nameless ? new PolicyScope.Device(entry.name()) : scope;
    }
}
