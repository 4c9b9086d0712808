package org.ipsecif.config;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * sh(1)'s assignments and nothing else: {@code name=value}, {@code name+=value}, quotes, backslashes, joined lines, comments,
 * {@code ${name}}, {@code $name}, {@code ${name:-default}}. What would need a shell to run is an error.
 */
final class RcConfLexer {
    private static final String NOT_EXECUTED = "rc.conf is read, not executed: ";
    private static final char END = '\0';

    private final String file;
    private final String text;
    private final Function<String, @Nullable String> variables;
    private int at;
    private int line = 1;
    private @Nullable String name;
    private int startLine;
    private boolean append;
    private String value = "";

    /** @param variables values assigned so far, null for an unknown name */
    RcConfLexer(String file, String text, Function<String, @Nullable String> variables) {
        this.file = file;
        this.text = text.replace("\r\n", "\n");
        this.variables = variables;
    }

    /** Reads the next assignment. @return false at the end of the text */
    boolean nextAssignment() throws ConfigException {
        skipBlank();
        if (at == text.length()) {
            return false;
        }
        startLine = line;
        name = null;
        String word = readName();
        append = text.startsWith("+=", at);
        if (word.isEmpty() || !(append || peek() == '=')) {
            throw error("expected NAME=VALUE; " + NOT_EXECUTED + "no commands");
        }
        name = word;
        at += append ? 2 : 1;
        value = readValue();
        return true;
    }

    String name() {
        return name == null ? "" : name;
    }

    String value() {
        return value;
    }

    boolean isAppend() {
        return append;
    }

    /** Where the assignment began. */
    int line() {
        return startLine;
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : END;
    }

    private char next() throws ConfigException {
        char c = text.charAt(at++);
        if (c == '\n') {
            line++;
        } else if (c == END) {
            throw error("a NUL byte");
        }
        return c;
    }

    private void skipBlank() throws ConfigException {
        while (at < text.length()) {
            char c = peek();
            if (c == '#') {
                while (at < text.length() && peek() != '\n') {
                    next();
                }
            } else if (c == '\\' && text.startsWith("\\\n", at)) {
                next();
                next();
            } else if (c == ' ' || c == '\t' || c == '\n' || c == ';') {
                next();
            } else {
                return;
            }
        }
    }

    private String readName() {
        int start = at;
        while (at < text.length() && isNameCharacter(text.charAt(at), at == start)) {
            at++;
        }
        return text.substring(start, at);
    }

    private static boolean isNameCharacter(char c, boolean first) {
        return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (!first && c >= '0' && c <= '9');
    }

    private String readValue() throws ConfigException {
        StringBuilder result = new StringBuilder();
        while (at < text.length()) {
            char c = peek();
            if (c == ' ' || c == '\t' || c == '\n' || c == ';') {
                break;
            }
            next();
            switch (c) {
                case '\'' -> readSingleQuoted(result);
                case '"' -> readDoubleQuoted(result);
                case '\\' -> readEscape(result);
                case '$' -> result.append(expand());
                case '`', '(', ')', '&', '|', '<', '>' -> throw error(NOT_EXECUTED + "'" + c + "' needs quotes");
                default -> result.append(c);
            }
        }
        return result.toString();
    }

    private void readEscape(StringBuilder result) throws ConfigException {
        if (at == text.length()) {
            throw error("a backslash at the end of the file");
        }
        char c = next();
        if (c != '\n') {
            result.append(c);
        }
    }

    private void readSingleQuoted(StringBuilder result) throws ConfigException {
        while (at < text.length()) {
            char c = next();
            if (c == '\'') {
                return;
            }
            result.append(c);
        }
        throw unterminated('\'');
    }

    private void readDoubleQuoted(StringBuilder result) throws ConfigException {
        while (at < text.length()) {
            char c = next();
            switch (c) {
                case '"' -> {
                    return;
                }
                case '\\' -> readQuotedEscape(result);
                case '$' -> result.append(expand());
                case '`' -> throw error(NOT_EXECUTED + "no command substitution");
                default -> result.append(c);
            }
        }
        throw unterminated('"');
    }

    /** sh(1), double quotes: a backslash is special before {@code $ ` " \} and newline only. */
    private void readQuotedEscape(StringBuilder result) throws ConfigException {
        char c = peek();
        if (c == '\n') {
            next();
        } else if (c == '$' || c == '`' || c == '"' || c == '\\') {
            result.append(next());
        } else {
            result.append('\\');
        }
    }

    private String expand() throws ConfigException {
        if (peek() == '(') {
            throw error(NOT_EXECUTED + "no command substitution");
        }
        if (peek() != '{') {
            String variable = readName();
            if (variable.isEmpty()) {
                throw error("'$' without a variable's name; write \\$ for the character");
            }
            return lookUp(variable, null);
        }
        int end = text.indexOf('}', at);
        String inside = end < 0 ? "" : text.substring(at + 1, end);
        at++;
        String variable = readName();
        if (end < 0 || variable.isEmpty() || !(at == end || text.startsWith(":-", at))) {
            throw error("\"${" + firstLine(inside) + "}\" is not understood: expected ${NAME} or ${NAME:-DEFAULT}");
        }
        String fallback = at == end ? null : plain(text.substring(at + 2, end));
        at = end + 1;
        return lookUp(variable, fallback);
    }

    private static String firstLine(String inside) {
        int end = inside.indexOf('\n');
        return end < 0 ? inside : inside.substring(0, end);
    }

    private String plain(String fallback) throws ConfigException {
        if (fallback.chars().anyMatch(c -> "$`\"'\\\n".indexOf(c) >= 0)) {
            throw error("the default in ${NAME:-DEFAULT} is taken as it stands: no quotes, no '$'");
        }
        return fallback;
    }

    private String lookUp(String variable, @Nullable String fallback) throws ConfigException {
        String found = variables.apply(variable);
        if (found != null && !(found.isEmpty() && fallback != null)) {
            return found;
        }
        if (fallback != null) {
            return fallback;
        }
        throw error("${" + variable + "} has no value: no earlier line assigns it");
    }

    /** At the line where the assignment began: the rest of the file is inside the quote. */
    private ConfigException unterminated(char quote) {
        return new ConfigException(file, startLine, name, "unterminated quote " + quote);
    }

    private ConfigException error(String problem) {
        return new ConfigException(file, line, name, problem);
    }
}
