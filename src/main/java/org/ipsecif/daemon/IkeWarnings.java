package org.ipsecif.daemon;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.InterfaceConfig;

/** What an administrator is warned of when IKE is configured. */
final class IkeWarnings {
    private IkeWarnings() {}

    /** Lines about weak algorithms, wildcards, and files of secrets, weak or unreadable; none if IKE is not used. */
    static List<String> of(InterfaceConfig config) {
        List<String> warnings = new ArrayList<>(config.ike().warnings());
        warnings.addAll(ofFiles(config));
        return warnings;
    }

    /** Those about files alone. */
    static List<String> ofFiles(InterfaceConfig config) {
        if (!config.ike().isUsed()) {
            return List.of();
        }
        try (IkeSecrets secrets = SecretFiles.read(config)) {
            return secrets.warnings();
        } catch (ConfigException e) {
            return List.of("no IKE: " + e.getMessage());
        }
    }
}
