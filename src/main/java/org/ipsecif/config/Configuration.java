package org.ipsecif.config;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that the files say.
 *
 * @param enabled {@code ipsecif_enable}; the interfaces are there all the same
 * @param interfaces in the order configured; names and given reqids are unique
 * @param warnings lines for the log
 * @param adopt globs for the names of interfaces that others make and that are ours
 * @param adopted what such an interface is to be, under any name
 */
public record Configuration(
        boolean enabled,
        List<InterfaceConfig> interfaces,
        List<String> warnings,
        List<String> adopt,
        InterfaceConfig adopted) {
    /** Before anything is read. */
    public static final Configuration NONE =
            new Configuration(false, List.of(), List.of(), List.of(), InterfaceConfig.named("none"));

    public Configuration {
        interfaces = List.copyOf(interfaces);
        warnings = List.copyOf(warnings);
        adopt = List.copyOf(adopt);
    }

    /**
     * What an interface is to be that somebody else makes under this name.
     *
     * @return null if it is none of ours
     */
    public @Nullable InterfaceConfig of(String name) {
        for (InterfaceConfig each : interfaces) {
            if (each.name().equals(name)) {
                return each;
            }
        }
        return adopts(name) ? adopted.withName(name) : null;
    }

    /** Whether a glob says that it is ours. */
    public boolean adopts(String name) {
        return enabled
                && adopt.stream()
                        .anyMatch(glob -> FileSystems.getDefault()
                                .getPathMatcher("glob:" + glob)
                                .matches(Path.of(name)));
    }
}
