package org.ipsecif.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Scripts in setkey(8)'s syntax. Statements: {@code add, delete, deleteall, get, flush, dump, spddump}; policies come from
 * SPD templates, so the spd statements that change something are refused.
 */
public final class SetkeyScript {
    /** Bytes; a request of the control protocol, which a script may come in, has no more. */
    public static final int MAX_LENGTH = 4 << 20;

    private static final String STATEMENTS = "add, delete, deleteall, get, flush, dump, spddump";

    private final SetkeyTokens tokens;
    private final SetkeyAdd addParser;

    private SetkeyScript(SetkeyTokens tokens, AllowedAlgorithms allowed) {
        this.tokens = tokens;
        this.addParser = new SetkeyAdd(tokens, allowed);
    }

    /**
     * Reads a script.
     *
     * @param origin the name for messages
     * @param allowed which algorithms are taken
     */
    public static List<SetkeyStatement> parse(String origin, String text, AllowedAlgorithms allowed)
            throws ConfigException {
        SetkeyScript script = new SetkeyScript(new SetkeyTokens(origin, text), allowed);
        List<SetkeyStatement> statements = new ArrayList<>();
        while (script.tokens.skipToStatement()) {
            statements.add(script.readStatement());
        }
        script.checkUnique(statements);
        return statements;
    }

    /** Reads a file, which must be its owner's alone. */
    public static List<SetkeyStatement> readFile(Path file, AllowedAlgorithms allowed) throws ConfigException {
        return parse(file.toString(), readPrivate(file), allowed);
    }

    /** The text of a file that nobody but its owner (and root) may read or write. */
    public static String readPrivate(Path file) throws ConfigException {
        return new String(PrivateFile.read(file, MAX_LENGTH, "statements"), StandardCharsets.UTF_8);
    }

    private SetkeyStatement readStatement() throws ConfigException {
        SetkeyTokens.Token first = tokens.next("a statement");
        int line = first.line();
        String word = first.quoted() ? "" : first.text().toLowerCase(Locale.ROOT);
        SetkeyStatement statement = switch (word) {
            case "add" -> new SetkeyStatement.Add(line, addParser.read());
            case "delete" -> {
                SetkeyTarget target = SetkeyTarget.read(tokens);
                yield new SetkeyStatement.Delete(line, target.source(), target.destination(), SetkeyTarget.spi(tokens));
            }
            case "get" -> {
                SetkeyTarget target = SetkeyTarget.read(tokens);
                yield new SetkeyStatement.Get(line, target.source(), target.destination(), SetkeyTarget.spi(tokens));
            }
            case "deleteall" -> {
                SetkeyTarget target = SetkeyTarget.read(tokens);
                yield new SetkeyStatement.DeleteAll(line, target.source(), target.destination());
            }
            case "flush" -> {
                optionalProtocol();
                yield new SetkeyStatement.Flush(line);
            }
            case "dump" -> {
                optionalProtocol();
                yield new SetkeyStatement.Dump(line);
            }
            case "spddump" -> new SetkeyStatement.SpdDump(line);
            case "spdadd", "spdupdate", "spddelete", "spdflush", "spdget" ->
                throw tokens.error(line, word, "policies come from an interface's SPD template, not from setkey");
            default -> throw tokens.error(line, null, "unknown statement; known are " + STATEMENTS);
        };
        tokens.end(word);
        return statement;
    }

    private void optionalProtocol() throws ConfigException {
        if (tokens.peek() != null) {
            SetkeyTarget.protocol(tokens);
        }
    }

    private void checkUnique(List<SetkeyStatement> statements) throws ConfigException {
        Set<List<Object>> seen = new HashSet<>();
        for (SetkeyStatement statement : statements) {
            if (statement instanceof SetkeyStatement.Add add
                    && !seen.add(List.of(
                            add.parameters().destination(), add.parameters().spi()))) {
                throw tokens.error(
                        add.line(), "add", add.parameters() + " has the destination and SPI of an earlier line");
            }
            if (!(statement instanceof SetkeyStatement.Add)) {
                seen.clear(); // a delete or flush may have made room
            }
        }
    }
}
