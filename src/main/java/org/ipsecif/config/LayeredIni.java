package org.ipsecif.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** INI files on top of each other: a later one's key takes the place of an earlier one's, in a section of the same name. */
final class LayeredIni {
    /** A section of all layers; its errors name the file that the key is from. */
    static final class Section {
        private record Entry(IniFile file, List<String> values) {}

        private final String name;
        private final Map<String, Entry> entries = new LinkedHashMap<>();
        private IniFile last;

        private Section(String name, IniFile first) {
            this.name = name;
            this.last = first;
        }

        /** A key without a value takes away what an earlier layer said; where none said it, it is a key like others, or a mistake. */
        private void add(IniFile file) {
            last = file;
            file.section(name).forEach((key, values) -> {
                boolean takesAway = values.equals(List.of("")) && entries.remove(key) != null;
                if (!takesAway) {
                    entries.put(key, new Entry(file, values));
                }
            });
        }

        String name() {
            return name;
        }

        Set<String> keys() {
            return entries.keySet();
        }

        boolean has(String key) {
            return entries.containsKey(key);
        }

        /** All values of a key that may stand more than once, in order. */
        List<String> values(String key) {
            Entry entry = entries.get(key);
            return entry == null ? List.of() : entry.values();
        }

        /** The value of a key, empty if it is not there. */
        String value(String key) {
            List<String> values = values(key);
            return values.isEmpty() ? "" : values.get(0);
        }

        ConfigException error(@Nullable String key, String problem) {
            Entry entry = key == null ? null : entries.get(key);
            return (entry == null ? last : entry.file()).error(name, key, problem);
        }

        /** That a key stands more than once in one file. */
        ConfigException repeated(String key) {
            Entry entry = entries.get(key);
            return (entry == null ? last : entry.file()).repeated(name, key);
        }
    }

    private final IniFile top;
    private final Map<String, Section> sections = new LinkedHashMap<>();

    /** @param layers at least one; the later, the stronger */
    LayeredIni(List<IniFile> layers) {
        top = layers.get(layers.size() - 1);
        for (IniFile file : layers) {
            for (String name : file.sectionNames()) {
                sections.computeIfAbsent(name, each -> new Section(each, file)).add(file);
            }
        }
    }

    /** In the order of first appearance. */
    Iterable<Section> sections() {
        return sections.values();
    }

    /** The section of this name; an empty one if no layer has it. */
    Section section(String name) {
        Section found = sections.get(name);
        return found == null ? new Section(name, top) : found;
    }

    /** An error about the whole. */
    ConfigException error(String problem) {
        return top.error(IniFile.NO_SECTION, null, problem);
    }
}
