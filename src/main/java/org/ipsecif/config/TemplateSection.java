package org.ipsecif.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.ipsecif.sa.SecurityPolicy;
import org.jspecify.annotations.Nullable;

/** One section of a template: one policy, or one for each of something, where a condition holds. */
final class TemplateSection {
    private static final String FOR_EACH = "for-each";
    private static final String WHEN = "when";

    private final LayeredIni.Section section;
    private final ForEach forEach;
    private final @Nullable TemplateCondition when;

    private TemplateSection(LayeredIni.Section section, ForEach forEach, @Nullable TemplateCondition when) {
        this.section = section;
        this.forEach = forEach;
        this.when = when;
    }

    static TemplateSection read(LayeredIni.Section section, Collection<TemplateParameter> parameters)
            throws ConfigException {
        checkKeys(section);
        checkNames(section, parameters);
        ForEach forEach = forEach(section, parameters);
        return new TemplateSection(section, forEach, when(section, parameters, forEach));
    }

    private static void checkKeys(LayeredIni.Section section) throws ConfigException {
        List<String> known = new ArrayList<>(PolicyReader.REQUIRED);
        known.addAll(List.of(FOR_EACH, WHEN));
        known.addAll(PolicyReader.OPTIONAL);
        for (String key : section.keys()) {
            if (!known.contains(key)) {
                throw section.error(key, "unknown key; known are " + String.join(", ", known));
            }
            if (section.values(key).size() > 1 && !key.equals("transform")) {
                throw section.repeated(key);
            }
        }
        for (String key : PolicyReader.REQUIRED) {
            if (!section.has(key)) {
                throw section.error(null, "has no " + key);
            }
        }
    }

    private static void checkNames(LayeredIni.Section section, Collection<TemplateParameter> parameters)
            throws ConfigException {
        Set<String> names = new TreeSet<>();
        parameters.forEach(each -> names.add(each.name()));
        for (String key : section.keys()) {
            for (String value : section.values(key)) {
                try {
                    TemplateFacts.checkNames(value, names);
                } catch (IllegalArgumentException e) {
                    throw section.error(key, String.valueOf(e.getMessage()));
                }
            }
        }
    }

    private static ForEach forEach(LayeredIni.Section section, Collection<TemplateParameter> parameters)
            throws ConfigException {
        List<String> lists = parameters.stream()
                .filter(TemplateParameter::isList)
                .map(TemplateParameter::name)
                .toList();
        try {
            return ForEach.parse(section.value(FOR_EACH), lists);
        } catch (IllegalArgumentException e) {
            throw section.error(FOR_EACH, String.valueOf(e.getMessage()));
        }
    }

    private static @Nullable TemplateCondition when(
            LayeredIni.Section section, Collection<TemplateParameter> parameters, ForEach forEach)
            throws ConfigException {
        if (!section.has(WHEN)) {
            return null;
        }
        TemplateCondition condition = condition(section, WHEN, parameters);
        if (condition.isAboutInstances() && forEach.words().isEmpty()) {
            throw section.error(WHEN, "asks for what only a section with for-each knows");
        }
        return condition;
    }

    static TemplateCondition condition(LayeredIni.Section section, String key, Collection<TemplateParameter> parameters)
            throws ConfigException {
        Set<String> booleans = new TreeSet<>();
        parameters.stream().filter(TemplateParameter::isCondition).forEach(each -> booleans.add(each.name()));
        try {
            return TemplateCondition.parse(section.value(key), booleans);
        } catch (IllegalArgumentException e) {
            throw section.error(key, String.valueOf(e.getMessage()));
        }
    }

    List<SecurityPolicy> render(TemplateFacts once) throws ConfigException {
        List<SecurityPolicy> policies = new ArrayList<>();
        for (TemplateFacts instance : instances(once)) {
            if (when == null || when.holds(instance)) {
                policies.add(new PolicyReader(section, instance).read());
            }
        }
        return policies;
    }

    private List<TemplateFacts> instances(TemplateFacts once) throws ConfigException {
        try {
            return forEach.instances(once);
        } catch (IllegalArgumentException e) {
            throw section.error(FOR_EACH, String.valueOf(e.getMessage()));
        }
    }

    ConfigException error(String problem) {
        return section.error(null, problem);
    }
}
