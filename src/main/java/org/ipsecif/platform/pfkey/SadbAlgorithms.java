package org.ipsecif.platform.pfkey;

import java.util.Arrays;
import java.util.Optional;

/**
 * Algorithms by their numbers: SADB_AALG_* and SADB_EALG_* of FreeBSD's net/pfkeyv2.h and Linux's linux/pfkeyv2.h. That a kernel has a
 * number does not say that it has the algorithm: {@link SadbClient#register}. Linux takes no AEAD over PF_KEY, and cuts the ICV of
 * hmac-sha2-256 to 96 bits (net/xfrm/xfrm_algo.c).
 */
public final class SadbAlgorithms {
    private static final int NONE = -1;

    /** SADB_AALG_*. */
    public enum Authentication {
        NULL("null", 251, 251),
        HMAC_SHA1("hmac-sha1", 3, 3),
        HMAC_SHA2_256("hmac-sha2-256", 5, 5),
        HMAC_SHA2_384("hmac-sha2-384", 6, 6),
        HMAC_SHA2_512("hmac-sha2-512", 7, 7),
        AES_XCBC_MAC("aes-xcbc-mac", 9, 9),
        AES_128_GMAC("aes-128-gmac", 11, NONE),
        AES_192_GMAC("aes-192-gmac", 12, NONE),
        AES_256_GMAC("aes-256-gmac", 13, NONE);

        private final Numbers numbers;

        Authentication(String words, int freebsd, int linux) {
            numbers = new Numbers(words, freebsd, linux);
        }

        /** @throws IllegalArgumentException if the kernel has none */
        public int number(Dialect dialect) {
            return numbers.of(dialect);
        }

        /** As setkey(8) writes it. */
        public String words() {
            return numbers.words();
        }

        /** @return empty for one that we do not know */
        public static Optional<Authentication> of(Dialect dialect, int number) {
            return Arrays.stream(values())
                    .filter(each -> each.numbers.in(dialect) == number)
                    .findFirst();
        }
    }

    /** SADB_EALG_*. */
    public enum Encryption {
        NULL("null", 11, 11),
        TRIPLE_DES_CBC("3des-cbc", 3, 3),
        AES_CBC("aes-cbc", 12, 12),
        AES_CTR("aes-ctr", 13, 13),
        AES_CCM_8("aes-ccm-8", NONE, 14),
        AES_CCM_12("aes-ccm-12", NONE, 15),
        AES_CCM_16("aes-ccm-16", NONE, 16),
        AES_GCM_8("aes-gcm-8", 18, 18),
        AES_GCM_12("aes-gcm-12", 19, 19),
        AES_GCM_16("aes-gcm-16", 20, 20),
        CAMELLIA_CBC("camellia-cbc", 22, 22),
        NULL_AES_GMAC("aes-gmac", 23, 23);

        private final Numbers numbers;

        Encryption(String words, int freebsd, int linux) {
            numbers = new Numbers(words, freebsd, linux);
        }

        /** @throws IllegalArgumentException if the kernel has none */
        public int number(Dialect dialect) {
            return numbers.of(dialect);
        }

        /** As setkey(8) writes it. */
        public String words() {
            return numbers.words();
        }

        /** @return empty for one that we do not know */
        public static Optional<Encryption> of(Dialect dialect, int number) {
            return Arrays.stream(values())
                    .filter(each -> each.numbers.in(dialect) == number)
                    .findFirst();
        }
    }

    private SadbAlgorithms() {}

    private record Numbers(String words, int freebsd, int linux) {
        int of(Dialect dialect) {
            int number = in(dialect);
            if (number == NONE) {
                throw new IllegalArgumentException("PF_KEY has no number for " + words + " in the dialect " + dialect);
            }
            return number;
        }

        /** {@link #NONE} if there is none. */
        int in(Dialect dialect) {
            return dialect == Dialect.FREEBSD ? freebsd : linux;
        }
    }
}
