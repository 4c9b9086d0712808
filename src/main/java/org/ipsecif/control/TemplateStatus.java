package org.ipsecif.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An SPD template.
 *
 * @param sections all but those of parameters, with what they have from the templates that this one extends
 * @param problem why it cannot be used; empty if it can. Then all but the name is empty
 */
public record TemplateStatus(
        String name,
        String description,
        List<ParameterStatus> parameters,
        List<SectionStatus> sections,
        String problem) {
    /**
     * What users set with {@code ipsecif_IF_template_NAME}.
     *
     * @param preset its default, or null when the user must give a value
     */
    public record ParameterStatus(
            String name, String type, @Nullable String preset, String description) {}

    /** @param lines {@code key = value} */
    public record SectionStatus(String name, List<String> lines) {}
}
