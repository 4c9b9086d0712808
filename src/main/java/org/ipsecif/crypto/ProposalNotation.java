package org.ipsecif.crypto;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.ipsecif.crypto.AlgorithmProposal.Cipher;

/**
 * strongSwan's notation of proposals: words with {@code -} between them, and commas between proposals. {@code
 * aes256gcm16-prfsha384-ecp384}, {@code aes128-sha256-modp2048}, {@code aes128gcm16-prfsha256-x25519-ke1_mlkem768}; for
 * ESP {@code aes256-sha512-noesn}. {@code ke1_none} beside {@code ke1_mlkem768} makes two proposals, the second without. The word {@code default} stands for what is offered unless something else is said.
 */
public final class ProposalNotation {
    private static final String DEFAULT = "default";
    private static final String GROUPS = "-x25519-ecp256-ecp384-ecp521-modp3072-modp2048";
    private static final String COMBINED = "aes256gcm16-aes128gcm16-chacha20poly1305";
    private static final String CLASSIC = "aes256-aes128-sha256-sha384-sha512";
    private static final String FUNCTIONS = "-prfsha256-prfsha384-prfsha512";

    /** What RFC 8247 wants of all but small devices, longer kinds of the same, and Curve25519 (RFC 8031). */
    public static final List<AlgorithmProposal> DEFAULT_IKE =
            ike(COMBINED + FUNCTIONS + GROUPS + "," + CLASSIC + FUNCTIONS + GROUPS);

    /** Likewise of RFC 8221, with perfect forward secrecy if the peer wants it too. */
    public static final List<AlgorithmProposal> DEFAULT_ESP =
            esp(COMBINED + GROUPS + "," + CLASSIC + GROUPS + "," + COMBINED + "," + CLASSIC);

    private ProposalNotation() {}

    /**
     * Proposals for IKE SAs.
     *
     * @throws IllegalArgumentException naming the word that is wrong and what was expected
     */
    public static List<AlgorithmProposal> ike(String text) {
        return parse(text, true);
    }

    /**
     * Proposals for Child SAs. Without {@code esn} and {@code noesn} they have both, in this order.
     *
     * @throws IllegalArgumentException naming the word that is wrong and what was expected
     */
    public static List<AlgorithmProposal> esp(String text) {
        return parse(text, false);
    }

    private static List<AlgorithmProposal> parse(String text, boolean ike) {
        List<AlgorithmProposal> proposals = new ArrayList<>();
        for (String each : text.split(",", -1)) {
            String one = each.strip();
            if (one.equalsIgnoreCase(DEFAULT)) {
                proposals.addAll(ike ? DEFAULT_IKE : DEFAULT_ESP);
            } else if (one.isEmpty()) {
                throw new IllegalArgumentException("a proposal is empty; expected one such as "
                        + (ike ? "aes256gcm16-prfsha384-ecp384" : "aes256gcm16-x25519") + ", or " + DEFAULT);
            } else {
                proposals.addAll(ProposalParser.parse(one, ike));
            }
        }
        return List.copyOf(new LinkedHashSet<>(proposals));
    }

    /** In the words that {@link #ike} and {@link #esp} take. */
    public static String text(List<AlgorithmProposal> proposals) {
        return proposals.equals(DEFAULT_IKE) || proposals.equals(DEFAULT_ESP)
                ? DEFAULT
                : proposals.stream().map(ProposalNotation::text).collect(Collectors.joining(","));
    }

    /** With each of its words said, whatever would be implied. */
    public static String text(AlgorithmProposal proposal) {
        List<String> words = new ArrayList<>();
        proposal.ciphers().forEach(each -> words.add(AlgorithmKeywords.word(each)));
        proposal.integrity().forEach(each -> words.add(AlgorithmKeywords.word(each)));
        proposal.prfs().forEach(each -> words.add(each.keyword()));
        for (int i = 0; i < proposal.keyExchanges().size(); i++) {
            String prefix = i == 0 ? "" : "ke" + i + "_";
            List<KeyExchangeMethod> methods = proposal.keyExchanges().get(i);
            methods.forEach(each -> words.add(prefix + each.keyword()));
            if (methods.isEmpty()) {
                words.add(prefix + "none");
            }
        }
        proposal.esn().forEach(each -> words.add(each ? "esn" : "noesn"));
        return String.join("-", words);
    }

    /** A line for each algorithm that is there only for a peer that has nothing better. */
    public static List<String> warnings(List<AlgorithmProposal> proposals) {
        Set<String> warnings = new LinkedHashSet<>();
        for (AlgorithmProposal each : proposals) {
            each.ciphers().forEach(cipher -> warn(warnings, cipher));
            if (each.integrity().contains(IntegrityAlgorithm.AUTH_HMAC_SHA1_96)) {
                warnings.add("sha1 is on its way out (RFC 8221 section 6, RFC 8247 section 2.3); take sha256");
            }
            if (each.prfs().contains(PseudorandomFunction.PRF_HMAC_SHA1)) {
                warnings.add("prfsha1 is on its way out (RFC 8247 section 2.2); take prfsha256");
            }
        }
        return List.copyOf(warnings);
    }

    private static void warn(Set<String> warnings, Cipher cipher) {
        switch (cipher.algorithm()) {
            case ENCR_3DES -> warnings.add("3des has blocks of 64 bits (RFC 8221 section 5); take aes128");
            case ENCR_NULL, ENCR_NULL_AUTH_AES_GMAC ->
                warnings.add(AlgorithmKeywords.word(cipher) + " does not encrypt: everybody on the way reads all");
            default -> {
                // the others do what they should
            }
        }
    }
}
