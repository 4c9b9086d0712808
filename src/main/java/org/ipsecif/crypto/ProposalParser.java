package org.ipsecif.crypto;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ipsecif.crypto.AlgorithmProposal.Cipher;

/** Reads one proposal: its words in any order, those of one kind in the order of liking. */
final class ProposalParser {
    private static final Pattern ADDITIONAL = Pattern.compile("ke([1-7])_(.*)");
    /** RFC 9370 section 2.2.2. */
    private static final int MAX_ADDITIONAL = 7;

    private static final int MAX_SHOWN = 16;
    private static final String EXPECTED_IKE = "a cipher such as aes256gcm16 or aes128, an integrity algorithm such as"
            + " sha256, a PRF such as prfsha256, a key exchange such as x25519, or an additional one such as"
            + " ke1_mlkem768";
    private static final String EXPECTED_ESP = "a cipher such as aes256gcm16 or aes128, an integrity algorithm such as"
            + " sha256, a key exchange such as x25519, an additional one such as ke1_mlkem768, esn or noesn";

    private final boolean ike;
    private final List<Cipher> ciphers = new ArrayList<>();
    private final List<IntegrityAlgorithm> integrity = new ArrayList<>();
    private final List<PseudorandomFunction> prfs = new ArrayList<>();
    private final List<List<KeyExchangeMethod>> keyExchanges = new ArrayList<>();
    private final Set<Integer> optional = new TreeSet<>();
    private final List<Boolean> esn = new ArrayList<>();

    private ProposalParser(boolean ike) {
        this.ike = ike;
        for (int i = 0; i <= MAX_ADDITIONAL; i++) {
            keyExchanges.add(new ArrayList<>());
        }
    }

    /**
     * @return one, or two if combined-mode and other ciphers are in it (RFC 5282 section 8); each also without what {@code none} says
     *     may be left out
     */
    static List<AlgorithmProposal> parse(String text, boolean ike) {
        ProposalParser parser = new ProposalParser(ike);
        for (String word : text.split("-", -1)) {
            parser.read(word.strip().toLowerCase(Locale.ROOT));
        }
        return parser.proposals(text);
    }

    private void read(String word) {
        Optional<Cipher> cipher = AlgorithmKeywords.cipher(word);
        Optional<IntegrityAlgorithm> checksum = AlgorithmKeywords.integrity(word);
        Optional<PseudorandomFunction> prf = PseudorandomFunction.byKeyword(word);
        Optional<KeyExchangeMethod> method = KeyExchangeMethod.byKeyword(word);
        Matcher additional = ADDITIONAL.matcher(word);
        if (cipher.isPresent()) {
            addCipher(word, cipher.get());
        } else if (checksum.isPresent()) {
            add(integrity, checksum.get(), word);
        } else if (prf.isPresent()) {
            require(ike, word, "belongs in a proposal for IKE; one for ESP has no PRF");
            add(prfs, prf.get(), word);
        } else if (method.isPresent()) {
            require(
                    !ike || !method.get().isKem(),
                    word,
                    "is too long for IKE_SA_INIT, which has no fragments; ke1_" + word
                            + " beside x25519 adds it (RFC 9370)");
            add(keyExchanges.get(0), method.get(), word);
        } else if (additional.matches()) {
            addAdditional(word, Integer.parseInt(additional.group(1)), additional.group(2));
        } else if (word.equals("esn") || word.equals("noesn")) {
            require(!ike, word, "belongs in a proposal for ESP; IKE messages have no sequence numbers to extend");
            add(esn, word.equals("esn"), word);
        } else {
            throw unknown(word);
        }
    }

    private IllegalArgumentException unknown(String word) {
        return wrong(
                word,
                AlgorithmKeywords.instead(word)
                        .map(instead -> "is not offered; take " + instead)
                        .orElse("is no word of a proposal; expected " + (ike ? EXPECTED_IKE : EXPECTED_ESP)));
    }

