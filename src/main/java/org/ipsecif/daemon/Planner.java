package org.ipsecif.daemon;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ipsecif.config.AllowedAlgorithms;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.config.InterfaceFacts;
import org.ipsecif.config.SpdTemplate;
import org.ipsecif.sa.Direction;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.SecurityPolicyDatabase;
import org.ipsecif.sa.Selector;
import org.ipsecif.sa.TunnelEndpoints;
import org.jspecify.annotations.Nullable;

/**
 * Works out what a configuration amounts to: the template's policies, the file's SAs. Touches nothing. Control thread only: templates
 * are kept until they are to be read again.
 */
final class Planner {
    private final Path templates;
    private final AllowedAlgorithms allowed;
    private final Map<String, SpdTemplate> read = new HashMap<>();

    /**
     * @param templates directory of SPD templates
     * @param allowed what scripts of manual SAs may name
     */
    Planner(Path templates, AllowedAlgorithms allowed) {
        this.templates = templates;
        this.allowed = allowed;
    }

    /** @param config with its reqid filled in */
    InterfaceChange.Plan plan(InterfaceConfig config) throws ConfigException {
        return plan(config, config.addresses());
    }

    /** @param addresses what the interface will have, whoever gave it */
    InterfaceChange.Plan plan(InterfaceConfig config, List<InnerAddress> addresses) throws ConfigException {
        List<SecurityPolicy> policies = policies(config, addresses);
        String saFile = config.saFile();
        List<SaParameters> associations = saFile == null || config.tunnel() == null
                ? List.of()
                : SaFile.read(saFile, allowed, config.reqid(), config.tunnel());
        checkModes(String.valueOf(saFile), associations, SecurityPolicyDatabase.modeOf(policies));
        return new InterfaceChange.Plan(config, addresses, policies, associations);
    }

    /** Forgets what was read of templates, whose files may have changed. */
    void readAgain() {
        read.clear();
    }

    private SpdTemplate template(String name) throws ConfigException {
        SpdTemplate known = read.get(name);
        if (known == null) {
            known = SpdTemplate.load(templates, name);
            read.put(name, known);
        }
        return known;
    }

    /** What the template makes of these addresses. */
    List<SecurityPolicy> policies(InterfaceConfig config, List<InnerAddress> addresses) throws ConfigException {
        SpdTemplate template = template(config.template());
        if (config.tunnel() == null) {
            return List.of();
        }
        List<SecurityPolicy> policies = render(template, config, config.tunnel(), addresses);
        checkProcessed(config.template(), policies, config.tunnel());
        return policies;
    }

    static List<SecurityPolicy> render(
            SpdTemplate template, InterfaceConfig config, TunnelEndpoints tunnel, List<InnerAddress> addresses)
            throws ConfigException {
        return template.render(new InterfaceFacts(
                config.name(),
                tunnel,
                addresses,
                config.reqid(),
                config.reqid(),
                config.policies(),
                OperatingSystem.current().word()));
    }

    /** Templates can say more than this daemon can do; a policy that would be installed and then ignored is refused. */
    private static void checkProcessed(String template, List<SecurityPolicy> policies, TunnelEndpoints tunnel)
            throws ConfigException {
        IpsecMode mode = SecurityPolicyDatabase.modeOf(policies);
        for (SecurityPolicy policy : policies) {
            String problem = problem(policy, mode, tunnel);
            if (problem != null) {
                throw new ConfigException("template \"" + template + "\": policy " + policy.name() + " " + problem);
            }
        }
    }

    private static @Nullable String problem(SecurityPolicy policy, IpsecMode mode, TunnelEndpoints tunnel) {
        if (policy.transforms().size() > 1) {
            return "asks for " + policy.transforms().size() + " transforms; the daemon does one";
        }
        if (policy.transforms().isEmpty()) {
            return null;
        }
        if (policy.transforms().get(0).mode() != mode) {
            return "asks for another mode than the policies before it; an interface has one";
        }
        if (mode == IpsecMode.TRANSPORT && !isHostToHost(policy, tunnel)) {
            return "asks for transport mode, which is between " + tunnel.local() + " and " + tunnel.remote() + " only";
        }
        return null;
    }

    private static boolean isHostToHost(SecurityPolicy policy, TunnelEndpoints tunnel) {
        boolean out = policy.direction() == Direction.OUTBOUND;
        Selector selector = policy.selector();
        return selector.source().equals(IpPrefix.host(out ? tunnel.local() : tunnel.remote()))
                && selector.destination().equals(IpPrefix.host(out ? tunnel.remote() : tunnel.local()));
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

    AllowedAlgorithms allowed() {
        return allowed;
    }
}
