package org.ipsecif.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.ipsecif.crypto.KeyMaterial;
import org.jspecify.annotations.Nullable;

/**
 * A file of pre-shared keys, in one of two forms: one line that is the secret, or lines as in ipsec.secrets(5), with
 * empty lines and comments:
 *
 * <pre>
 * # the secret of one peer, of a pair, and of all others
 * branch7.example.org : PSK "correct horse battery staple"
 * 203.0.113.1 198.51.100.2 : PSK 0x0123456789abcdef0123456789abcdef
 * : PSK 0sASNFZ4mrze8BI0VniavN7w==
 * </pre>
 *
 * A secret is text in quotes, {@code 0x} and hexadecimal digits, or {@code 0s} and Base64; alone on its line it may do
 * without quotes.
 * No message says anything about a secret but its length. Closing it wipes the secrets.
 */
public final class PskFile implements AutoCloseable {
    /** Bytes of a file. */
    private static final int MAX_LENGTH = 4 << 20;

    /**
     * RFC 7296 section 2.15: as much unpredictability as the strongest key; what is shorter than a key of AES cannot
     * have it.
     */
    private static final int SHORT = 16;

    /**
     * A secret.
     *
     * @param identities whose it is, texts that {@link IdentityForm} has checked, or {@link IkeSettings#ANYBODY}; none
     *     for everybody's
     * @param line of the file, from 1
     */
    public record Entry(List<String> identities, KeyMaterial secret, int line) {
        public Entry {
            identities = List.copyOf(identities);
        }
    }

    private final List<Entry> entries;
    private final List<String> warnings;

    private PskFile(List<Entry> entries, List<String> warnings) {
        this.entries = List.copyOf(entries);
        this.warnings = List.copyOf(warnings);
    }

    /**
     * Reads a file, which must be its owner's alone.
     *
     * @throws ConfigException with file and line
     */
    public static PskFile read(Path file) throws ConfigException {
        byte[] content = PrivateFile.read(file, MAX_LENGTH, "secrets");
        try {
            return parse(file.toString(), content);
        } finally {
            Arrays.fill(content, (byte) 0);
        }
    }

    /** @param origin the name for messages */
    static PskFile parse(String origin, byte[] content) throws ConfigException {
        List<Entry> entries = new PskReader(origin, content).read();
        List<String> warnings = new ArrayList<>();
        entries.forEach(entry -> warn(warnings, origin + ":" + entry.line() + ": ", entry));
        return new PskFile(entries, warnings);
    }

    private static void warn(List<String> warnings, String place, Entry entry) {
        int bytes = entry.secret().bits() / KeyMaterial.BITS_PER_BYTE;
        if (bytes < SHORT) {
            warnings.add(place + "the secret has " + bytes + " bytes; " + SHORT
                    + " random ones or more are not found by trying (RFC 7296 section 2.15)");
        }
        if (entry.identities().contains(IkeSettings.ANYBODY)) {
            warnings.add(place + IkeSettings.ANYBODY + ": whoever has this secret may be any peer");
        }
    }

    /** In the file's order. The secrets stay the file's. */
    public List<Entry> entries() {
        return entries;
    }

    /** Lines for the log. */
    public List<String> warnings() {
        return warnings;
    }

    /**
     * The secret of two ends. As in ipsec.secrets(5), an entry with several identities needs both ends among them, one
     * with one identity needs either end to be it, and one without is everybody's; of those that fit, the one that says
     * most is taken, and of these the first.
     *
     * @param isLocal whether a text is this end's identity
     * @param isRemote whether a text is the peer's
     * @return the file's own, which its closing wipes; null if there is none
     */
    public @Nullable KeyMaterial secret(Predicate<String> isLocal, Predicate<String> isRemote) {
        Entry best = null;
        int most = -1;
        for (Entry entry : entries) {
            int fit = fit(entry.identities(), isLocal, isRemote);
            if (fit > most) {
                best = entry;
                most = fit;
            }
        }
        return best == null ? null : best.secret();
    }

    /** The peer's own identity counts most, then this end's; -1 if the entry is not for them. */
    private static int fit(List<String> identities, Predicate<String> isLocal, Predicate<String> isRemote) {
        boolean anybody = identities.contains(IkeSettings.ANYBODY);
        boolean local = identities.stream().anyMatch(each -> !each.equals(IkeSettings.ANYBODY) && isLocal.test(each));
        boolean remote = identities.stream().anyMatch(each -> !each.equals(IkeSettings.ANYBODY) && isRemote.test(each));
        boolean fits = identities.size() > 1
                ? (local || anybody) && (remote || anybody)
                : identities.isEmpty() || anybody || local || remote;
        return fits ? (remote ? 2 : 0) + (local ? 1 : 0) : -1;
    }

    @Override
    public void close() {
        entries.forEach(entry -> entry.secret().close());
    }
}
