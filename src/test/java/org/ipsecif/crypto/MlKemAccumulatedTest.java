package org.ipsecif.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.security.SecureRandom;
import java.util.HexFormat;
import org.bouncycastle.crypto.digests.SHAKEDigest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * C2SP/CCTV, ML-KEM/README.md, "Accumulated pq-crystals vectors": 10,000 key pairs, encapsulations and decapsulations, also of
 * ciphertexts that are noise, with numbers from SHAKE-128 of nothing; all results go into another SHAKE-128. The hashes are those of FIPS 203 as published, which LibreSSL's tests
 * have too; older editions of that page give those of its draft.
 */
class MlKemAccumulatedTest {
    private static final int TESTS = 10_000;
    private static final int HASH = 32;

    private static final class Stream extends SecureRandom {
        private static final long serialVersionUID = 1L;

        private final transient SHAKEDigest shake = new SHAKEDigest(128);

        @Override
        public void nextBytes(byte[] bytes) {
            shake.doOutput(bytes, 0, bytes.length);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ML_KEM_512, 705dcffc87f4e67e35a09dcaa31772e86f3341bd3ccf1e78a5fef99ae6a35a13",
        "ML_KEM_768, f959d18d3d1180121433bf0e05f11e7908cf9d03edc150b2b07cb90bef5bc1c1",
        "ML_KEM_1024, e3bf82b013307b2e9d47dde791ff6dfc82e694e6382404abdb948b908b75bad5"
    })
    void givesThePublishedHash(KeyExchangeMethod method, String expected) throws Exception {
        Stream numbers = new Stream();
        SHAKEDigest results = new SHAKEDigest(128);
        for (int i = 0; i < TESTS; i++) {
            MlKemGroup.Half initiator = (MlKemGroup.Half) method.start(numbers);
            KeyExchangeAnswer answer = method.respond(initiator.publicValue(), numbers);
            byte[] noise = new byte[answer.publicValue().length];
            numbers.nextBytes(noise);
            for (byte[] result : new byte[][] {
                initiator.publicValue(),
                initiator.key().getEncoded(),
                answer.publicValue(),
                answer.sharedSecret().bytes(),
                initiator.finish(noise).bytes()
            }) {
                results.update(result, 0, result.length);
            }
        }
        byte[] hash = new byte[HASH];
        results.doFinal(hash, 0, HASH);
        assertEquals(expected, HexFormat.of().formatHex(hash));
    }
}
