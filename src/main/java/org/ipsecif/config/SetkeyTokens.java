package org.ipsecif.config;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A setkey(8) script as words: {@code #} comments to the end of the line, {@code "quoted text"} is one word, {@code ;} ends a
 * statement. Errors show no word that may be a key.
 */
final class SetkeyTokens {
    /**
     * One word or {@code ;}.
     *
     * @param quoted whether it stood in quotes
     */
    record Token(String text, boolean quoted, int line) {
        boolean isEnd() {
            return !quoted && text.equals(";");
        }

        /** Looks like the name of an option or an algorithm, and too short for a key: a message may show it. */
        boolean isName() {
            return !quoted && text.matches("-?[A-Za-z][A-Za-z0-9-]{0,11}");
        }
    }

    private final String origin;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int lastLine = 1;

    SetkeyTokens(String origin, String text) throws ConfigException {
        this.origin = origin;
        scan(text);
    }

    private void scan(String text) throws ConfigException {
        int line = 1;
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (c == '\n') {
                line++;
                i++;
            } else if (c == ' ' || c == '\t' || c == '\r') {
                i++;
            } else if (c == '#') {
                i = endOfLine(text, i);
            } else if (c == ';') {
                tokens.add(new Token(";", false, line));
                i++;
            } else if (c == '"') {
                int end = text.indexOf('"', i + 1);
                if (end < 0 || endOfLine(text, i) < end) {
                    throw error(line, null, "unterminated quote");
                }
                tokens.add(new Token(text.substring(i + 1, end), true, line));
                i = end + 1;
            } else {
                int end = i;
                while (end < text.length() && " \t\r\n#;\"".indexOf(text.charAt(end)) < 0) {
                    end++;
                }
                tokens.add(new Token(text.substring(i, end), false, line));
                i = end;
            }
        }
        lastLine = line;
    }

    private static int endOfLine(String text, int from) {
        int end = text.indexOf('\n', from);
        return end < 0 ? text.length() : end;
    }

    boolean atEnd() {
        return at == tokens.size();
    }

    /** The next word without taking it, or null at the end of the statement or the script. */
    @Nullable
    Token peek() {
        return atEnd() || tokens.get(at).isEnd() ? null : tokens.get(at);
    }

    /** Takes the next word. @param expected for the error if the statement ends here */
    Token next(String expected) throws ConfigException {
        Token token = peek();
        if (token == null) {
            throw error(line(), null, "the statement ends where " + expected + " was expected");
        }
        at++;
        return token;
    }

    /** Takes the {@code ;} of a statement. */
    void end(String statement) throws ConfigException {
        if (atEnd()) {
            throw error(lastLine, statement, "expected ; at the end of the statement");
        }
        Token token = tokens.get(at++);
        if (!token.isEnd()) {
            throw error(token.line(), statement, "a word too many: expected ; at the end of the statement");
        }
    }

    /** Passes over empty statements. @return whether there is another one */
    boolean skipToStatement() {
        while (!atEnd() && tokens.get(at).isEnd()) {
            at++;
        }
        return !atEnd();
    }

    /** Of the next word, or the last line. */
    int line() {
        return atEnd() ? lastLine : tokens.get(at).line();
    }

    ConfigException error(int line, @Nullable String key, String problem) {
        return new ConfigException(origin, line, key, problem);
    }
}
