package org.ipsecif.config;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * ipsecif.conf: an INI file with {@code include = GLOB} and {@code adopt = GLOB} and such before its sections, {@code [defaults]} for all interfaces, and
 * {@code [interface NAME]} for those that no rc.conf describes, {@code [dynamic NAME%d]} for those that come into being with a peer.
 */
final class IpsecifConf {
    static final IpsecifConf EMPTY = new IpsecifConf();

    private static final String DEFAULTS = "defaults";
    private static final String INTERFACE = "interface ";
    private static final String DYNAMIC = "dynamic ";
    private static final String DYNAMIC_MAX = "dynamic_max";
    private static final Set<String> DEFAULT_KEYS =
            new TreeSet<>(Set.of("mtu", "template", "encap", FibNumbers.INNER, FibNumbers.TUNNEL));
    private static final Set<String> INTERFACE_KEYS =
            new TreeSet<>(Set.of("sa_file", "reqid", "tunnel", "inner", "state", "description", "key", "ikey", "okey"));

    private static final Set<String> TOP_KEYS = new TreeSet<>(Set.of("adopt", "include", DYNAMIC_MAX, SpdAccess.KEY));

    /** Those that a section may have more than once. */
    private static final Set<String> REPEATED = Set.of("inner", "include", "adopt");

    private static final Pattern GLOB = Pattern.compile("[A-Za-z0-9_.*?\\[\\]!-]+");

    static {
        DEFAULT_KEYS.addAll(PacketWords.KNOWN);
        DEFAULT_KEYS.addAll(IkeWords.KNOWN);
        DEFAULT_KEYS.addAll(Set.of(IfconfigWords.LOCAL_NETWORKS, IfconfigWords.REMOTE_NETWORKS));
        INTERFACE_KEYS.addAll(DEFAULT_KEYS);
    }

    private record Section(IniFile file, String name) {
        Map<String, List<String>> keys() {
            return file.section(name);
        }

        ConfigException error(Contradiction contradiction) {
            String word = contradiction.word();
            return keys().containsKey(word)
                    ? file.error(name, word, contradiction.problem())
                    : file.error(name, null, word + ": " + contradiction.problem());
        }

        GivenParameter given(String key, String value) {
            return new GivenParameter(value, file.file(), file.lineOf(name, key), "[" + name + "] " + key);
        }
    }

    private final List<Section> defaults = new ArrayList<>();
    private final Map<String, Section> interfaces = new LinkedHashMap<>();
    private final Map<String, Section> kinds = new LinkedHashMap<>();
    private final List<String> adopt = new ArrayList<>();
    private @Nullable Integer most;
    private @Nullable GivenSpdAccess kernelSpd;

    private IpsecifConf() {}

    static IpsecifConf read(Path file) throws ConfigException {
        IpsecifConf conf = new IpsecifConf();
        conf.add(file, true);
        return conf;
    }

    private void add(Path file, boolean mayInclude) throws ConfigException {
        IniFile ini = IniFile.read(file);
        for (String name : ini.sectionNames()) {
            Section section = new Section(ini, name);
            if (name.equals(IniFile.NO_SECTION)) {
                checkKeys(section, TOP_KEYS);
                addGlobs(section);
                addMost(section);
                addKernelSpd(section);
            } else if (name.equals(DEFAULTS)) {
                checkKeys(section, DEFAULT_KEYS);
                defaults.add(section);
            } else if (name.startsWith(INTERFACE)) {
                checkKeys(section, INTERFACE_KEYS);
                addInterface(section, name.substring(INTERFACE.length()).strip());
            } else if (name.startsWith(DYNAMIC)) {
                checkKeys(section, INTERFACE_KEYS);
                addKind(section, name.substring(DYNAMIC.length()).strip());
            } else {
                throw ini.error(
                        name, null, "unknown section; known are [defaults], [interface NAME] and [dynamic NAME%d]");
            }
        }
        for (String glob : ini.section(IniFile.NO_SECTION).getOrDefault("include", List.of())) {
            if (!mayInclude) {
                throw ini.error(IniFile.NO_SECTION, "include", "an included file includes no other");
            }
            include(ini, file, glob);
        }
    }

    private void addInterface(Section section, String name) throws ConfigException {
        try {
            InterfaceName.check(name);
        } catch (ConfigException e) {
            throw section.file().error(section.name(), null, String.valueOf(e.getMessage()));
        }
        if (interfaces.putIfAbsent(name, section) != null) {
            throw section.file().error(section.name(), null, "the interface has a section already");
        }
    }

    private void addKind(Section section, String name) throws ConfigException {
        try {
            String kind = DynamicKinds.beginning(name);
            if (kinds.putIfAbsent(kind, section) != null) {
                throw DynamicKinds.wrongName(name);
            }
        } catch (ConfigException e) {
            throw section.file().error(section.name(), null, String.valueOf(e.getMessage()));
        }
    }

