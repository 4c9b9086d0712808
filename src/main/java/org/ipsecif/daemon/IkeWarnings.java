package org.ipsecif.daemon;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.IkeSettings;

/** What an administrator is warned of when IKE is configured. */
final class IkeWarnings {
    private IkeWarnings() {}

    /** Lines about weak algorithms, wildcards, and files of secrets, weak or unreadable; none if IKE is not used. */
    static List<String> of(IkeSettings settings) {
        List<String> warnings = new ArrayList<>(settings.warnings());
        warnings.addAll(ofFiles(settings));
        return warnings;
    }

    /** Those about files alone. */
    static List<String> ofFiles(IkeSettings settings) {
        if (!settings.isUsed()) {
            return List.of();
        }
        try (IkeSecrets secrets = IkeSecrets.read(settings)) {
            return secrets.warnings();
        } catch (ConfigException e) {
            return List.of("no IKE: " + e.getMessage());
        }
    }
}
