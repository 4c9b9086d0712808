package org.ipsecif.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.ipsecif.sa.PolicyKey;
import org.ipsecif.sa.SecurityPolicy;
import org.jspecify.annotations.Nullable;

/**
 * A file of SPD entries to be, one section each, which an interface's facts turn into policies (docs/templates.md).
 * Immutable.
 */
public final class SpdTemplate {
    /** Bytes of a file. */
    public static final int MAX_BYTES = IniFile.MAX_BYTES;

    static final String ABOUT = "template";

    private static final String REQUIRES = "requires";
    private static final List<String> ABOUT_KEYS = List.of("description", TemplateFiles.EXTENDS, REQUIRES);

    /** What to set where a condition of {@code requires} does not hold. */
    private static final Map<String, String> REMEDIES = Map.of(
            "has remote-network", "; remote_networks lists them",
            "has local-network", "; local_networks lists them",
            "has inner", "; it has no inner address",
            "key set", "; set key, or ikey and okey",
            "key in", "; set ikey or key",
            "key out", "; set okey or key");

    private final String name;
    private final LayeredIni ini;
    private final Map<String, TemplateParameter> parameters = new TreeMap<>();
    private final List<TemplateSection> sections = new ArrayList<>();
    private final @Nullable TemplateCondition requires;

    private SpdTemplate(String name, List<IniFile> files) throws ConfigException {
        this.name = name;
        this.ini = new LayeredIni(files);
        for (LayeredIni.Section section : ini.sections()) {
            if (section.name().startsWith(TemplateParameter.SECTION)) {
                TemplateParameter parameter = TemplateParameter.read(section);
                parameters.put(parameter.name(), parameter);
            }
        }
        this.requires = requires(ini.section(ABOUT));
        readPolicies();
    }

    /**
     * Reads {@code DIRECTORY/NAME.conf}, and what it extends from the same directory.
     *
     * @throws ConfigException with file, section and key; for an unknown name, with the names there are
     */
    public static SpdTemplate load(Path directory, String name) throws ConfigException {
        return new SpdTemplate(name, new TemplateFiles(List.of(directory)).read(name));
    }

    /** The names of the templates in a directory, sorted. */
    public static List<String> names(Path directory) {
        return new TemplateFiles(List.of(directory)).names();
    }

    /**
     * Reads a template that is in no directory yet.
     *
     * @param origin its name for messages
     * @param directory of the templates that it may extend
     */
    public static SpdTemplate check(String origin, String text, Path directory) throws ConfigException {
        if (text.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw IniFile.tooLong(origin);
        }
        IniFile file = IniFile.parse(origin, text);
        return new SpdTemplate(origin, new TemplateFiles(List.of(directory)).withBases(origin, file));
    }

    /** @param layers what it extends first */
    static SpdTemplate parse(String name, IniFile... layers) throws ConfigException {
        return new SpdTemplate(name, List.of(layers));
    }

    private @Nullable TemplateCondition requires(LayeredIni.Section about) throws ConfigException {
        for (String key : about.keys()) {
            if (!ABOUT_KEYS.contains(key)) {
                throw about.error(key, "unknown key; known are " + String.join(", ", ABOUT_KEYS));
            }
            if (about.values(key).size() > 1 && !key.equals("description")) {
                throw about.repeated(key);
            }
        }
        if (!about.has(REQUIRES)) {
            return null;
        }
        TemplateCondition condition = TemplateSection.condition(about, REQUIRES, parameters.values());
        if (condition.isAboutInstances()) {
            throw about.error(REQUIRES, "asks for what only a section with for-each knows");
        }
        return condition;
    }

    private void readPolicies() throws ConfigException {
        for (LayeredIni.Section section : ini.sections()) {
            if (section.name().equals(IniFile.NO_SECTION)) {
                String key = section.keys().stream().findFirst().orElse(null);
                throw section.error(
                        key,
                        key == null
                                ? "a key without a value stands before the first [section]"
                                : "stands before the first [section]");
            }
            if (!section.name().equals(ABOUT) && !section.name().startsWith(TemplateParameter.SECTION)) {
                sections.add(TemplateSection.read(section, parameters.values()));
            }
        }
        if (sections.isEmpty()) {
            throw ini.error("has no policy: expected at least one [section] with a direction");
        }
    }

