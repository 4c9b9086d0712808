package org.ipsecif.config;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.ipsecif.crypto.EncryptionAlgorithm;
import org.ipsecif.crypto.IntegrityAlgorithm;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.Lifetimes;
import org.ipsecif.sa.ReplayWindow;
import org.ipsecif.sa.SaParameters;
import org.jspecify.annotations.Nullable;

/**
 * setkey(8)'s {@code add [-46n] SRC DST esp SPI [-m MODE] [-u REQID] [-r BYTES] [-f esn] [-seq N] [-lh N] [-ls N] [-bh N] [-bs N] -E ALGORITHM KEY -A ALGORITHM KEY}. The replay
 * window is off unless {@code -r} asks for one, as in setkey(8) (docs/adr/003).
 */
final class SetkeyAdd {
    private static final String OPTIONS =
            "-m MODE, -u REQID, -r BYTES, -f esn, -seq N, -lh|-ls SECONDS, -bh|-bs BYTES, -E ALGORITHM KEY, -A ALGORITHM KEY";

    /** Refused with manual keys, whether this version has them or not: RFC 8221 section 4. */
    private static final Set<String> FRESH_KEYS_ONLY = Set.of(
            "aes-ctr",
            "aes-gcm-16",
            "aes-gcm-12",
            "aes-gcm-8",
            "aes-gmac",
            "aes-ccm-16",
            "aes-ccm-12",
            "aes-ccm-8",
            "chacha20-poly1305",
            "rijndael-ctr");

    /** RFC 8221: MUST NOT. */
    private static final Set<String> FORBIDDEN = Set.of(
            "des-cbc",
            "des-deriv",
            "des-32iv",
            "blowfish-cbc",
            "cast128-cbc",
            "idea-cbc",
            "rc5-cbc",
            "keyed-md5",
            "keyed-sha1",
            "hmac-md5",
            "des-mac",
            "kpdk-md5");

    private final SetkeyTokens tokens;
    private final AllowedAlgorithms allowed;

    private final Set<String> given = new HashSet<>();
    private int reqid;
    private IpsecMode mode = IpsecMode.ANY;
    private int window;
    private boolean esn;
    private long sequence;
    private long softSeconds;
    private long hardSeconds;
    private long softBytes;
    private long hardBytes;
    private @Nullable EncryptionAlgorithm encryption;
    private @Nullable KeyMaterial encryptionKey;
    private IntegrityAlgorithm integrity = IntegrityAlgorithm.NONE;
    private KeyMaterial integrityKey = KeyMaterial.none();

    SetkeyAdd(SetkeyTokens tokens, AllowedAlgorithms allowed) {
        this.tokens = tokens;
        this.allowed = allowed;
    }

    /** Reads what follows {@code add}, up to the semicolon. */
    SaParameters read() throws ConfigException {
        int line = tokens.line();
        reqid = 0;
        mode = IpsecMode.ANY;
        window = 0;
        esn = false;
        sequence = 0;
        softSeconds = 0;
        hardSeconds = 0;
        softBytes = 0;
        hardBytes = 0;
        encryption = null;
        encryptionKey = null;
        integrity = IntegrityAlgorithm.NONE;
        integrityKey = KeyMaterial.none();
        given.clear();
        SetkeyTarget target = SetkeyTarget.read(tokens);
        IpAddress source = target.source();
        IpAddress destination = target.destination();
        if (source.family() != destination.family() || source.equals(destination)) {
            throw tokens.error(line, "add", source + " and " + destination + " cannot be the two ends of a tunnel");
        }
        int spi = SetkeyTarget.spi(tokens);
        while (tokens.peek() != null) {
            readOption();
        }
        return parameters(line, source, destination, spi);
    }