    private void addMost(Section section) throws ConfigException {
        for (String value : section.keys().getOrDefault(DYNAMIC_MAX, List.of())) {
            if (most != null) {
                throw section.file().error(section.name(), DYNAMIC_MAX, "is in another file already");
            }
            try {
                most = DynamicKinds.most(value);
            } catch (ConfigException e) {
                throw section.file().error(section.name(), DYNAMIC_MAX, String.valueOf(e.getMessage()));
            }
        }
    }

    private void addKernelSpd(Section section) throws ConfigException {
        for (String value : section.keys().getOrDefault(SpdAccess.KEY, List.of())) {
            if (kernelSpd != null) {
                throw section.file().error(section.name(), SpdAccess.KEY, "is in another file already");
            }
            try {
                kernelSpd = new GivenSpdAccess(
                        SpdAccess.parse(value),
                        section.file().file(),
                        section.file().lineOf(section.name(), SpdAccess.KEY));
            } catch (ConfigException e) {
                throw section.file().error(section.name(), SpdAccess.KEY, String.valueOf(e.getMessage()));
            }
        }
    }

    /** Null if it is not said. */
    @Nullable
    GivenSpdAccess kernelSpd() {
        return kernelSpd;
    }

    private static void checkKeys(Section section, Set<String> known) throws ConfigException {
        for (Map.Entry<String, List<String>> entry : section.keys().entrySet()) {
            String key = entry.getKey();
            boolean isParameter = known.contains("template") && key.startsWith(IfconfigWords.TEMPLATE_PARAMETER);
            if (!known.contains(key) && !isParameter) {
                throw section.file().error(section.name(), key, "unknown key; known are " + String.join(", ", known));
            }
            if (entry.getValue().size() > 1 && !REPEATED.contains(key)) {
                throw section.file().repeated(section.name(), key);
            }
        }
    }

    /** Names with {@code *}, {@code ?} and {@code [...]}, as for a shell. */
    private void addGlobs(Section section) throws ConfigException {
        for (String value : section.keys().getOrDefault("adopt", List.of())) {
            for (String glob : RcConfInterfaces.words(value)) {
                checkGlob(section, glob);
                adopt.add(glob);
            }
        }
    }

    private static void checkGlob(Section section, String glob) throws ConfigException {
        if (!GLOB.matcher(glob).matches()) {
            throw section.file()
                    .error(section.name(), "adopt", "\"" + glob + "\": expected interface names with *, ? and [...]");
        }
        try {
            FileSystems.getDefault().getPathMatcher("glob:" + glob);
        } catch (PatternSyntaxException e) {
            throw section.file().error(section.name(), "adopt", "\"" + glob + "\": " + e.getDescription());
        }
    }

    /** Globs for the names of interfaces that others make and that are ours. */
    List<String> adopt() {
        return adopt;
    }

    private static Path beside(Path file, String name) throws ConfigException {
        try {
            return file.resolveSibling(name);
        } catch (InvalidPathException e) {
            throw new ConfigException("no name of a file: " + e.getReason());
        }
    }

    /** {@code conf.d/*.conf}, relative to the including file, in the order of names. */
    private void include(IniFile ini, Path from, String glob) throws ConfigException {
        Path pattern;
        try {
            pattern = beside(from, glob);
        } catch (ConfigException e) {
            throw ini.error(IniFile.NO_SECTION, "include", String.valueOf(e.getMessage()));
        }
        Path directory = pattern.getParent();
        List<Path> files = new ArrayList<>();
        if (directory == null || !Files.isDirectory(directory)) {
            throw ini.error(IniFile.NO_SECTION, "include", "no such directory: " + directory);
        }
        try (DirectoryStream<Path> found =
                Files.newDirectoryStream(directory, pattern.getFileName().toString())) {
            found.forEach(files::add);
        } catch (IOException | PatternSyntaxException e) {
            throw ini.error(IniFile.NO_SECTION, "include", "cannot be followed: " + e.getMessage());
        }
        files.sort(null);
        for (Path file : files) {
            add(file, false);
        }
    }

    List<String> interfaceNames() {
        return List.copyOf(interfaces.keySet());
    }

    /** An error about an interface's section. */
    ConfigException error(String interfaceName, String problem) {
        Section section = interfaces.get(interfaceName);
        return section == null ? new ConfigException(problem) : section.file().error(section.name(), null, problem);
    }

    InterfaceConfig applyDefaults(InterfaceConfig config) throws ConfigException {
        InterfaceConfig result = config;
        for (Section section : defaults) {
            IkeSettings before = result.ike();
            result = apply(result, section);
            result = result.withIke(
                    withoutImplied(before, result.ike(), section.keys().containsKey(IkeWords.KEYING)));
        }
        return result;
    }

