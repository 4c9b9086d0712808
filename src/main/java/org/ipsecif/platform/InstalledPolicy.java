package org.ipsecif.platform;

import java.util.HashSet;
import java.util.Set;
import org.ipsecif.sa.PolicyKey;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.TransformTemplate;
import org.jspecify.annotations.Nullable;

/**
 * One entry of the kernel's SPD, anybody's.
 *
 * @param key null if our records cannot say it; then it is no entry of ours
 * @param policy null if our records cannot say what it does; then it does not what a policy of ours does
 * @param ids its if_id and all its reqids, without 0
 * @param number that the kernel gave this entry and no other since it was booted; 0 if it gives none, or did not say
 */
public record InstalledPolicy(
        @Nullable PolicyKey key, @Nullable SecurityPolicy policy, Set<Integer> ids, int number) {
    public InstalledPolicy {
        ids = Set.copyOf(ids);
    }

    /** Without a number. */
    public InstalledPolicy(@Nullable PolicyKey key, @Nullable SecurityPolicy policy, Set<Integer> ids) {
        this(key, policy, ids, 0);
    }

    /** The entry that a policy of ours becomes. */
    public static InstalledPolicy of(SecurityPolicy policy) {
        Set<Integer> ids = new HashSet<>();
        policy.transforms().stream().map(TransformTemplate::reqid).forEach(ids::add);
        if (policy.scope() instanceof PolicyScope.IfId scope) {
            ids.add(scope.ifId());
        }
        ids.remove(0);
        return new InstalledPolicy(PolicyKey.of(policy), policy, ids);
    }

    /** The same under this number. */
    public InstalledPolicy withNumber(int value) {
        return new InstalledPolicy(key, policy, ids, value);
    }

    /** Whether this is the entry that {@code wanted} becomes. A kernel keeps no names. */
    public boolean is(SecurityPolicy wanted) {
        return policy != null && policy.hasSameEffect(wanted);
    }
}