    private void readOption() throws ConfigException {
        SetkeyTokens.Token option = tokens.next("an option");
        String name = option.quoted() ? "" : option.text();
        if (!given.add(name)) {
            throw tokens.error(option.line(), name, "given twice");
        }
        switch (name) {
            case "-m" -> readMode();
            case "-u" -> reqid = (int) number(tokens.next("the reqid"), "reqid", 1, 0xffff_ffffL);
            case "-r" -> readWindow();
            case "-f" -> readFlag();
            case "-seq" ->
                sequence = number(tokens.next("a sequence number"), "-seq", 0, SaParameters.lastSequence(true));
            case "-E" -> readEncryption();
            case "-A" -> readIntegrity();
            case "-lh" -> hardSeconds = lifetime("-lh");
            case "-ls" -> softSeconds = lifetime("-ls");
            case "-bh" -> hardBytes = lifetime("-bh");
            case "-bs" -> softBytes = lifetime("-bs");
            case "-C" -> throw tokens.error(option.line(), name, "not supported; known options are " + OPTIONS);
            default -> {
                String problem =
                        name.startsWith("-") && option.isName() ? "unknown option " + name : "expected an option";
                throw tokens.error(option.line(), "add", problem + "; known are " + OPTIONS);
            }
        }
    }

    private long number(SetkeyTokens.Token token, String what, long least, long most) throws ConfigException {
        return SetkeyTarget.number(tokens, token, what, least, most);
    }

    /** In setkey(8) an SA of mode any is for either mode. */
    private void readMode() throws ConfigException {
        SetkeyTokens.Token word = tokens.next("the mode: tunnel, transport or any");
        mode = switch (word.text()) {
            case "tunnel" -> IpsecMode.TUNNEL;
            case "transport" -> IpsecMode.TRANSPORT;
            case "any" -> IpsecMode.ANY;
            default -> throw tokens.error(word.line(), "-m", "expected tunnel, transport or any");
        };
    }

    /** setkey(8): bytes of bitmap, so 8 packets each. */
    private void readWindow() throws ConfigException {
        SetkeyTokens.Token bytes = tokens.next("bytes of replay window");
        int packets = 8 * (int) number(bytes, "-r", 0, ReplayWindow.MAX_SIZE / 8);
        if (packets != 0 && packets < ReplayWindow.MIN_SIZE) {
            throw tokens.error(
                    bytes.line(),
                    "-r",
                    "expected 0, or bytes of bitmap from " + ReplayWindow.MIN_SIZE / 8 + " (" + ReplayWindow.MIN_SIZE
                            + " packets)");
        }
        window = packets;
    }

    /** setkey(8) of FreeBSD: extended sequence numbers. Its other flags say what is always so here. */
    private void readFlag() throws ConfigException {
        SetkeyTokens.Token flag = tokens.next("a flag, esn");
        if (!flag.text().equals("esn")) {
            throw tokens.error(flag.line(), "-f", "expected esn");
        }
        esn = true;
    }

    /** setkey(8): 0 is no limit. */
    private long lifetime(String option) throws ConfigException {
        return number(tokens.next("a lifetime"), option, 0, Long.MAX_VALUE / 2);
    }

    private Lifetimes lifetimes(int line) throws ConfigException {
        try {
            return new Lifetimes(softSeconds, hardSeconds, softBytes, hardBytes, 0, 0);
        } catch (IllegalArgumentException e) {
            throw tokens.error(line, "add", String.valueOf(e.getMessage()));
        }
    }

    /** RFC 8221 section 5 and 6. */
    private void checkAllowed(SetkeyTokens.Token token, String name) throws ConfigException {
        if (FORBIDDEN.contains(name)) {
            throw tokens.error(token.line(), name, "MUST NOT be used (RFC 8221); use aes-cbc with hmac-sha2-256");
        }
    }

