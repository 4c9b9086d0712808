package org.ipsecif.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.ipsecif.sa.SecurityPolicy;

/**
 * A file of SPD entries to be, one section each, which an interface's facts turn into policies. Immutable.
 */
public final class SpdTemplate {
    private static final String SUFFIX = ".conf";
    private static final String ABOUT = "template";
    private static final Set<String> ABOUT_KEYS = Set.of("description");

    private final String name;
    private final String description;
    private final List<TemplateSection> sections;

    private SpdTemplate(String name, String description, List<TemplateSection> sections) {
        this.name = name;
        this.description = description;
        this.sections = sections;
    }

    /**
     * Reads {@code DIRECTORY/NAME.conf}.
     *
     * @throws ConfigException with file, section and key; for an unknown name, with the names there are
     */
    public static SpdTemplate load(Path directory, String name) throws ConfigException {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*") || name.contains("..")) {
            throw new ConfigException("template \"" + name + "\": expected the plain name of a template");
        }
        Path file = directory.resolve(name + SUFFIX);
        if (!Files.exists(file)) {
            throw new ConfigException(
                    "template \"" + name + "\" is not in " + directory + "; there are " + available(directory));
        }
        return parse(name, IniFile.read(file));
    }

    private static String available(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            String names = files.map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(SUFFIX))
                    .map(file -> file.substring(0, file.length() - SUFFIX.length()))
                    .sorted()
                    .collect(Collectors.joining(", "));
            return names.isEmpty() ? "none" : names;
        } catch (IOException e) {
            return "none (" + e.getMessage() + ")";
        }
    }

    static SpdTemplate parse(String name, IniFile ini) throws ConfigException {
        List<TemplateSection> sections = new ArrayList<>();
        for (String section : ini.sectionNames()) {
            if (section.equals(ABOUT)) {
                checkAbout(ini);
            } else if (section.equals(IniFile.NO_SECTION)) {
                String key = ini.section(section).keySet().iterator().next();
                throw ini.error(section, key, "stands before the first [section]");
            } else {
                sections.add(TemplateSection.read(ini, section));
            }
        }
        if (sections.isEmpty()) {
            throw ini.error("", null, "has no policy: expected at least one [section] with a direction");
        }
        String description = String.join(" ", ini.section(ABOUT).getOrDefault("description", List.of()));
        return new SpdTemplate(name, description, List.copyOf(sections));
    }

    private static void checkAbout(IniFile ini) throws ConfigException {
        for (String key : ini.section(ABOUT).keySet()) {
            if (!ABOUT_KEYS.contains(key)) {
                throw ini.error(ABOUT, key, "unknown key; known is description");
            }
        }
    }

    public String name() {
        return name;
    }

    /** What its author says of it, perhaps empty. */
    public String description() {
        return description;
    }

    /** The policies of an interface, in the order of the sections. @throws ConfigException with file, section and key */
    public List<SecurityPolicy> render(InterfaceFacts facts) throws ConfigException {
        List<SecurityPolicy> policies = new ArrayList<>();
        for (TemplateSection section : sections) {
            policies.addAll(section.render(facts));
        }
        return policies;
    }
}
