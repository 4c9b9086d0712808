package org.ipsecif.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ipsecif.config.IkeCredentials.Method;
import org.ipsecif.config.IkeCredentials.Revocation;
import org.ipsecif.crypto.AlgorithmProposal;
import org.ipsecif.crypto.ProposalNotation;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.jspecify.annotations.Nullable;

/** The words for IKEv2, each with one value. Any of them but {@code keying} itself says that IKE keys the interface. */
final class IkeWords {
    static final String KEYING = "keying";

    /**
     * A number after it is the mark of packets, see {@link TemplateSettings}; anything else the file of a private key.
     */
    static final String KEY = "key";

    private static final String TIME = "seconds, or a number with s, m, h or d after it; 0 for never";
    private static final String YES_NO = "yes or no";
    private static final String BYTES = "bytes, or a number with k, m, g or t after it; 0 for no limit";
    private static final String PACKETS = "packets, or a number with k, m, g or t after it; 0 for no limit";

    /** With what numbers begin. */
    private static final String NUMBERS = "+-0123456789";

    private static final Pattern TIME_FORM = Pattern.compile("(\\d{1,9})([smhd]?)");
    private static final Pattern AMOUNT_FORM = Pattern.compile("(\\d{1,15})([kmgt]?)");
    private static final Duration LONGEST = Duration.ofDays(365);

    private static final Map<String, String> EXPECTED = new TreeMap<>(Map.ofEntries(
            Map.entry(KEYING, "manual or ike"),
            Map.entry("auth", "psk, pubkey or rsa_pss"),
            Map.entry("local_id", IdentityForm.EXPECTED),
            Map.entry("remote_id", IkeSettings.ANYBODY + ", or " + IdentityForm.EXPECTED),
            Map.entry("psk_file", "a file of secrets"),
            Map.entry("ppk_file", "a file of post-quantum preshared keys"),
            Map.entry("ppk_id", "the name of a post-quantum preshared key, 1 to " + PpkFile.MAX_ID + " bytes"),
            Map.entry("ppk_required", YES_NO),
            Map.entry("cert", "files of certificates, this end's own first"),
            Map.entry(KEY, "the file of a private key"),
            Map.entry("cacert", "files of certificates"),
            Map.entry("revocation", "off, soft or strict"),
            Map.entry("ike", "default, or proposals such as aes256gcm16-prfsha384-ecp384"),
            Map.entry("esp", "default, or proposals such as aes256gcm16-x25519"),
            Map.entry("start", "start, trap or add"),
            Map.entry("close_action", "start, trap or none"),
            Map.entry("dpd_action", "clear, hold or restart"),
            Map.entry("dpd_delay", TIME),
            Map.entry("reauth_time", TIME),
            Map.entry("child_rekey_bytes", BYTES),
            Map.entry("child_rekey_packets", PACKETS),
            Map.entry("rekey_time", TIME),
            Map.entry("child_rekey_time", TIME),
            Map.entry("fragmentation", YES_NO),
            Map.entry("childless", YES_NO),
            Map.entry("selector_notices", YES_NO),
            Map.entry("children", "all or pair"),
            Map.entry("address", "auto, inet, inet6 or none"),
            Map.entry("pool", "networks such as 10.9.0.0/24"),
            Map.entry("pool_file", "a file of identities and their addresses"),
            Map.entry("pool_dns", "addresses of name servers")));

    /** All of them. */
    static final Set<String> KNOWN = EXPECTED.keySet();

    private final String word;
    private final String text;
    private final @Nullable Path besides;

    private IkeWords(String word, String text, @Nullable Path besides) {
        this.word = word;
        this.text = text;
        this.besides = besides;
    }

    /** What may stand after a word. */
    static String expected(String word) {
        return EXPECTED.getOrDefault(word, "a value");
    }

    /** Whether this is one of IKE's words with this value. */
    static boolean takes(String word, String value) {
        return KNOWN.contains(word) && (!word.equals(KEY) || value.isEmpty() || NUMBERS.indexOf(value.charAt(0)) < 0);
    }

