package org.ipsecif.config;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A parameter of a template: its section {@code [param NAME]}.
 *
 * @param type such as {@code number}
 * @param preset its value when the user gives none, or null when the user must
 */
public record TemplateParameter(
        String name, String type, @Nullable String preset, String description) {
    static final String SECTION = "param ";

    /** As a word, and after {@code ipsecif_IF_template_} a variable's name. */
    static final String NAME = "[a-z][a-z0-9_]{0,31}";

    private static final List<String> KEYS = List.of("type", "default", "description");

    static TemplateParameter read(LayeredIni.Section section) throws ConfigException {
        String name = section.name().substring(SECTION.length()).strip();
        if (!name.matches(NAME)) {
            throw section.error(null, "expected a name of small letters, digits and '_' after \"param\"");
        }
        for (String key : section.keys()) {
            if (!KEYS.contains(key)) {
                throw section.error(key, "unknown key; known are " + String.join(", ", KEYS));
            }
            if (section.values(key).size() > 1 && !key.equals("description")) {
                throw section.repeated(key);
            }
        }
        String type = section.value("type");
        if (!ParameterType.words().contains(type)) {
            throw section.error(
                    section.has("type") ? "type" : null,
                    "\"" + type + "\" is no type; expected one of " + String.join(", ", ParameterType.words()));
        }
        String description = String.join(" ", section.values("description"));
        return new TemplateParameter(name, type, preset(section, type), description);
    }

    private static @Nullable String preset(LayeredIni.Section section, String type) throws ConfigException {
        if (!section.has("default")) {
            return null;
        }
        try {
            return type(type).check(section.value("default"));
        } catch (IllegalArgumentException e) {
            throw section.error("default", String.valueOf(e.getMessage()));
        }
    }

    private static ParameterType type(String word) {
        return ParameterType.valueOf(word.toUpperCase(Locale.ROOT));
    }

    boolean isList() {
        return type.equals(ParameterType.NETWORKS.word());
    }

    boolean isCondition() {
        return type.equals(ParameterType.BOOLEAN.word());
    }

    /** The value for an interface. @throws ConfigException with the place of a wrong one, or that it is missing */
    String value(Map<String, GivenParameter> given, InterfaceFacts facts) throws ConfigException {
        GivenParameter value = given.get(name);
        if (value != null) {
            try {
                return type(type).check(value.value());
            } catch (IllegalArgumentException e) {
                throw value.error(String.valueOf(e.getMessage()));
            }
        }
        if (preset == null) {
            throw new ConfigException("template \"" + facts.settings().name() + "\" has no default for its parameter "
                    + name + (description.isEmpty() ? "" : " (" + description + ")") + "; set ipsecif_"
                    + InterfaceName.inVariable(facts.name()) + "_template_" + name);
        }
        return preset;
    }
}