    private void readEncryption() throws ConfigException {
        SetkeyTokens.Token token = tokens.next("an encryption algorithm");
        String name = token.text().toLowerCase(Locale.ROOT).replace("rijndael-cbc", "aes-cbc");
        checkAllowed(token, name);
        if (FRESH_KEYS_ONLY.contains(name) && !allowed.freshKeysOnly()) {
            throw tokens.error(
                    token.line(),
                    name,
                    "not with manual keys: a restart would repeat IVs, which breaks it (RFC 8221"
                            + " section 4, RFC 4106 section 2); use aes-cbc with hmac-sha2-256");
        }
        EncryptionAlgorithm found = EncryptionAlgorithm.bySetkeyName(name).orElse(null);
        if (found == null) {
            throw tokens.error(
                    token.line(), "-E", unknown(token) + " encryption algorithm; known are " + encryptionNames());
        }
        if (found.isLegacy() && !allowed.legacy()) {
            throw tokens.error(
                    token.line(), name, "SHOULD NOT be used (RFC 8221); a daemon with --legacy-algorithms takes it");
        }
        encryption = found;
        encryptionKey = found == EncryptionAlgorithm.ENCR_NULL
                ? noKey(name)
                : SetkeyKey.read(tokens, name, found.keyMaterialBits());
    }

    private static String unknown(SetkeyTokens.Token algorithm) {
        return (algorithm.isName() ? algorithm.text() + ": " : "") + "unknown or unsupported";
    }

    private KeyMaterial noKey(String algorithm) throws ConfigException {
        SetkeyTokens.Token next = tokens.peek();
        if (next != null && (next.quoted() || !next.text().startsWith("-"))) {
            throw tokens.error(next.line(), algorithm, "takes no key");
        }
        return KeyMaterial.none();
    }

    private String encryptionNames() {
        return Arrays.stream(EncryptionAlgorithm.values())
                .filter(each ->
                        (allowed.freshKeysOnly() || !each.needsFreshKeys()) && (allowed.legacy() || !each.isLegacy()))
                .map(EncryptionAlgorithm::setkeyName)
                .collect(Collectors.joining(", "));
    }

    private void readIntegrity() throws ConfigException {
        SetkeyTokens.Token token = tokens.next("an integrity algorithm");
        String name = token.text().toLowerCase(Locale.ROOT);
        checkAllowed(token, name);
        IntegrityAlgorithm found = IntegrityAlgorithm.bySetkeyName(name).orElse(null);
        if (found == null) {
            throw tokens.error(
                    token.line(),
                    "-A",
                    unknown(token) + " integrity algorithm; known are "
                            + Arrays.stream(IntegrityAlgorithm.values())
                                    .filter(each -> each != IntegrityAlgorithm.NONE)
                                    .map(IntegrityAlgorithm::setkeyName)
                                    .collect(Collectors.joining(", ")));
        }
        integrity = found;
        integrityKey =
                found == IntegrityAlgorithm.NONE ? noKey(name) : SetkeyKey.read(tokens, name, List.of(found.keyBits()));
    }

    private SaParameters parameters(int line, IpAddress source, IpAddress destination, int spi) throws ConfigException {
        if (esn && window == 0) {
            throw tokens.error(line, "-f", "esn needs a replay window, -r BYTES (RFC 4303 appendix A2)");
        }
        if (sequence > SaParameters.lastSequence(esn)) {
            throw tokens.error(line, "-seq", "over 4294967295 without -f esn");
        }
        if (encryption == null || encryptionKey == null) {
            throw tokens.error(line, "add", "expected -E ALGORITHM KEY (-E null for none)");
        }
        if (encryption.isAead() && integrity != IntegrityAlgorithm.NONE) {
            throw tokens.error(line, "-A", encryption.setkeyName() + " protects integrity itself and takes no -A");
        }
        if (!encryption.isAead() && integrity == IntegrityAlgorithm.NONE) {
            throw tokens.error(
                    line,
                    "add",
                    "expected -A ALGORITHM KEY: " + encryption.setkeyName()
                            + " alone does not protect integrity (RFC 8221 section 4)");
        }
        return new SaParameters(
                source,
                destination,
                spi,
                reqid,
                mode,
                encryption,
                encryptionKey,
                integrity,
                integrityKey,
                window,
                esn,
                lifetimes(line),
                sequence);
    }
}
