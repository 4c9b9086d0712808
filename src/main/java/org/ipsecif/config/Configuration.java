package org.ipsecif.config;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.ArrayList;
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
 * @param dynamic interfaces that come into being with a peer
 * @param kernelSpd the way to the kernel's SPD; null if it is not said
 */
public record Configuration(
        boolean enabled,
        List<InterfaceConfig> interfaces,
        List<String> warnings,
        List<String> adopt,
        InterfaceConfig adopted,
        Dynamic dynamic,
        @Nullable GivenSpdAccess kernelSpd) {
    /**
     * Kinds of interfaces that come into being with a peer.
     *
     * @param kinds what such an interface is to be; its name is the beginning of theirs
     * @param most of them at once, of all kinds
     */
    public record Dynamic(List<InterfaceConfig> kinds, int most) {
        static final int DEFAULT_MOST = 1_000;
        static final Dynamic NONE = new Dynamic(List.of(), DEFAULT_MOST);

        public Dynamic {
            kinds = List.copyOf(kinds);
        }
    }

    /** Before anything is read. */
    public static final Configuration NONE = new Configuration(
            false, List.of(), List.of(), List.of(), InterfaceConfig.named("none"), Dynamic.NONE, null);

    public Configuration {
        interfaces = List.copyOf(interfaces);
        warnings = List.copyOf(warnings);
        adopt = List.copyOf(adopt);
    }

    /** All that is described: interfaces, and what comes into being with a peer. */
    public List<InterfaceConfig> all() {
        List<InterfaceConfig> all = new ArrayList<>(interfaces);
        all.addAll(dynamic.kinds());
        return all;
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
