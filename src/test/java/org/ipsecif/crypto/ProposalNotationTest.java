package org.ipsecif.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.ipsecif.crypto.AlgorithmProposal.Cipher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Keywords as in strongSwan's proposal_keywords_static.txt and ipsec.conf(5). */
class ProposalNotationTest {
    private static AlgorithmProposal one(List<AlgorithmProposal> proposals) {
        assertEquals(1, proposals.size());
        return proposals.get(0);
    }

    @Test
    void combinedModeHasPrfAndNoIntegrity() {
        assertEquals(
                new AlgorithmProposal(
                        List.of(new Cipher(EncryptionAlgorithm.ENCR_AES_GCM_16, 256)),
                        List.of(),
                        List.of(PseudorandomFunction.PRF_HMAC_SHA2_384),
                        List.of(List.of(KeyExchangeMethod.ECP_384)),
                        List.of()),
                one(ProposalNotation.ike("aes256gcm16-prfsha384-ecp384")));
    }

    @Test
    void integrityImpliesThePrf() {
        assertEquals(
                new AlgorithmProposal(
                        List.of(new Cipher(EncryptionAlgorithm.ENCR_AES_CBC, 128)),
                        List.of(IntegrityAlgorithm.AUTH_HMAC_SHA2_256_128),
                        List.of(PseudorandomFunction.PRF_HMAC_SHA2_256),
                        List.of(List.of(KeyExchangeMethod.MODP_2048)),
                        List.of()),
                one(ProposalNotation.ike("aes128-sha256-modp2048")));
        assertEquals(
                List.of(PseudorandomFunction.PRF_HMAC_SHA2_512),
                one(ProposalNotation.ike("aes128-sha256-prfsha512-modp2048")).prfs());
    }

    @ParameterizedTest
    @CsvSource({
        "aes128-aes256-sha256-sha512-x25519-ecp256, aes128-aes256-sha256-sha512-prfsha256-prfsha512-x25519-ecp256",
        "ecp256-x25519-sha1-aes, aes128-sha1-prfsha1-ecp256-x25519",
        "AES192-SHA384-X448, aes192-sha384-prfsha384-x448",
        "aes128-sha-curve448, aes128-sha1-prfsha1-x448",
        "aes128-sha2_512-curve25519, aes128-sha512-prfsha512-x25519",
        "aes128-aesxcbc-aescmac-ecp521, aes128-aesxcbc-aescmac-prfaesxcbc-prfaescmac-ecp521",
        "aes128gcm-sha256-modp3072, aes128gcm16-prfsha256-modp3072",
        "aes192gcm128-aes192gcm64-aes192gcm96-prfsha256-modp4096, aes192gcm16-aes192gcm8-aes192gcm12-prfsha256-modp4096",
        "aes256ccm-aes128ccm8-aes128ccm12-prfsha256-ecp224bp, aes256ccm16-aes128ccm8-aes128ccm12-prfsha256-ecp224bp",
        "chacha20poly1305-prfaescmac-ecp256bp-ecp384bp-ecp512bp, chacha20poly1305-prfaescmac-ecp256bp-ecp384bp-ecp512bp",
        "aes128gcm16-prfsha256-x25519-ke1_mlkem768-ke2_mlkem1024-ke1_mlkem512,"
                + " aes128gcm16-prfsha256-x25519-ke1_mlkem768-ke1_mlkem512-ke2_mlkem1024",
    })
    void proposalForIkeIsReadAndWritten(String given, String text) {
        AlgorithmProposal proposal = one(ProposalNotation.ike(given));
        assertEquals(text, ProposalNotation.text(proposal));
        assertEquals(List.of(proposal), ProposalNotation.ike(text));
    }

    @ParameterizedTest
    @CsvSource({
        "aes128gcm16-x25519-esn-noesn, aes128gcm16-x25519-esn-noesn",
        "aes256-sha512, aes256-sha512-esn-noesn",
        "null-sha256-noesn, null-sha256-noesn",
        "aes128gcm16-noesn-esn, aes128gcm16-noesn-esn",
        "aes192gmac-esn, aes192gmac-esn",
        "camellia-camellia192-camellia256-sha384-esn, camellia128-camellia192-camellia256-sha384-esn",
        "aes256ctr-aescmac-esn, aes256ctr-aescmac-esn",
        "3des-sha1-modp2048-esn, 3des-sha1-modp2048-esn",
        "chacha20poly1305-mlkem768-esn, chacha20poly1305-mlkem768-esn",
    })
    void proposalForEspIsReadAndWritten(String given, String text) {
        AlgorithmProposal proposal = one(ProposalNotation.esp(given));
        assertEquals(text, ProposalNotation.text(proposal));
        assertEquals(List.of(proposal), ProposalNotation.esp(text));
        assertEquals(List.of(), proposal.prfs());
    }

