package org.ipsecif.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The table that is tried against strongSwan has all algorithms in it, or says that strongSwan lacks them. */
class StrongswanAlgorithmsTest {
    private static final Path SCRIPT = Path.of("src/test/interop/strongswan-algorithms.sh");

    private static Set<String> words(String... lists) throws Exception {
        String script = Files.readString(SCRIPT);
        Set<String> words = new LinkedHashSet<>();
        for (String list : lists) {
            Matcher matcher = Pattern.compile("(?m)^" + list + "=\\(([^)]*)\\)").matcher(script);
            assertTrue(matcher.find(), list);
            words.addAll(List.of(matcher.group(1).strip().split("\\s+")));
        }
        return words;
    }

    @Test
    void tableHasAllKeyExchangesAndPrfs() throws Exception {
        Set<String> groups = words("groups", "lacking");
        for (KeyExchangeMethod each : KeyExchangeMethod.values()) {
            assertTrue(groups.contains(each.keyword()), each.keyword());
        }
        assertEquals(
                Arrays.stream(PseudorandomFunction.values())
                        .map(PseudorandomFunction::keyword)
                        .collect(Collectors.toSet()),
                words("prfs"));
    }

    @Test
    void tableHasAllCiphersAndIntegrityAlgorithms() throws Exception {
        Set<EncryptionAlgorithm> ciphers = EnumSet.noneOf(EncryptionAlgorithm.class);
        Set<IntegrityAlgorithm> macs = EnumSet.of(IntegrityAlgorithm.NONE);
        for (String each : words("ciphers", "combined", "esp_ciphers", "lacking")) {
            AlgorithmKeywords.cipher(each).ifPresent(cipher -> ciphers.add(cipher.algorithm()));
        }
        for (String each : words("macs")) {
            macs.add(AlgorithmKeywords.integrity(each).orElseThrow());
        }
        assertEquals(EnumSet.allOf(EncryptionAlgorithm.class), ciphers);
        assertEquals(EnumSet.allOf(IntegrityAlgorithm.class), macs);
    }
}
