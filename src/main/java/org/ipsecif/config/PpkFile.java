package org.ipsecif.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ipsecif.crypto.KeyMaterial;
import org.jspecify.annotations.Nullable;

/**
 * A file of post-quantum preshared keys (RFC 8784), in lines like those of {@link PskFile}, each with the name that both ends know the
 * key by, which is no identity and says nothing to others:
 *
 * <pre>
 * # one for each branch
 * branch7-2026 : PPK 0x7f1c0e5b9a2d4486a3c57b90d1e2f3847f1c0e5b9a2d4486a3c57b90d1e2f384
 * </pre>
 *
 * No message says anything about a key but its length. Closing it wipes them.
 */
public final class PpkFile implements AutoCloseable {
    /** Bytes of a name, in UTF-8. */
    static final int MAX_ID = 255;

    /** Bytes of a file. */
    private static final int MAX_LENGTH = 4 << 20;

    /** RFC 8784 section 6: bits that are to be half as many to a quantum computer. */
    private static final int SHORT = 32;

    /** @param line of the file, from 1 */
    public record Entry(String id, KeyMaterial secret, int line) {}

    private final List<Entry> entries;
    private final List<String> warnings;

    private PpkFile(List<Entry> entries, List<String> warnings) {
        this.entries = List.copyOf(entries);
        this.warnings = List.copyOf(warnings);
    }

    static boolean isId(String text) {
        int length = text.getBytes(StandardCharsets.UTF_8).length;
        return length > 0 && length <= MAX_ID;
    }

    /**
     * Reads a file, which must be its owner's alone.
     *
     * @throws ConfigException with file and line
     */
    public static PpkFile read(Path file) throws ConfigException {
        byte[] content = PrivateFile.read(file, MAX_LENGTH, "keys");
        try {
            return parse(file.toString(), content);
        } finally {
            Arrays.fill(content, (byte) 0);
        }
    }

    /** @param origin the name for messages */
    static PpkFile parse(String origin, byte[] content) throws ConfigException {
        List<Entry> entries = new PskReader(origin, content).readNamedKeys();
        List<String> warnings = new ArrayList<>();
        for (Entry each : entries) {
            int bytes = each.secret().bits() / KeyMaterial.BITS_PER_BYTE;
            if (bytes < SHORT) {
                warnings.add(origin + ":" + each.line() + ": the key has " + bytes + " bytes; " + SHORT
                        + " random ones or more resist a quantum computer (RFC 8784 section 6)");
            }
        }
        return new PpkFile(entries, warnings);
    }

    /** In the file's order. The secrets stay the file's. */
    public List<Entry> entries() {
        return entries;
    }

    /** Lines for the log. */
    public List<String> warnings() {
        return warnings;
    }

    /** The key of this name; null if there is none. */
    public @Nullable Entry entry(String id) {
        return entries.stream().filter(each -> each.id().equals(id)).findFirst().orElse(null);
    }

    @Override
    public void close() {
        entries.forEach(each -> each.secret().close());
    }
}