    public String name() {
        return name;
    }

    /** What its author says of it, perhaps empty. */
    public String description() {
        return String.join(" ", ini.section(ABOUT).values("description"));
    }

    /**
     * One section as it is after what the template extends.
     *
     * @param lines {@code key = value}
     */
    public record SectionText(String name, List<String> lines) {
        public SectionText {
            lines = List.copyOf(lines);
        }
    }

    /** All sections but those of parameters, in their order; {@code [template]} first. */
    public List<SectionText> sections() {
        List<SectionText> texts = new ArrayList<>();
        for (LayeredIni.Section section : ini.sections()) {
            if (!section.name().startsWith(TemplateParameter.SECTION)) {
                List<String> lines = new ArrayList<>();
                section.keys().forEach(key -> section.values(key).forEach(value -> lines.add(key + " = " + value)));
                texts.add(
                        texts.size() > 0 && section.name().equals(ABOUT) ? 0 : texts.size(),
                        new SectionText(section.name(), lines));
            }
        }
        return texts;
    }

    /** How many sections describe policies. */
    public int policySections() {
        return sections.size();
    }

    /** In the order of their names. */
    public List<TemplateParameter> parameters() {
        return List.copyOf(parameters.values());
    }

    /**
     * The policies of an interface, in the order of the sections; none twice.
     *
     * @throws ConfigException with file, section and key, or the place of a wrong parameter
     */
    public List<SecurityPolicy> render(InterfaceFacts facts) throws ConfigException {
        TemplateFacts once = TemplateFacts.of(facts, values(facts));
        try {
            return render(once);
        } catch (ConfigException e) {
            throw facts.settings().template().because(e);
        }
    }

    private List<SecurityPolicy> render(TemplateFacts once) throws ConfigException {
        String unmet = unmet(once);
        if (unmet != null) {
            throw ini.section(ABOUT)
                    .error(
                            REQUIRES,
                            "\"" + unmet + "\" does not hold for "
                                    + once.ofInterface().name() + REMEDIES.getOrDefault(unmet, ""));
        }
        Map<PolicyKey, SecurityPolicy> policies = new LinkedHashMap<>();
        for (TemplateSection section : sections) {
            for (SecurityPolicy policy : section.render(once)) {
                add(policies, policy, section);
            }
        }
        return List.copyOf(policies.values());
    }

    private @Nullable String unmet(TemplateFacts once) {
        return requires == null ? null : requires.unmet(once);
    }

    /** Whether an interface has what the template requires. */
    boolean suits(InterfaceFacts facts) throws ConfigException {
        return unmet(TemplateFacts.of(facts, values(facts))) == null;
    }

    /** The kernels know a policy by what it selects: of two that differ in the rest alone they take one. */
    private static void add(Map<PolicyKey, SecurityPolicy> policies, SecurityPolicy policy, TemplateSection section)
            throws ConfigException {
        SecurityPolicy other = policies.putIfAbsent(PolicyKey.of(policy), policy);
        if (other != null && !other.hasSameEffect(policy)) {
            throw section.error(
                    policy.name() + " and " + other.name() + " select the same packets, with another outcome");
        }
    }

    private Map<String, String> values(InterfaceFacts facts) throws ConfigException {
        Map<String, GivenParameter> given = facts.settings().parameters();
        for (Map.Entry<String, GivenParameter> each : new TreeMap<>(given).entrySet()) {
            if (!parameters.containsKey(each.getKey())) {
                throw each.getValue()
                        .error("template \"" + name + "\" has no parameter " + each.getKey() + "; it has "
                                + (parameters.isEmpty() ? "none" : String.join(", ", parameters.keySet())));
            }
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (TemplateParameter parameter : parameters.values()) {
            values.put(parameter.name(), parameter.value(given, facts));
        }
        return values;
    }
}
