package org.ipsecif.config;

import java.util.List;

/**
 * All that the files say.
 *
 * @param enabled {@code ipsecif_enable}; the interfaces are there all the same
 * @param interfaces in the order configured; names and given reqids are unique
 * @param warnings lines for the log
 */
public record Configuration(boolean enabled, List<InterfaceConfig> interfaces, List<String> warnings) {
    public Configuration {
        interfaces = List.copyOf(interfaces);
        warnings = List.copyOf(warnings);
    }
}
