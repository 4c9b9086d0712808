package org.ipsecif.platform.pfkey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.ipsecif.platform.pfkey.SadbAlgorithms.Authentication;
import org.ipsecif.platform.pfkey.SadbAlgorithms.Encryption;
import org.junit.jupiter.api.Test;

/** Numbers by hand, from FreeBSD's net/pfkeyv2.h and Linux's linux/pfkeyv2.h. */
class SadbAlgorithmsTest {
    /** Where the header has no number. */
    private static final int NONE = -1;

    private static final int FREE = 200;

    private record Row(Enum<?> algorithm, String words, int freebsd, int linux) {}

    /** The C names after SADB_AALG_ or SADB_X_AALG_, of FreeBSD and then, if it has another, of Linux. */
    private static final List<Row> AUTHENTICATION = List.of(
            new Row(Authentication.NULL, "null", 251, 251), // NULL
            new Row(Authentication.HMAC_SHA1, "hmac-sha1", 3, 3), // SHA1HMAC
            new Row(Authentication.HMAC_SHA2_256, "hmac-sha2-256", 5, 5), // SHA2_256, SHA2_256HMAC
            new Row(Authentication.HMAC_SHA2_384, "hmac-sha2-384", 6, 6), // SHA2_384, SHA2_384HMAC
            new Row(Authentication.HMAC_SHA2_512, "hmac-sha2-512", 7, 7), // SHA2_512, SHA2_512HMAC
            new Row(Authentication.AES_XCBC_MAC, "aes-xcbc-mac", 9, 9), // AES_XCBC_MAC
            new Row(Authentication.AES_128_GMAC, "aes-128-gmac", 11, NONE), // AES128GMAC
            new Row(Authentication.AES_192_GMAC, "aes-192-gmac", 12, NONE), // AES192GMAC
            new Row(Authentication.AES_256_GMAC, "aes-256-gmac", 13, NONE)); // AES256GMAC

    /** The C names after SADB_EALG_ or SADB_X_EALG_. */
    private static final List<Row> ENCRYPTION = List.of(
            new Row(Encryption.NULL, "null", 11, 11), // NULL
            new Row(Encryption.TRIPLE_DES_CBC, "3des-cbc", 3, 3), // 3DESCBC
            new Row(Encryption.AES_CBC, "aes-cbc", 12, 12), // AESCBC
            new Row(Encryption.AES_CTR, "aes-ctr", 13, 13), // AESCTR
            new Row(Encryption.AES_CCM_8, "aes-ccm-8", NONE, 14), // AES_CCM_ICV8
            new Row(Encryption.AES_CCM_12, "aes-ccm-12", NONE, 15), // AES_CCM_ICV12
            new Row(Encryption.AES_CCM_16, "aes-ccm-16", NONE, 16), // AES_CCM_ICV16
            new Row(Encryption.AES_GCM_8, "aes-gcm-8", 18, 18), // AESGCM8, AES_GCM_ICV8
            new Row(Encryption.AES_GCM_12, "aes-gcm-12", 19, 19), // AESGCM12, AES_GCM_ICV12
            new Row(Encryption.AES_GCM_16, "aes-gcm-16", 20, 20), // AESGCM16, AES_GCM_ICV16
            new Row(Encryption.CAMELLIA_CBC, "camellia-cbc", 22, 22), // CAMELLIACBC
            new Row(Encryption.NULL_AES_GMAC, "aes-gmac", 23, 23)); // AESGMAC, NULL_AES_GMAC

    private static Set<Enum<?>> algorithms(List<Row> rows) {
        return rows.stream().map(Row::algorithm).collect(Collectors.toSet());
    }

    @Test
    void eachIsInOneOfTheTables() {
        assertEquals(EnumSet.allOf(Authentication.class), algorithms(AUTHENTICATION));
        assertEquals(EnumSet.allOf(Encryption.class), algorithms(ENCRYPTION));
    }

    private interface Number {
        int of(Dialect dialect);
    }

    private static void assertNumbers(Row row, String words, Number number, BiFunction<Dialect, Integer, Object> of) {
        assertEquals(row.words, words);
        for (Dialect dialect : Dialect.values()) {
            int expected = dialect == Dialect.FREEBSD ? row.freebsd : row.linux;
            if (expected == NONE) {
                assertThrows(IllegalArgumentException.class, () -> number.of(dialect), words);
            } else {
                assertEquals(expected, number.of(dialect), words);
                assertEquals(Optional.of(row.algorithm), of.apply(dialect, expected));
            }
        }
    }

    @Test
    void numbersAreThoseOfTheHeaders() {
        for (Row row : AUTHENTICATION) {
            Authentication algorithm = (Authentication) row.algorithm;
            assertNumbers(row, algorithm.words(), algorithm::number, Authentication::of);
        }
        for (Row row : ENCRYPTION) {
            Encryption algorithm = (Encryption) row.algorithm;
            assertNumbers(row, algorithm.words(), algorithm::number, Encryption::of);
        }
    }

    @Test
    void numberOfNoneIsNotKnown() {
        for (Dialect dialect : Dialect.values()) {
            assertEquals(Optional.empty(), Authentication.of(dialect, FREE));
            assertEquals(Optional.empty(), Encryption.of(dialect, FREE));
        }
    }
}
