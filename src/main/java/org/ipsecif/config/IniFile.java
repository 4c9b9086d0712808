package org.ipsecif.config;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.apache.commons.configuration2.INIConfiguration;
import org.apache.commons.configuration2.SubnodeConfiguration;
import org.apache.commons.configuration2.ex.ConfigurationException;
import org.apache.commons.configuration2.interpol.ConfigurationInterpolator;
import org.jspecify.annotations.Nullable;

/** An INI file as Commons Configuration reads it, with every interpolation off: sections of keys with raw values. */
final class IniFile {
    /** Keys that stand before the first section. */
    static final String NO_SECTION = "";

    private final String file;
    private final String text;
    private final Map<String, Map<String, List<String>>> sections = new LinkedHashMap<>();

    private IniFile(String file, String text) {
        this.file = file;
        this.text = text;
    }

    static IniFile read(Path file) throws ConfigException {
        try {
            return parse(file.toString(), new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            throw new ConfigException(file.toString(), 0, null, "no such file");
        } catch (IOException e) {
            throw new ConfigException(file.toString(), 0, null, "cannot be read: " + e.getMessage());
        }
    }

    static IniFile parse(String file, String text) throws ConfigException {
        INIConfiguration ini = new INIConfiguration();
        ini.setInterpolator(new ConfigurationInterpolator());
        IniFile parsed = new IniFile(file, text);
        try {
            ini.read(new StringReader(text));
        } catch (ConfigurationException | IOException | RuntimeException e) {
            throw new ConfigException(file, 0, null, "is not an INI file: " + e.getMessage());
        }
        for (String name : ini.getSections()) {
            String section = name == null ? NO_SECTION : name;
            parsed.sections.put(section, values(ini.getSection(name)));
        }
        return parsed;
    }

    /** In a section's own configuration, a dot in a key comes doubled. */
    private static Map<String, List<String>> values(SubnodeConfiguration section) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (Iterator<String> keys = section.getKeys(); keys.hasNext(); ) {
            String key = keys.next();
            List<String> all = new ArrayList<>();
            for (Object value : section.getList(key)) {
                all.add(Objects.toString(value, ""));
            }
            values.put(key.replace("..", "."), all);
        }
        return values;
    }

    String file() {
        return file;
    }

    /** Names in the file's order; {@link #NO_SECTION} first if something stands there. */
    List<String> sectionNames() {
        return List.copyOf(sections.keySet());
    }

    Map<String, List<String>> section(String name) {
        return sections.getOrDefault(name, Map.of());
    }

    /** An error about a key, with the line it stands on. */
    ConfigException error(String section, @Nullable String key, String problem) {
        String place = section.isEmpty() ? "" : "[" + section + "]";
        String where = key == null ? place : place.isEmpty() ? key : place + " " + key;
        return new ConfigException(file, lineOf(section, key), where.isEmpty() ? null : where, problem);
    }

    /** @return 0 if it cannot be found */
    private int lineOf(String section, @Nullable String key) {
        Pattern header = Pattern.compile("^\\s*\\[" + Pattern.quote(section) + "\\].*");
        Pattern keyLine = key == null ? header : Pattern.compile("^\\s*" + Pattern.quote(key) + "\\s*([=:].*)?");
        boolean inside = section.isEmpty();
        int number = 0;
        for (String line : text.split("\n", -1)) {
            number++;
            if (header.matcher(line).matches() && !section.isEmpty()) {
                if (key == null) {
                    return number;
                }
                inside = true;
            } else if (line.strip().startsWith("[")) {
                inside = false;
            } else if (inside && keyLine.matcher(line.stripTrailing()).matches()) {
                return number;
            }
        }
        return 0;
    }
}
