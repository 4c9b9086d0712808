package org.ipsecif.daemon;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.ipsecif.control.PolicyStatus;
import org.ipsecif.control.PolicyStatus.KernelEntry;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.InstalledPolicy;
import org.ipsecif.platform.KernelCopy;
import org.ipsecif.sa.PolicyKey;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.Selector;
import org.ipsecif.sa.Selector.PortRange;
import org.ipsecif.sa.TransformTemplate;
import org.jspecify.annotations.Nullable;

/** The SPD in the process beside the kernel's. Control thread only. */
final class PolicyReport {
    private final KernelSpd kernel;

    PolicyReport(KernelSpd kernel) {
        this.kernel = kernel;
    }

    /**
     * The policies of these interfaces in their order, each with what the kernel has in its place; behind an interface's, what the
     * kernel has besides in the interface's scopes.
     */
    List<PolicyStatus> compare(Collection<ManagedInterface> interfaces) throws ErrnoException {
        Map<String, KernelCopy> copies = new LinkedHashMap<>();
        interfaces.forEach(each -> copies.put(each.name(), each.copy()));
        return compare(copies, kernel.dump(), kernel::wanted);
    }

    /**
     * @param copies by interface
     * @param wanted what the kernel should hold in an entry's place
     */
    static List<PolicyStatus> compare(
            Map<String, KernelCopy> copies, List<InstalledPolicy> inKernel, UnaryOperator<SecurityPolicy> wanted) {
        Map<PolicyKey, InstalledPolicy> byKey = new HashMap<>();
        Map<PolicyScope, List<InstalledPolicy>> byScope = new HashMap<>();
        for (InstalledPolicy installed : inKernel) {
            PolicyKey key = installed.key();
            if (key != null) {
                byKey.put(key, installed);
                byScope.computeIfAbsent(key.scope(), scope -> new ArrayList<>()).add(installed);
            }
        }
        List<PolicyStatus> all = new ArrayList<>();
        copies.forEach((name, copy) -> {
            all.addAll(statuses(name, copy, entry -> compared(name, entry, byKey.get(PolicyKey.of(entry)), wanted)));
            addKernelsOwn(name, copy.entries(), byScope, all);
        });
        return all;
    }

    /**
     * The policies; behind one that the kernel is to have others for, these, unless they came before.
     *
     * @param ofEntry what to say of an entry of the kernel's
     */
    private static List<PolicyStatus> statuses(
            String interfaceName, KernelCopy copy, Function<SecurityPolicy, PolicyStatus> ofEntry) {
        List<PolicyStatus> all = new ArrayList<>();
        Set<PolicyKey> shown = new HashSet<>();
        Map<PolicyKey, SecurityPolicy> entries = new HashMap<>();
        copy.entries().forEach(entry -> entries.put(PolicyKey.of(entry), entry));
        for (KernelCopy.OfPolicy each : copy.policies()) {
            if (each.isSame()) {
                shown.add(PolicyKey.of(each.policy()));
                all.add(ofEntry.apply(entries.getOrDefault(PolicyKey.of(each.policy()), each.policy())));
                continue;
            }
            all.add(inProcessAlone(interfaceName, each));
            for (SecurityPolicy entry : each.entries()) {
                if (shown.add(PolicyKey.of(entry))) {
                    all.add(ofEntry.apply(entries.getOrDefault(PolicyKey.of(entry), entry))
                            .forKernelAlone());
                }
            }
        }
        copy.besides().stream()
                .filter(entry -> shown.add(PolicyKey.of(entry)))
                .forEach(entry -> all.add(ofEntry.apply(entry).forKernelAlone()));
        return all;
    }

    private static PolicyStatus inProcessAlone(String interfaceName, KernelCopy.OfPolicy each) {
        String kernel = each.entries().isEmpty() ? PolicyStatus.ABSENT : PolicyStatus.NARROWED;
        SecurityPolicy policy = each.policy();
        return status(interfaceName, policy.name(), PolicyKey.of(policy), policy, kernel, null, each.reason());
    }

    private static void addKernelsOwn(
            String name,
            List<SecurityPolicy> policies,
            Map<PolicyScope, List<InstalledPolicy>> byScope,
            List<PolicyStatus> to) {
        Set<PolicyScope> scopes = new HashSet<>();
        Set<PolicyKey> known = new HashSet<>();
        for (SecurityPolicy policy : policies) {
            scopes.add(policy.scope());
            known.add(PolicyKey.of(policy));
        }
        scopes.remove(new PolicyScope.Host());
        for (PolicyScope scope : scopes) {
            for (InstalledPolicy installed : byScope.getOrDefault(scope, List.of())) {
                PolicyKey key = installed.key();
                if (key != null && !known.contains(key)) {
                    to.add(kernelsOwn(name, key, installed.policy()));
                }
            }
        }
    }

    /** What a template renders for an interface, wherever it is, and what the kernel would be given. */
    static List<PolicyStatus> rendered(String interfaceName, KernelCopy copy) {
        return statuses(interfaceName, copy, policy -> rendered(interfaceName, policy));
    }

    /** What a template renders for an interface, wherever it is. */
    private static PolicyStatus rendered(String interfaceName, SecurityPolicy policy) {
        return status(interfaceName, policy.name(), PolicyKey.of(policy), policy, PolicyStatus.NOT_COMPARED, null, "");
    }

    private static PolicyStatus compared(
            String interfaceName,
            SecurityPolicy policy,
            @Nullable InstalledPolicy installed,
            UnaryOperator<SecurityPolicy> wanted) {
        String kernel = installed == null
                ? PolicyStatus.MISSING
                : installed.is(wanted.apply(policy)) ? PolicyStatus.SAME : PolicyStatus.DIFFERS;
        return status(
                interfaceName,
                policy.name(),
                PolicyKey.of(policy),
                policy,
                kernel,
                installed == null ? null : entry(installed.policy()),
                "");
    }

    private static PolicyStatus kernelsOwn(String interfaceName, PolicyKey key, @Nullable SecurityPolicy policy) {
        return status(interfaceName, "", key, null, PolicyStatus.EXTRA, entry(policy), "");
    }

    /** Null is an entry that our records cannot say. */
    private static KernelEntry entry(@Nullable SecurityPolicy policy) {
        return policy == null
                ? new KernelEntry("other", List.of(), 0)
                : new KernelEntry(word(policy.action()), words(policy.transforms()), policy.priority());
    }

    private static PolicyStatus status(
            String interfaceName,
            String name,
            PolicyKey key,
            @Nullable SecurityPolicy policy,
            String kernel,
            @Nullable KernelEntry entry,
            String note) {
        Selector selector = key.selector();
        return new PolicyStatus(
                interfaceName,
                name,
                key.direction().word(),
                selector.source().toString(),
                port(selector.sourcePorts()),
                selector.destination().toString(),
                port(selector.destinationPorts()),
                selector.protocol() == Selector.ANY_PROTOCOL ? "any" : Integer.toString(selector.protocol()),
                policy == null ? "none" : word(policy.action()),
                policy == null ? List.of() : words(policy.transforms()),
                policy == null ? 0 : policy.priority(),
                key.scope().words(),
                policy != null && !policy.isForKernelsAlone(),
                kernel,
                entry,
                note);
    }

    private static String port(PortRange port) {
        return port.equals(PortRange.ANY) ? "any" : Integer.toString(port.first());
    }

    private static List<String> words(List<TransformTemplate> transforms) {
        return transforms.stream().map(TransformTemplate::words).toList();
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