    /**
     * Settings with one of them changed.
     *
     * @param besides the file that says so, where relative names of files begin; null for a command, which may not have
     *     them
     * @throws ConfigException naming the word and what was expected
     */
    static IkeSettings apply(IkeSettings settings, String word, String value, @Nullable Path besides)
            throws ConfigException {
        String text = value.strip();
        if (text.isEmpty()) {
            throw new ConfigException(word + ": empty; expected " + expected(word));
        }
        IkeWords given = new IkeWords(word, text, besides);
        if (word.equals(KEYING)) {
            return settings.withKeying(given.oneOf(Map.of("manual", Keying.MANUAL, "ike", Keying.IKE)));
        }
        IkeSettings changed = given.change(settings);
        return changed.keying() == null ? changed.withKeying(Keying.IKE) : changed;
    }

    private IkeSettings change(IkeSettings settings) throws ConfigException {
        return switch (word) {
            case "local_id" -> settings.withLocalId(identity());
            case "remote_id" -> settings.withRemoteId(text.equals(IkeSettings.ANYBODY) ? text : identity());
            case "ike" -> settings.withIke(proposals(ProposalNotation::ike));
            case "esp" -> settings.withEsp(proposals(ProposalNotation::esp));
            case "auth", "psk_file", "ppk_file", "ppk_id", "ppk_required", "cert", KEY, "cacert", "revocation" ->
                settings.withCredentials(change(settings.credentials()));
            case "address", "pool", "pool_file", "pool_dns" -> settings.withAddresses(change(settings.addresses()));
            default -> settings.withBehaviour(change(settings.behaviour()));
        };
    }

    private IkeCredentials change(IkeCredentials credentials) throws ConfigException {
        return switch (word) {
            case "auth" ->
                credentials.withMethod(
                        oneOf(Map.of("psk", Method.PSK, "pubkey", Method.PUBKEY, "rsa_pss", Method.RSA_PSS)));
            case "psk_file" -> credentials.withPskFile(file(text));
            case "ppk_file" -> credentials.withPpk(credentials.ppk().withFile(file(text)));
            case "ppk_id" -> credentials.withPpk(credentials.ppk().withId(ppkId()));
            case "ppk_required" -> credentials.withPpk(credentials.ppk().withRequired(yesOrNo()));
            case "cert" -> credentials.withCertificates(files());
            case KEY -> credentials.withKeyFile(file(text));
            case "cacert" -> credentials.withAuthorities(files());
            default ->
                credentials.withRevocation(
                        oneOf(Map.of("off", Revocation.OFF, "soft", Revocation.SOFT, "strict", Revocation.STRICT)));
        };
    }

    private IkeAddresses change(IkeAddresses addresses) throws ConfigException {
        return switch (word) {
            case "address" ->
                addresses.withAsks(oneOf(Map.of(
                        "auto",
                        List.of(Family.values()),
                        "inet",
                        List.of(Family.INET),
                        "inet6",
                        List.of(Family.INET6),
                        "none",
                        List.of())));
            case "pool" -> addresses.withPool(list(IpPrefix::parse));
            case "pool_file" -> {
                String file = file(text);
                yield addresses.withReserved(file, PoolFile.read(file));
            }
            default -> addresses.withDns(list(IpAddress::parse));
        };
    }

    private <T> List<T> list(Function<String, T> parser) throws ConfigException {
        try {
            List<T> values = RcConfInterfaces.words(text.replace(',', ' ')).stream()
                    .map(parser)
                    .toList();
            if (!values.isEmpty()) {
                return values;
            }
        } catch (IllegalArgumentException e) {
            throw new ConfigException(word + ": " + e.getMessage() + "; expected " + expected(word));
        }
        throw wrong();
    }

