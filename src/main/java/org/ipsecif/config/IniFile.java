package org.ipsecif.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.commons.configuration2.INIConfiguration;
import org.apache.commons.configuration2.ex.ConfigurationException;
import org.apache.commons.configuration2.interpol.ConfigurationInterpolator;
import org.apache.commons.configuration2.tree.ImmutableNode;
import org.jspecify.annotations.Nullable;

/** An INI file as Commons Configuration reads it, with every interpolation off: sections of keys with raw values. */
final class IniFile {
    /** Keys that stand before the first section. */
    static final String NO_SECTION = "";

    static final int MAX_BYTES = 1 << 20;

    private static final String BYTE_ORDER_MARK = "\ufeff";

    private final String file;
    private final IniLines lines;
    private final Map<String, Map<String, List<String>>> sections = new LinkedHashMap<>();

    private IniFile(String file, IniLines lines) {
        this.file = file;
        this.lines = lines;
    }

    static IniFile read(Path file) throws ConfigException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw tooLong(file.toString());
            }
            return parse(file.toString(), new String(bytes, StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            throw new ConfigException(file.toString(), 0, null, "no such file");
        } catch (IOException e) {
            throw new ConfigException(file.toString(), 0, null, "cannot be read: " + e.getMessage());
        }
    }

    static ConfigException tooLong(String file) {
        return new ConfigException(file, 0, null, "is longer than " + MAX_BYTES + " bytes");
    }

    /** @param given perhaps with a byte order mark, which editors put before UTF-8 */
    static IniFile parse(String file, String given) throws ConfigException {
        String text = given.startsWith(BYTE_ORDER_MARK) ? given.substring(1) : given;
        INIConfiguration ini = new INIConfiguration();
        ini.setInterpolator(new ConfigurationInterpolator());
        IniFile parsed = new IniFile(file, IniLines.of(file, text));
        try {
            ini.read(new StringReader(text));
        } catch (ConfigurationException | IOException | RuntimeException e) {
            throw new ConfigException(file, 0, null, "is not an INI file: " + e.getMessage());
        }
        for (ImmutableNode node : ini.getNodeModel().getInMemoryRepresentation()) {
            parsed.add(node);
        }
        return parsed;
    }

    /** The tree itself, since a section's own view of it would interpolate with the default look-ups. */
    private void add(ImmutableNode node) {
        if (node.getValue() != null) {
            add(NO_SECTION, node);
            return;
        }
        sections.computeIfAbsent(node.getNodeName(), name -> new LinkedHashMap<>());
        node.forEach(key -> add(node.getNodeName(), key));
    }

    private void add(String section, ImmutableNode key) {
        sections.computeIfAbsent(section, name -> new LinkedHashMap<>())
                .computeIfAbsent(key.getNodeName(), name -> new ArrayList<>())
                .add(Objects.toString(key.getValue(), ""));
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
        return error(lines.first(section, key), section, key, problem);
    }

    /** That a key stands there again, with the line where it does. */
    ConfigException repeated(String section, String key) {
        return error(lines.second(section, key), section, key, "given twice");
    }

    private ConfigException error(int line, String section, @Nullable String key, String problem) {
        String place = section.isEmpty() ? "" : "[" + section + "]";
        String where = key == null ? place : place.isEmpty() ? key : place + " " + key;
        return new ConfigException(file, line, where.isEmpty() ? null : where, problem);
    }

    /** @return 0 if it cannot be found */
    int lineOf(String section, @Nullable String key) {
        return lines.first(section, key);
    }
}