    private void addCipher(String word, Cipher cipher) {
        require(
                !ike || IkeCipher.serves(cipher.algorithm()),
                word,
                "protects ESP only; expected for IKE aes128, aes256, aes256gcm16, aes256ccm16 or chacha20poly1305");
        add(ciphers, cipher, word);
    }

    /**
     * {@code none} makes a second proposal: in one and the same, peers from before RFC 9370 would not know the transform, and refuse it
     * (RFC 7296 section 3.3.6).
     */
    private void addAdditional(String word, int number, String name) {
        if (name.equals("none")) {
            require(optional.add(number), word, "is given twice");
            return;
        }
        add(
                keyExchanges.get(number),
                KeyExchangeMethod.byKeyword(name)
                        .orElseThrow(
                                () -> wrong(word, "is no key exchange; expected such as ke" + number + "_mlkem768")),
                word);
    }

    private static <T> void add(List<T> list, T value, String word) {
        require(!list.contains(value), word, "is given twice");
        list.add(value);
    }

    private List<AlgorithmProposal> proposals(String text) {
        require(!ciphers.isEmpty(), text, "has no cipher; expected one such as aes256gcm16 or aes128");
        require(!ike || !keyExchanges.get(0).isEmpty(), text, "has no key exchange; expected one such as x25519");
        List<AlgorithmProposal> proposals = new ArrayList<>();
        boolean combinedFirst = ciphers.get(0).algorithm().isAead();
        for (List<List<KeyExchangeMethod>> methods : AdditionalExchanges.alternatives(text, keyExchanges, optional)) {
            addProposal(proposals, text, methods, combinedFirst);
            addProposal(proposals, text, methods, !combinedFirst);
        }
        return proposals;
    }

    private void addProposal(
            List<AlgorithmProposal> proposals, String text, List<List<KeyExchangeMethod>> methods, boolean combined) {
        Predicate<Cipher> kind = each -> each.algorithm().isAead() == combined;
        List<Cipher> some = ciphers.stream().filter(kind).toList();
        if (some.isEmpty()) {
            return;
        }
        checkIntegrity(text, combined, some.size() < ciphers.size());
        proposals.add(new AlgorithmProposal(
                some, combined ? List.of() : integrity, ike ? functions(text) : List.of(), methods, sequences()));
    }

    /** In a proposal for IKE integrity may stand with combined modes alone, in the PRF's stead. */
    private void checkIntegrity(String text, boolean combined, boolean mixed) {
        require(combined || !integrity.isEmpty(), text, "has no integrity algorithm; expected one such as sha256");
        require(
                !combined || mixed || ike || integrity.isEmpty(),
                text,
                "has an integrity algorithm, but its ciphers have their own");
    }

    private List<PseudorandomFunction> functions(String text) {
        List<PseudorandomFunction> functions = prfs.isEmpty()
                ? integrity.stream().map(ProposalParser::functionOf).toList()
                : prfs;
        require(!functions.isEmpty(), text, "has no PRF; expected one such as prfsha256");
        return functions;
    }

    private static PseudorandomFunction functionOf(IntegrityAlgorithm integrity) {
        return PseudorandomFunction.byKeyword("prf" + AlgorithmKeywords.word(integrity))
                .orElseThrow();
    }

    private List<Boolean> sequences() {
        return ike ? List.of() : esn.isEmpty() ? List.of(true, false) : esn;
    }

    static void require(boolean right, String word, String problem) {
        if (!right) {
            throw wrong(word, problem);
        }
    }

    private static IllegalArgumentException wrong(String word, String problem) {
        return new IllegalArgumentException(shown(word) + " " + problem);
    }

    /**
     * A long word that is none may be a misplaced secret. Of a whole proposal, all words are known before it is
     * complained about.
     */
    private static String shown(String text) {
        return text.length() > MAX_SHOWN && !text.contains("-")
                ? "a word of " + text.length() + " characters"
                : "\"" + text + "\"";
    }
}
