package org.ipsecif.daemon;

import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ipsecif.config.AllowedAlgorithms;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.GivenParameter;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.config.InterfaceFacts;
import org.ipsecif.config.ProcessedPolicies;
import org.ipsecif.config.SpdTemplate;
import org.ipsecif.platform.KernelCopies;
import org.ipsecif.platform.KernelCopy;
import org.ipsecif.platform.Platform;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.SecurityPolicyDatabase;
import org.ipsecif.sa.TunnelEndpoints;

/**
 * Works out what a configuration amounts to: the template's policies, the file's SAs. Touches nothing. Control thread only: templates
 * are kept until they are to be read again.
 */
final class Planner {
    private final Path templates;
    private final AllowedAlgorithms allowed;
    private final Platform platform;
    private KernelCopies copies;
    private final Map<String, SpdTemplate> read = new HashMap<>();

    /**
     * @param templates directory of SPD templates
     * @param allowed what scripts of manual SAs may name
     * @param platform is asked what it can do, and nothing else
     */
    Planner(Path templates, AllowedAlgorithms allowed, Platform platform) {
        this.templates = templates;
        this.allowed = allowed;
        this.platform = platform;
        this.copies = platform.kernelCopies();
    }

    /** What the kernel turned out to be able to hold. */
    void setCopies(KernelCopies next) {
        copies = next;
    }

    /** @param config with its reqid filled in */
    InterfaceChange.Plan plan(InterfaceConfig config) throws ConfigException {
        return plan(config, config.addresses());
    }

    /** @param addresses what the interface will have, whoever gave it */
    InterfaceChange.Plan plan(InterfaceConfig config, List<InnerAddress> addresses) throws ConfigException {
        if (!platform.reqids().allows(config.reqid())) {
            throw new ConfigException(config.name() + ": reqid " + Integer.toUnsignedString(config.reqid())
                    + ": expected at most "
                    + Integer.toUnsignedString(platform.reqids().lastFixed())
                    + ", for this system's kernel gives out greater ones itself");
        }
        RoutingTables.check(config, platform);
        InterfaceChange.Plan plan = planWith(config, addresses, List.of());
        if (config.ike().isUsed()) {
            SecretFiles.read(config).close(); // before anything changes
        }
        String saFile = config.saFile();
        List<SaParameters> associations =
                saFile == null || config.tunnel() == null ? List.of() : associations(config, saFile, config.tunnel());
        checkModes(String.valueOf(saFile), associations, SecurityPolicyDatabase.modeOf(plan.policies()));
        return new InterfaceChange.Plan(config, addresses, plan.policies(), plan.copy(), associations);
    }

    private List<SaParameters> associations(InterfaceConfig config, String saFile, TunnelEndpoints tunnel)
            throws ConfigException {
        try {
            return SaFile.read(saFile, allowed, config.reqid(), tunnel);
        } catch (ConfigException e) {
            throw e.of("sa_file", config.name());
        }
    }

    /** Likewise with these SAs, whatever files say. */
    InterfaceChange.Plan planWith(InterfaceConfig config, List<InnerAddress> addresses, List<SaParameters> associations)
            throws ConfigException {
        List<SecurityPolicy> policies = policies(config, addresses);
        return new InterfaceChange.Plan(config, addresses, policies, copy(config, addresses, policies), associations);
    }

    /** Whether all of these can be at once. */
    void checkTogether(Collection<InterfaceConfig> wanted) throws ConfigException {
        RoutingTables.checkTogether(wanted, platform);
    }

    /** Forgets what was read of templates, whose files may have changed. */
    void readAgain() {
        read.clear();
    }

    private SpdTemplate template(GivenParameter name) throws ConfigException {
        SpdTemplate known = read.get(name.value());
        if (known == null) {
            try {
                known = SpdTemplate.load(templates, name.value());
            } catch (ConfigException e) {
                throw name.because(e);
            }
            read.put(name.value(), known);
        }
        return known;
    }

    /** What the template makes of these addresses. */
    private List<SecurityPolicy> policies(InterfaceConfig config, List<InnerAddress> addresses) throws ConfigException {
        SpdTemplate template = template(config.policies().template());
        if (config.tunnel() == null) {
            return List.of();
        }
        List<SecurityPolicy> policies = render(template, config, config.tunnel(), addresses);
        try {
            new ProcessedPolicies(config.tunnel(), config.reqid()).check(config.template(), policies);
        } catch (ConfigException e) {
            throw config.policies().template().because(e);
        }
        return policies;
    }

    /**
     * What the kernel's SPD is to hold of these policies.
     *
     * @throws ConfigException if the way to the kernel's cannot say one, which is known before anything is made; or if one is to discard what
     *     only a kernel sees, and this kernel cannot: what was to be refused would pass
     */
    KernelCopy copy(InterfaceConfig config, List<InnerAddress> addresses, List<SecurityPolicy> policies)
            throws ConfigException {
        TunnelEndpoints tunnel = config.tunnel();
        if (tunnel == null) {
            return KernelCopy.EMPTY;
        }
        KernelCopy copy = copies.of(
                policies,
                new KernelCopies.Facts(
                        tunnel,
                        addresses,
                        config.policies().localNetworks(),
                        config.policies().remoteNetworks()));
        for (KernelCopy.OfPolicy each : copy.policies()) {
            SecurityPolicy policy = each.policy();
            if (policy.isForKernelsAlone()
                    && policy.action() == PolicyAction.DISCARD
                    && each.entries().isEmpty()) {
                ConfigException reason = new ConfigException("template \"" + config.template() + "\": policy "
                        + policy.name() + " is for the kernel to carry out, and this one cannot: " + each.reason());
                throw config.policies().template().because(reason);
            }
            for (SecurityPolicy entry : each.entries()) {
                String refusal = copies.refusal(entry);
                if (refusal != null) {
                    throw config.policies()
                            .template()
                            .because(new ConfigException("template \"" + config.template() + "\" of " + config.name()
                                    + ": the kernel's SPD cannot have policy " + policy.name() + ": " + refusal));
                }
            }
        }
        return copy;
    }

    List<SecurityPolicy> render(
            SpdTemplate template, InterfaceConfig config, TunnelEndpoints tunnel, List<InnerAddress> addresses)
            throws ConfigException {
        return template.render(new InterfaceFacts(
                config.name(),
                tunnel,
                addresses,
                config.reqid(),
                config.reqid(),
                config.policies(),
                platform.system()));
    }

    /** An SA that no policy of the interface could use would only seem to be one. */
    private static void checkModes(String saFile, List<SaParameters> associations, IpsecMode mode)
            throws ConfigException {
        for (SaParameters sa : associations) {
            if (!sa.mode().serves(mode)) {
                throw new ConfigException(saFile + ": SA " + sa + " is of "
                        + sa.mode().word() + " mode, the template's policies are of " + mode.word() + " mode");
            }
        }
    }

    Path templates() {
        return templates;
    }

    /** In place of an automatic one that is not known yet. */
    int someReqid() {
        return platform.reqids().firstAutomatic();
    }

    /** As templates name it. */
    String system() {
        return platform.system();
    }

    AllowedAlgorithms allowed() {
        return allowed;
    }
}