    @Test
    void combinedModesAndOthersPartWays() {
        assertEquals(
                "aes256gcm16-prfsha256-x25519,aes256-sha256-prfsha256-x25519",
                ProposalNotation.text(ProposalNotation.ike("aes256gcm16-aes256-sha256-x25519")));
        assertEquals(
                "aes128-sha512-esn-noesn,chacha20poly1305-esn-noesn",
                ProposalNotation.text(ProposalNotation.esp("aes128-chacha20poly1305-sha512")));
    }

    @Test
    void commasPartProposalsAndThoseGivenTwiceCountOnce() {
        assertEquals(
                "aes128-sha256-esn-noesn,aes256-sha256-esn-noesn",
                ProposalNotation.text(ProposalNotation.esp("aes128-sha256, aes256-sha256,aes128-sha256-esn-noesn")));
    }

    @ParameterizedTest
    @EnumSource
    void everyKeyExchangeHasItsWord(KeyExchangeMethod method) {
        assertEquals(
                List.of(List.of(method)),
                one(ProposalNotation.esp("aes128gcm16-" + method.keyword())).keyExchanges());
        assertEquals(
                List.of(List.of(KeyExchangeMethod.ECP_256), List.of(method)),
                one(ProposalNotation.ike("aes128gcm16-prfsha256-ecp256-ke1_" + method.keyword()))
                        .keyExchanges());
    }

    @ParameterizedTest
    @EnumSource
    void everyPrfHasItsWord(PseudorandomFunction prf) {
        assertEquals(
                List.of(prf),
                one(ProposalNotation.ike("aes128gcm16-ecp256-" + prf.keyword())).prfs());
    }

