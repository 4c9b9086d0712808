package org.ipsecif.daemon;

import java.nio.file.Path;
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
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpsecMode;
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
    private final String system;
    private final Map<String, SpdTemplate> read = new HashMap<>();

    /**
     * @param templates directory of SPD templates
     * @param allowed what scripts of manual SAs may name
     * @param system as templates name it
     */
    Planner(Path templates, AllowedAlgorithms allowed, String system) {
        this.templates = templates;
        this.allowed = allowed;
        this.system = system;
    }

    /** @param config with its reqid filled in */
    InterfaceChange.Plan plan(InterfaceConfig config) throws ConfigException {
        return plan(config, config.addresses());
    }

    /** @param addresses what the interface will have, whoever gave it */
    InterfaceChange.Plan plan(InterfaceConfig config, List<InnerAddress> addresses) throws ConfigException {
        List<SecurityPolicy> policies = policies(config, addresses);
        if (config.ike().isUsed()) {
            IkeSecrets.read(config.ike()).close(); // before anything changes
        }
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
    List<SecurityPolicy> policies(InterfaceConfig config, List<InnerAddress> addresses) throws ConfigException {
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
                system));
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

    /** As templates name it. */
    String system() {
        return system;
    }

    AllowedAlgorithms allowed() {
        return allowed;
    }
}
