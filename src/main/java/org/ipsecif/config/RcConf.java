package org.ipsecif.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The assignments of one or more rc.conf(5) files, read as text and never executed; a later one overrides. */
public final class RcConf {
    /**
     * One variable.
     *
     * @param file as the user named it
     * @param line where its value began, from 1
     */
    public record Variable(String name, String value, String file, int line) {
        /** An error about this variable. */
        public ConfigException error(String problem) {
            return new ConfigException(file, line, name, problem);
        }
    }

    private final Map<String, Variable> variables = new LinkedHashMap<>();

    private RcConf() {}

    /** Reads the files in this order. @throws ConfigException naming file, line and variable */
    public static RcConf parse(List<Path> files) throws ConfigException {
        RcConf conf = new RcConf();
        for (Path file : files) {
            conf.add(file.toString(), read(file));
        }
        return conf;
    }

    /** Reads one text. */
    public static RcConf parse(String fileName, String text) throws ConfigException {
        RcConf conf = new RcConf();
        conf.add(fileName, text);
        return conf;
    }

    private static String read(Path file) throws ConfigException {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new ConfigException(file.toString(), 0, null, "no such file");
        } catch (IOException e) {
            throw new ConfigException(file.toString(), 0, null, "cannot be read: " + e.getMessage());
        }
    }

    private void add(String fileName, String text) throws ConfigException {
        RcConfLexer lexer = new RcConfLexer(fileName, text, this::valueOf);
        while (lexer.nextAssignment()) {
            String value = lexer.value();
            Variable before = variables.get(lexer.name());
            if (lexer.isAppend() && before != null) {
                value = before.value() + value;
            }
            variables.put(lexer.name(), new Variable(lexer.name(), value, fileName, lexer.line()));
        }
    }

    private @Nullable String valueOf(String name) {
        Variable variable = variables.get(name);
        return variable == null ? null : variable.value();
    }

    public @Nullable Variable get(String name) {
        return variables.get(name);
    }

    /** In the order of first assignment. */
    public Collection<Variable> all() {
        return variables.values();
    }
}
