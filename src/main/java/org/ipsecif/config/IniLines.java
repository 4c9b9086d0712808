package org.ipsecif.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** On which lines the sections and keys of an INI file stand, which Commons Configuration does not tell. */
final class IniLines {
    private static final Pattern LINE = Pattern.compile("\r\n|\r|\n");
    private static final Pattern SEPARATOR = Pattern.compile("[=:]");
    private static final Pattern COMMENT = Pattern.compile("\\s[#;].*");

    /** A backslash at the end of a value, after a space or alone: the next line is part of the value. */
    private static final Pattern CONTINUES = Pattern.compile("[=:]\\s*\\\\$|\\s\\\\$");

    /** Of the second and further lines of a value. */
    private static final Pattern CONTINUES_AGAIN = Pattern.compile("^\\\\$|\\s\\\\$");

    private record Place(String section, @Nullable String key) {}

    private final Map<Place, List<Integer>> places = new HashMap<>();

    private IniLines() {}

    /** @throws ConfigException if a line looks like a section's, and is none */
    static IniLines of(String file, String text) throws ConfigException {
        IniLines lines = new IniLines();
        String section = IniFile.NO_SECTION;
        boolean continued = false;
        int number = 0;
        for (String raw : LINE.split(text, -1)) {
            number++;
            String line = raw.trim();
            if (continued) {
                continued = CONTINUES_AGAIN.matcher(withoutComment(line)).find();
            } else if (line.startsWith("[")) {
                section = sectionName(file, number, line);
                lines.add(section, null, number);
            } else if (!line.isEmpty() && !line.startsWith("#") && !line.startsWith(";")) {
                lines.add(section, SEPARATOR.split(line, 2)[0].strip(), number);
                continued = CONTINUES.matcher(withoutComment(line)).find();
            }
        }
        return lines;
    }

    private static String withoutComment(String line) {
        return COMMENT.matcher(line).replaceFirst("").strip();
    }

    private static String sectionName(String file, int number, String line) throws ConfigException {
        String name = line.endsWith("]") ? line.substring(1, line.length() - 1) : "";
        if (name.isBlank()) {
            throw new ConfigException(file, number, null, "\"" + line + "\": expected [SECTION], alone on its line");
        }
        return name;
    }

    private void add(String section, @Nullable String key, int line) {
        places.computeIfAbsent(new Place(section, key), place -> new ArrayList<>())
                .add(line);
    }

    /** Where a section begins first, or a key of it stands first; 0 if it cannot be found. */
    int first(String section, @Nullable String key) {
        List<Integer> all = places.getOrDefault(new Place(section, key), List.of());
        return all.isEmpty() ? 0 : all.get(0);
    }

    /** Where a key stands for the second time; 0 if it does not. */
    int second(String section, String key) {
        List<Integer> all = places.getOrDefault(new Place(section, key), List.of());
        return all.size() < 2 ? 0 : all.get(1);
    }
}