    private IkeBehaviour change(IkeBehaviour behaviour) throws ConfigException {
        return switch (word) {
            case "start" ->
                behaviour.withStart(
                        oneOf(Map.of("start", IkeAction.START, "trap", IkeAction.TRAP, "add", IkeAction.NONE)));
            case "close_action" ->
                behaviour.withClose(
                        oneOf(Map.of("start", IkeAction.START, "trap", IkeAction.TRAP, "none", IkeAction.NONE)));
            case "dpd_action" ->
                behaviour.withDpd(
                        oneOf(Map.of("restart", IkeAction.START, "hold", IkeAction.TRAP, "clear", IkeAction.NONE)));
            case "dpd_delay" -> behaviour.withDpdDelay(time());
            case "reauth_time", "child_rekey_bytes", "child_rekey_packets" ->
                behaviour.withLimits(change(behaviour.limits()));
            case "rekey_time" -> behaviour.withRekeyTime(time());
            case "child_rekey_time" -> behaviour.withChildRekeyTime(time());
            case "fragmentation" -> behaviour.withFragmentation(yesOrNo());
            case "childless" -> behaviour.withChildless(yesOrNo());
            case "selector_notices" -> behaviour.withSelectorNotices(yesOrNo());
            case "children" -> behaviour.withChildren(oneOf(Map.of("all", IkeChildren.ALL, "pair", IkeChildren.PAIR)));
            default -> throw new IllegalArgumentException(word);
        };
    }

    private IkeBehaviour.Limits change(IkeBehaviour.Limits limits) throws ConfigException {
        return switch (word) {
            case "reauth_time" -> new IkeBehaviour.Limits(time(), limits.childBytes(), limits.childPackets());
            case "child_rekey_bytes" -> new IkeBehaviour.Limits(limits.reauthTime(), amount(), limits.childPackets());
            default -> new IkeBehaviour.Limits(limits.reauthTime(), limits.childBytes(), amount());
        };
    }

    /** In units of 1,024. */
    private long amount() throws ConfigException {
        Matcher form = AMOUNT_FORM.matcher(text.toLowerCase(Locale.ROOT));
        if (!form.matches()) {
            throw wrong();
        }
        int shift = 10 * (1 + "kmgt".indexOf(form.group(2).isEmpty() ? "-" : form.group(2)));
        long number = Long.parseLong(form.group(1));
        if (number > (Long.MAX_VALUE >> (shift + 1))) {
            throw wrong();
        }
        return number << shift;
    }

    private boolean yesOrNo() throws ConfigException {
        return oneOf(Map.of("yes", true, "no", false));
    }

    private String ppkId() throws ConfigException {
        if (!PpkFile.isId(text)) {
            throw wrong();
        }
        return text;
    }

    private <T> T oneOf(Map<String, T> values) throws ConfigException {
        T value = values.get(text.toLowerCase(Locale.ROOT));
        if (value == null) {
            throw wrong();
        }
        return value;
    }

    private ConfigException wrong() {
        return new ConfigException(word + ": " + ConfigException.shown(text) + " is not " + expected(word));
    }

    private String identity() throws ConfigException {
        try {
            IdentityForm.check(text);
            return text;
        } catch (ConfigException e) {
            throw new ConfigException(word + ": " + e.getMessage());
        }
    }

    private List<AlgorithmProposal> proposals(Function<String, List<AlgorithmProposal>> notation)
            throws ConfigException {
        try {
            return notation.apply(text);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(word + ": " + e.getMessage());
        }
    }

    private Duration time() throws ConfigException {
        Matcher form = TIME_FORM.matcher(text.toLowerCase(Locale.ROOT));
        if (!form.matches()) {
            throw wrong();
        }
        long number = Long.parseLong(form.group(1));
        Duration time = switch (form.group(2)) {
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            case "d" -> Duration.ofDays(number);
            default -> Duration.ofSeconds(number);
        };
        if (time.compareTo(LONGEST) > 0) {
            throw new ConfigException(
                    word + ": " + ConfigException.shown(text) + " is more than " + LONGEST.toDays() + " days");
        }
        return time;
    }

    private List<String> files() throws ConfigException {
        List<String> files = new ArrayList<>();
        for (String each : RcConfInterfaces.words(text.replace(',', ' '))) {
            files.add(file(each));
        }
        if (files.isEmpty()) {
            throw wrong();
        }
        return files;
    }

    private String file(String name) throws ConfigException {
        try {
            Path path = Path.of(name);
            if (besides == null && !path.isAbsolute()) {
                throw new ConfigException(word + ": expected a file's name that begins with a '/'");
            }
            return (besides == null ? path : besides.resolveSibling(path)).toString();
        } catch (InvalidPathException e) {
            throw new ConfigException(word + ": no name of a file: " + e.getReason());
        }
    }
}
