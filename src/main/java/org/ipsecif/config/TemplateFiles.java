package org.ipsecif.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Directories of templates, regular files {@code NAME.conf}, since others may never end; the first that has a name decides. */
final class TemplateFiles {
    static final String SUFFIX = ".conf";
    static final String EXTENDS = "extends";

    private final List<Path> directories;

    TemplateFiles(List<Path> directories) {
        this.directories = directories;
    }

    /** A template and all that it extends, the farthest first. @throws ConfigException naming a loop's members */
    List<IniFile> read(String name) throws ConfigException {
        return withBases(name, IniFile.read(file(name)));
    }

    /** The same of a file that is in no directory of these. */
    List<IniFile> withBases(String name, IniFile file) throws ConfigException {
        List<String> chain = new ArrayList<>(List.of(name));
        List<IniFile> files = new ArrayList<>(List.of(file));
        while (true) {
            IniFile first = files.get(0);
            List<String> bases = first.section(SpdTemplate.ABOUT).getOrDefault(EXTENDS, List.of());
            if (bases.isEmpty()) {
                return files;
            }
            if (bases.size() > 1) {
                throw first.repeated(SpdTemplate.ABOUT, EXTENDS);
            }
            String base = bases.get(0);
            boolean loops = chain.contains(base);
            chain.add(base);
            if (loops) {
                throw first.error(SpdTemplate.ABOUT, EXTENDS, "a loop: " + String.join(" extends ", chain));
            }
            files.add(0, base(first, base));
        }
    }

    private IniFile base(IniFile extending, String base) throws ConfigException {
        try {
            return IniFile.read(file(base));
        } catch (ConfigException e) {
            throw extending.error(SpdTemplate.ABOUT, EXTENDS, String.valueOf(e.getMessage()));
        }
    }

    private Path file(String name) throws ConfigException {
        checkName(name);
        for (Path directory : directories) {
            Path file = directory.resolve(name + SUFFIX);
            if (Files.isRegularFile(file)) {
                return file;
            }
        }
        String places = directories.stream().map(Path::toString).collect(Collectors.joining(" or "));
        List<String> names = names();
        throw new ConfigException("template \"" + name + "\" is not in " + places + "; there are "
                + (names.isEmpty() ? "none" : String.join(", ", names)));
    }

    static void checkName(String name) throws ConfigException {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}") || name.contains("..")) {
            throw new ConfigException("template \"" + name + "\": expected the plain name of a template");
        }
    }

    /** All of them, sorted. A directory that is not there has none. */
    List<String> names() {
        TreeSet<String> names = new TreeSet<>();
        directories.forEach(directory -> names.addAll(names(directory)));
        return List.copyOf(names);
    }

    private static List<String> names(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(SUFFIX))
                    .map(file -> file.substring(0, file.length() - SUFFIX.length()))
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
