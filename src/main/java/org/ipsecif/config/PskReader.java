package org.ipsecif.config;

import java.util.ArrayList;
import java.util.List;

/** Takes the bytes of a {@link PskFile} apart. */
final class PskReader {
    private static final String FORM = "expected ID ... : PSK \"secret\"";

    private final String origin;
    private final List<PskLine> lines = new ArrayList<>();

    /** @param content the caller's, who wipes it */
    PskReader(String origin, byte[] content) {
        this.origin = origin;
        int start = 0;
        for (int i = 0; i <= content.length; i++) {
            if (i == content.length || content[i] == '\n') {
                int end = i > start && content[i - 1] == '\r' ? i - 1 : i;
                lines.add(new PskLine(content, start, end));
                start = i + 1;
            }
        }
    }

    /** The entries, at least one. */
    List<PskFile.Entry> read() throws ConfigException {
        List<PskFile.Entry> entries = new ArrayList<>();
        boolean alone = lines.stream().filter(line -> !line.isBlank()).count() == 1;
        int number = 0;
        try {
            for (PskLine line : lines) {
                number++;
                boolean comment = line.isComment() && (line.hasColon() || !alone);
                if (!line.isBlank() && !comment) {
                    entries.add(entry(line, number, alone));
                }
            }
            if (entries.isEmpty()) {
                number = 0;
                throw new ConfigException("no secret; " + FORM + ", or a secret alone");
            }
            return entries;
        } catch (ConfigException e) {
            entries.forEach(entry -> entry.secret().close());
            throw new ConfigException(origin, number, null, String.valueOf(e.getMessage()));
        }
    }

    /** Of a {@link PpkFile}, at least one. */
    List<PpkFile.Entry> readNamedKeys() throws ConfigException {
        List<PpkFile.Entry> entries = new ArrayList<>();
        int number = 0;
        try {
            for (PskLine line : lines) {
                number++;
                if (!line.isBlank() && !line.isComment()) {
                    PpkFile.Entry entry = line.namedKey(number);
                    checkNew(entry, entries);
                    entries.add(entry);
                }
            }
            if (entries.isEmpty()) {
                number = 0;
                throw new ConfigException("no key; expected ID : PPK \"secret\"");
            }
            return entries;
        } catch (ConfigException e) {
            entries.forEach(entry -> entry.secret().close());
            throw new ConfigException(origin, number, null, String.valueOf(e.getMessage()));
        }
    }

    private static void checkNew(PpkFile.Entry entry, List<PpkFile.Entry> entries) throws ConfigException {
        for (PpkFile.Entry other : entries) {
            if (other.id().equals(entry.id())) {
                entry.secret().close();
                throw new ConfigException("a second key of this name; the first is in line " + other.line());
            }
        }
    }

    private static PskFile.Entry entry(PskLine line, int number, boolean alone) throws ConfigException {
        if (line.hasColon()) {
            return line.entry(number);
        }
        if (!alone) {
            throw new ConfigException(FORM + "; a file with a secret alone has no other line");
        }
        return new PskFile.Entry(List.of(), line.bareSecret(), number);
    }
}
