package org.ipsecif.platform;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ipsecif.sa.PolicyKey;
import org.ipsecif.sa.SecurityPolicy;

/** What a kernel's SPD is to hold of one interface's policies. Immutable. */
public final class KernelCopy {
    public static final KernelCopy EMPTY = new KernelCopy(List.of(), List.of());

    /**
     * What becomes of one policy.
     *
     * @param entries none, itself, or others in its place
     * @param reason why it is not itself, for users; else empty
     */
    public record OfPolicy(SecurityPolicy policy, List<SecurityPolicy> entries, String reason) {
        public OfPolicy {
            entries = List.copyOf(entries);
        }

        /** Whether the kernel holds the policy itself. */
        public boolean isSame() {
            return entries.equals(List.of(policy));
        }
    }

    private final List<OfPolicy> policies;
    private final List<SecurityPolicy> besides;
    private final List<SecurityPolicy> entries;

    /** @param policies one for each policy, in their order */
    public KernelCopy(List<OfPolicy> policies, List<SecurityPolicy> besides) {
        this.policies = List.copyOf(policies);
        this.besides = List.copyOf(besides);
        entries = entries(this.policies, this.besides);
    }

    /** One for each policy, in their order. */
    public List<OfPolicy> policies() {
        return policies;
    }

    /** Entries that go with them, for no policy in particular. */
    public List<SecurityPolicy> besides() {
        return besides;
    }

    /** Each policy as it is. */
    public static KernelCopy same(List<SecurityPolicy> policies) {
        return new KernelCopy(
                policies.stream()
                        .map(each -> new OfPolicy(each, List.of(each), ""))
                        .toList(),
                List.of());
    }

    /** None of them. @param reason why, for users */
    public static KernelCopy none(List<SecurityPolicy> policies, String reason) {
        return new KernelCopy(
                policies.stream()
                        .map(each -> new OfPolicy(each, List.of(), reason))
                        .toList(),
                List.of());
    }

    /**
     * All entries: one for each key, in the order they were made. Where several policies come to one, it is the one that would be consulted
     * first.
     */
    public List<SecurityPolicy> entries() {
        return entries;
    }

    private static List<SecurityPolicy> entries(List<OfPolicy> policies, List<SecurityPolicy> besides) {
        List<SecurityPolicy> all = new ArrayList<>();
        policies.forEach(each -> all.addAll(each.entries()));
        all.addAll(besides);
        if (policies.stream().allMatch(OfPolicy::isSame)) {
            return List.copyOf(all); // two of a key are a mistake of the template, which is to be told
        }
        Map<PolicyKey, SecurityPolicy> first = new LinkedHashMap<>();
        for (SecurityPolicy each : all) {
            first.merge(PolicyKey.of(each), each, KernelCopy::first);
        }
        return List.copyOf(first.values());
    }

    /** Whether the kernel holds entries, and others than the policies themselves. */
    public boolean isOfOthers() {
        return policies.stream().anyMatch(each -> !each.isSame()) && !entries.isEmpty();
    }

    /** Names of the policies of which the kernel has nothing, by reason. */
    public Map<String, List<String>> absent() {
        Map<String, List<String>> names = new LinkedHashMap<>();
        for (OfPolicy each : policies) {
            if (each.entries().isEmpty()) {
                names.computeIfAbsent(each.reason(), reason -> new ArrayList<>())
                        .add(each.policy().name());
            }
        }
        return names;
    }

    private static SecurityPolicy first(SecurityPolicy one, SecurityPolicy other) {
        return Comparator.comparing(SecurityPolicy::priority, Integer::compareUnsigned)
                                .compare(other, one)
                        < 0
                ? other
                : one;
    }
}
