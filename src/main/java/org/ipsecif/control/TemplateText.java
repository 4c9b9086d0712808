package org.ipsecif.control;

import java.util.List;
import java.util.Locale;
import org.ipsecif.control.TemplateStatus.ParameterStatus;
import org.ipsecif.control.TemplateStatus.SectionStatus;

/** SPD templates as people read them. */
final class TemplateText {
    private TemplateText() {}

    /** A line for each. */
    static String table(List<TemplateStatus> templates) {
        int widest =
                templates.stream().mapToInt(each -> each.name().length()).max().orElse(0);
        StringBuilder text = new StringBuilder();
        for (TemplateStatus each : templates) {
            String about = each.problem().isEmpty() ? each.description() : "CANNOT BE USED: " + each.problem();
            text.append(String.format(Locale.ROOT, "%-" + Math.max(1, widest) + "s  %s%n", each.name(), about));
        }
        return text.toString();
    }

    /** As a template file that extends none. */
    static String file(TemplateStatus template) {
        StringBuilder text = new StringBuilder();
        for (SectionStatus section : template.sections()) {
            append(text, section.name(), section.lines());
            if (section.name().equals("template")) {
                template.parameters().forEach(each -> parameter(text, each));
            }
        }
        return text.toString();
    }

    private static void parameter(StringBuilder text, ParameterStatus parameter) {
        text.append("[param ")
                .append(parameter.name())
                .append("]\ntype = ")
                .append(parameter.type())
                .append('\n');
        if (parameter.preset() != null) {
            text.append("default = ").append(parameter.preset()).append('\n');
        }
        if (!parameter.description().isEmpty()) {
            text.append("description = ").append(parameter.description()).append('\n');
        }
        text.append('\n');
    }

    private static void append(StringBuilder text, String name, List<String> lines) {
        text.append('[').append(name).append("]\n");
        lines.forEach(line -> text.append(line).append('\n'));
        text.append('\n');
    }
}