    /**
     * Of IKE's words only an interface's own say that IKE keys it; {@code keying = manual} for all is to say nothing.
     */
    private static IkeSettings withoutImplied(IkeSettings before, IkeSettings after, boolean said) {
        Keying keying = said ? after.keying() : before.keying();
        return after.withKeying(keying == Keying.MANUAL ? null : keying);
    }

    InterfaceConfig read(String name) throws ConfigException {
        InterfaceConfig config = applyDefaults(InterfaceConfig.named(name));
        Section section = interfaces.get(name);
        return section == null ? config : read(config, section);
    }

    private static InterfaceConfig read(InterfaceConfig config, Section section) throws ConfigException {
        InterfaceConfig result = apply(config, section);
        Contradiction contradiction = Contradiction.of(result);
        if (contradiction != null) {
            throw section.error(contradiction);
        }
        return result;
    }

    /**
     * Interfaces that come into being with a peer.
     *
     * @param others kinds that rc.conf has
     */
    List<InterfaceConfig> readDynamic(Collection<String> others) throws ConfigException {
        List<InterfaceConfig> read = new ArrayList<>();
        for (Map.Entry<String, Section> each : kinds.entrySet()) {
            Section section = each.getValue();
            InterfaceConfig config = read(applyDefaults(InterfaceConfig.named(each.getKey())), section);
            String problem = others.contains(each.getKey())
                    ? "rc.conf describes this kind already; keep one of the two"
                    : DynamicKinds.problem(config);
            if (problem != null) {
                throw section.file().error(section.name(), null, problem);
            }
            read.add(config);
        }
        return read;
    }

    /** How many of them there may be; null if it is not said. */
    @Nullable
    Integer dynamicMost() {
        return most;
    }

    /** What an interface is to be about which nothing is said but that it is ours. */
    InterfaceConfig readAdopted() throws ConfigException {
        InterfaceConfig config = read("adopted");
        Contradiction contradiction = Contradiction.of(config);
        if (contradiction != null && !adopt.isEmpty() && !defaults.isEmpty()) {
            throw defaults.get(defaults.size() - 1).error(contradiction);
        }
        return config;
    }

    private static InterfaceConfig apply(InterfaceConfig config, Section section) throws ConfigException {
        InterfaceConfig result = applyTemplate(config, section);
        for (Map.Entry<String, List<String>> entry : section.keys().entrySet()) {
            if (entry.getKey().equals("template") || entry.getKey().startsWith(IfconfigWords.TEMPLATE_PARAMETER)) {
                continue;
            }
            for (String value : entry.getValue()) {
                try {
                    result = set(
                            result,
                            entry.getKey(),
                            value,
                            Path.of(section.file().file()));
                } catch (ConfigException e) {
                    throw section.file().error(section.name(), entry.getKey(), String.valueOf(e.getMessage()));
                }
            }
        }
        return section.keys().containsKey("state") ? set(result, section) : result;
    }

    /** The template first, since its parameters are its own. */
    private static InterfaceConfig applyTemplate(InterfaceConfig config, Section section) throws ConfigException {
        InterfaceConfig result = config;
        for (String template : section.keys().getOrDefault("template", List.of())) {
            result = result.withPolicies(result.policies().withTemplate(section.given("template", template)));
        }
        for (Map.Entry<String, List<String>> entry : section.keys().entrySet()) {
            String key = entry.getKey();
            if (key.startsWith(IfconfigWords.TEMPLATE_PARAMETER)) {
                String value = entry.getValue().get(0);
                result = IfconfigWords.withParameter(result, key, section.given(key, value));
            }
        }
        return result;
    }

    /** Last, since an address brings an interface up. */
    private static InterfaceConfig set(InterfaceConfig config, Section section) throws ConfigException {
        return set(
                config,
                "state",
                section.keys().getOrDefault("state", List.of("up")).get(0),
                Path.of(""));
    }

    /**
     * One setting, under the name it has in ipsecif.conf and, as {@code ipsecif_IF_NAME}, in rc.conf.
     *
     * @param file which names the setting: relative paths start beside it
     */
    static InterfaceConfig set(InterfaceConfig config, String setting, String value, Path file) throws ConfigException {
        return switch (setting) {
            case "sa_file" -> config.withSaFile(beside(file, value).toString());
            case "description" -> config.withDescription(value);
            case "inner" -> IfconfigWords.applyPart(config, RcConfInterfaces.words(value));
            case IfconfigWords.LOCAL_NETWORKS, IfconfigWords.REMOTE_NETWORKS ->
                IfconfigWords.applyPart(config, List.of(setting, value));
            case "state" -> {
                if (!value.equals("up") && !value.equals("down")) {
                    throw new ConfigException("\"" + value + "\" is not up or down");
                }
                yield config.withUp(value.equals("up"));
            }
            default ->
                IkeWords.takes(setting, value.strip())
                        ? config.withIke(IkeWords.apply(config.ike(), setting, value, file))
                        : IfconfigWords.applySetting(config, setting, RcConfInterfaces.words(value));
        };
    }
}