    @ParameterizedTest
    @EnumSource
    void everyCipherWithEachLengthOfKeysHasItsWord(EncryptionAlgorithm algorithm) {
        for (int bits : algorithm.keyMaterialBits()) {
            Cipher cipher = new Cipher(algorithm, bits - algorithm.saltLength() * KeyMaterial.BITS_PER_BYTE);
            String text = AlgorithmKeywords.word(cipher) + (algorithm.isAead() ? "" : "-sha256");
            assertEquals(List.of(cipher), one(ProposalNotation.esp(text)).ciphers());
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void everyIntegrityAlgorithmHasItsWord(IntegrityAlgorithm integrity) {
        assertEquals(
                List.of(integrity),
                one(ProposalNotation.esp("aes128-" + AlgorithmKeywords.word(integrity)))
                        .integrity());
    }

    @ParameterizedTest
    @EnumSource
    void forIkeIsTakenWhatProtectsIke(EncryptionAlgorithm algorithm) {
        int bits = algorithm.keyMaterialBits().get(0) - algorithm.saltLength() * KeyMaterial.BITS_PER_BYTE;
        String word = AlgorithmKeywords.word(new Cipher(algorithm, bits));
        IkeSuite suite = new IkeSuite(
                algorithm,
                bits,
                algorithm.isAead() ? IntegrityAlgorithm.NONE : IntegrityAlgorithm.AUTH_HMAC_SHA2_256_128);
        if (protectsIke(suite)) {
            assertEquals(1, ProposalNotation.ike(word + "-sha256-x25519").size());
        } else {
            assertThrows(IllegalArgumentException.class, () -> ProposalNotation.ike(word + "-sha256-x25519"));
        }
    }

    private static boolean protectsIke(IkeSuite suite) {
        try (IkeCipher cipher = IkeCipher.of(
                suite,
                KeyMaterial.owning(new byte[suite.encryptionKeyLength()]),
                KeyMaterial.owning(new byte[suite.integrityKeyLength()]))) {
            return cipher.sealedLength(1) > 1;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** One proposal that had NONE beside the method would be refused by peers that do not know the transform. */
    @Test
    void additionalExchangeThatMayBeLeftOutMakesASecondProposal() {
        String words = "aes128gcm16-prfsha256-x25519";
        assertEquals(
                ProposalNotation.ike(words + "-ke1_mlkem768," + words),
                ProposalNotation.ike(words + "-ke1_mlkem768-ke1_none"));
        assertEquals(
                List.of(
                        words + "-ke1_ecp384-ke2_mlkem768",
                        words + "-ke1_none-ke2_mlkem768",
                        words + "-ke1_ecp384",
                        words),
                ProposalNotation.ike(words + "-ke1_ecp384-ke2_mlkem768-ke2_none-ke1_none").stream()
                        .map(ProposalNotation::text)
                        .toList());
        assertEquals(
                "aes128gcm16-x25519-ke1_none-ke2_mlkem768-esn-noesn",
                ProposalNotation.text(ProposalNotation.esp("aes128gcm16-x25519-ke1_none-ke2_mlkem768")));
    }

    @Test
    void defaultsOfferNothingWeakAndNoWordForThatIsNeeded() {
        assertEquals(ProposalNotation.DEFAULT_IKE, ProposalNotation.ike("default"));
        assertEquals(ProposalNotation.DEFAULT_ESP, ProposalNotation.esp("Default"));
        assertEquals("default", ProposalNotation.text(ProposalNotation.DEFAULT_IKE));
        assertEquals("default", ProposalNotation.text(ProposalNotation.DEFAULT_ESP));
        Stream.of(ProposalNotation.DEFAULT_IKE, ProposalNotation.DEFAULT_ESP).forEach(proposals -> {
            assertEquals(List.of(), ProposalNotation.warnings(proposals));
            assertTrue(proposals.get(0).ciphers().get(0).algorithm().isAead());
        });
        assertFalse(ProposalNotation.DEFAULT_IKE.stream()
                .anyMatch(each -> each.keyExchanges().isEmpty()));
        assertEquals(
                List.of(true, true, false, false),
                ProposalNotation.DEFAULT_ESP.stream()
                        .map(each -> !each.keyExchanges().isEmpty())
                        .toList());
    }

    @Test
    void defaultStandsForItsProposalsBesideOthers() {
        List<AlgorithmProposal> proposals = ProposalNotation.ike("aes128-sha1-modp2048,default");
        assertEquals(1 + ProposalNotation.DEFAULT_IKE.size(), proposals.size());
        assertEquals(ProposalNotation.DEFAULT_IKE, proposals.subList(1, proposals.size()));
    }

    @Test
    void whatIsWeakIsComplainedAboutOnce() {
        assertEquals(
                List.of(
                        "sha1 is on its way out (RFC 8221 section 6, RFC 8247 section 2.3); take sha256",
                        "prfsha1 is on its way out (RFC 8247 section 2.2); take prfsha256"),
                ProposalNotation.warnings(ProposalNotation.ike("aes128-sha1-x25519,aes256-sha1-x25519")));
        assertEquals(
                List.of(
                        "3des has blocks of 64 bits (RFC 8221 section 5); take aes128",
                        "null does not encrypt: everybody on the way reads all",
                        "aes128gmac does not encrypt: everybody on the way reads all"),
                ProposalNotation.warnings(ProposalNotation.esp("3des-null-sha256,aes128gmac")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ike | aes128-sha256-modp1024 | \"modp1024\" is not offered; take x25519, ecp256 or modp2048",
                "ike | aes128-sha256-modp768 | \"modp768\" is not offered; take x25519, ecp256 or modp2048",
                "ike | aes128-sha256-modp1536 | \"modp1536\" is not offered; take x25519, ecp256 or modp2048",
                "ike | aes128-sha256-modp2048s256 | \"modp2048s256\" is not offered; take x25519, ecp256 or modp2048",
                "ike | aes128-sha256-modp8192 | \"modp8192\" is not offered; take modp4096, ecp521 or x448",
                "ike | aes128-sha256-ecp192 | \"ecp192\" is not offered; take ecp256",
                "ike | aes128-md5-x25519 | \"md5\" is not offered; take sha256",
                "ike | aes128-sha256_96-x25519 | \"sha256_96\" is not offered; take sha256",
                "ike | aes128-sha256-prfmd5-x25519 | \"prfmd5\" is not offered; take prfsha256",
                "ike | des-sha256-x25519 | \"des\" is not offered; take aes256gcm16 or aes128",
                "esp | blowfish256-sha256 | \"blowfish256\" is not offered; take aes256gcm16 or aes128",
                "esp | cast128-sha256 | \"cast128\" is not offered; take aes256gcm16 or aes128",
                "esp | camellia128ctr-sha256 | \"camellia128ctr\" is not offered; take camellia256, or aes256gcm16",
                "ike | aes128-sha256-newhope128 | \"newhope128\" is not offered; take ke1_mlkem768",
                "ike | aes128-sha256-x25519-aes129 | \"aes129\" is no word of a proposal; expected a cipher such as"
                        + " aes256gcm16 or aes128, an integrity algorithm such as sha256, a PRF such as prfsha256, a key"
                        + " exchange such as x25519, or an additional one such as ke1_mlkem768",
                "esp | aes128gcm17 | \"aes128gcm17\" is no word of a proposal; expected a cipher such as aes256gcm16 or"
                        + " aes128, an integrity algorithm such as sha256, a key exchange such as x25519, an additional one"
                        + " such as ke1_mlkem768, esn or noesn",
                "esp | correcthorsebatterystaple | a word of 25 characters is no word of a proposal; expected a cipher such"
                        + " as aes256gcm16 or aes128, an integrity algorithm such as sha256, a key exchange such as x25519,"
                        + " an additional one such as ke1_mlkem768, esn or noesn",
                "ike | camellia256-sha256-x25519 | \"camellia256\" protects ESP only; expected for IKE aes128, aes256,"
                        + " aes256gcm16, aes256ccm16 or chacha20poly1305",
                "ike | aes128-sha256-x25519-esn | \"esn\" belongs in a proposal for ESP; IKE messages have no sequence"
                        + " numbers to extend",
                "esp | aes128-sha256-prfsha256 | \"prfsha256\" belongs in a proposal for IKE; one for ESP has no PRF",
                "ike | aes128-sha256-mlkem768 | \"mlkem768\" is too long for IKE_SA_INIT, which has no fragments; ke1_mlkem768"
                        + " beside x25519 adds it (RFC 9370)",
                "esp | aes128gcm16-ke1_mlkem768 | \"aes128gcm16-ke1_mlkem768\" has ke1_ and no first key exchange; expected one"
                        + " such as x25519",
                "ike | aes128-sha256-x25519-ke1_none | \"aes128-sha256-x25519-ke1_none\" has ke1_none and nothing that could be"
                        + " left out there",
                "ike | aes128-sha256-x25519-ke1_none-ke1_none | \"ke1_none\" is given twice",
                "ike | aes128-sha256-x25519-ke1_ecp256-ke1_none-ke2_ecp384-ke2_none-ke3_ecp521-ke3_none |"
                        + " \"aes128-sha256-x25519-ke1_ecp256-ke1_none-ke2_ecp384-ke2_none-ke3_ecp521-ke3_none\" has more than 2"
                        + " words that end with _none",
                "ike | aes128-sha256-x25519-ke1_mlkem768-ke2_mlkem768 | \"aes128-sha256-x25519-ke1_mlkem768-ke2_mlkem768\" has the"
                        + " same additional key exchange in two places; they must differ (RFC 9370 section 2.2.1)",
                "ike | aes128-sha256-x25519-ke1_sha256 | \"ke1_sha256\" is no key exchange; expected such as ke1_mlkem768",
                "ike | aes128-sha256-x25519-ke2_mlkem768 | \"aes128-sha256-x25519-ke2_mlkem768\" has ke2_ without ke1_",
                "ike | aes128-aes-sha256-x25519 | \"aes\" is given twice",
                "ike | aes128-sha256 | \"aes128-sha256\" has no key exchange; expected one such as x25519",
                "ike | sha256-x25519 | \"sha256-x25519\" has no cipher; expected one such as aes256gcm16 or aes128",
                "ike | aes128-x25519 | \"aes128-x25519\" has no integrity algorithm; expected one such as sha256",
                "ike | aes128-prfsha256-x25519 | \"aes128-prfsha256-x25519\" has no integrity algorithm; expected one such"
                        + " as sha256",
                "ike | aes128gcm16-x25519 | \"aes128gcm16-x25519\" has no PRF; expected one such as prfsha256",
                "esp | aes128gcm16-sha256 | \"aes128gcm16-sha256\" has an integrity algorithm, but its ciphers have their own",
                "esp | aes128 | \"aes128\" has no integrity algorithm; expected one such as sha256",
                "ike | default, | a proposal is empty; expected one such as aes256gcm16-prfsha384-ecp384, or default",
                "esp | , | a proposal is empty; expected one such as aes256gcm16-x25519, or default",
                "esp | aes128--sha256 | \"\" is no word of a proposal; expected a cipher such as aes256gcm16 or aes128, an"
                        + " integrity algorithm such as sha256, a key exchange such as x25519, an additional one such as"
                        + " ke1_mlkem768, esn or noesn",
            })
    void wrongWordIsNamedWithWhatWasExpected(String kind, String text, String problem) {
        IllegalArgumentException wrong = assertThrows(IllegalArgumentException.class, () -> {
            List<AlgorithmProposal> read = kind.equals("ike") ? ProposalNotation.ike(text) : ProposalNotation.esp(text);
            throw new AssertionError(ProposalNotation.text(read));
        });
        assertEquals(problem, wrong.getMessage());
    }
}
