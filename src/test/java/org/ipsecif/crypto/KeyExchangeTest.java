package org.ipsecif.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.crypto.KeyAgreement;
import javax.crypto.interfaces.DHPublicKey;
import javax.crypto.spec.DHParameterSpec;
import javax.crypto.spec.DHPublicKeySpec;
import org.ipsecif.crypto.VectorFile.Vector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class KeyExchangeTest {
    private static final SecureRandom RANDOM = new SecureRandom();

    static Stream<Vector> diffieHellman() {
        return VectorFile.read("key-exchange.txt");
    }

    static Stream<Vector> primes() {
        return VectorFile.read("modp.txt");
    }

    /** The initiator's half with a private value that is known. */
    static KeyExchange with(KeyExchangeMethod method, byte[] privateValue) {
        KeyExchangeGroup group = method.group();
        if (group instanceof MontgomeryExchange montgomery) {
            return montgomery.with(privateValue);
        }
        if (group instanceof EcGroup ec) {
            return ec.with(new BigInteger(1, privateValue));
        }
        return ((ModpGroup) group).with(new BigInteger(1, privateValue));
    }

    static String refusal(KeyExchangeMethod method, byte[] value) {
        return assertThrows(
                        InvalidKeyExchangeException.class,
                        () -> method.respond(value, RANDOM),
                        () -> method + " takes " + HexFormat.of().formatHex(value))
                .getMessage();
    }

    @ParameterizedTest
    @MethodSource("diffieHellman")
    void givesPublishedValues(Vector vector) throws Exception {
        KeyExchangeMethod method = KeyExchangeMethod.valueOf(vector.text("method"));
        KeyExchange initiator = with(method, vector.bytes("private_i"));
        KeyExchange responder = with(method, vector.bytes("private_r"));
        assertArrayEquals(vector.bytes("public_i"), initiator.publicValue());
        assertArrayEquals(vector.bytes("public_r"), responder.publicValue());
        assertArrayEquals(
                vector.bytes("shared"),
                initiator.finish(vector.bytes("public_r")).bytes());
        assertArrayEquals(
                vector.bytes("shared"),
                responder.finish(vector.bytes("public_i")).bytes());
    }

    /** No vectors of RFC 3526's groups are published: the JDK's own Diffie-Hellman is the other side. */
    @ParameterizedTest
    @MethodSource("primes")
    void modpAgreesWithTheJdk(Vector vector) throws Exception {
        BigInteger prime = new BigInteger(vector.text("prime"), 16);
        KeyPairGenerator generator = KeyPairGenerator.getInstance("DH");
        generator.initialize(new DHParameterSpec(prime, BigInteger.TWO));
        var pair = generator.generateKeyPair();
        BigInteger y = ((DHPublicKey) pair.getPublic()).getY();
        KeyExchangeAnswer answer = KeyExchangeMethod.valueOf(vector.text("method"))
                .respond(unsigned(y, vector.bytes("prime").length), RANDOM);

        KeyAgreement agreement = KeyAgreement.getInstance("DH");
        agreement.init(pair.getPrivate());
        agreement.doPhase(
                java.security.KeyFactory.getInstance("DH")
                        .generatePublic(
                                new DHPublicKeySpec(new BigInteger(1, answer.publicValue()), prime, BigInteger.TWO)),
                true);
        assertArrayEquals(agreement.generateSecret(), answer.sharedSecret().bytes());
    }

    private static byte[] unsigned(BigInteger number, int length) {
        byte[] bytes = new byte[length];
        byte[] given = number.toByteArray();
        int from = Math.max(0, given.length - length);
        System.arraycopy(given, from, bytes, length - (given.length - from), given.length - from);
        return bytes;
    }

    @ParameterizedTest
    @EnumSource
    void bothSidesShareAFreshSecret(KeyExchangeMethod method) throws Exception {
        try (KeyExchange first = method.start(RANDOM);
                KeyExchange second = method.start(RANDOM)) {
            KeyExchangeAnswer answer = method.respond(first.publicValue(), RANDOM);
            KeyExchangeAnswer other = method.respond(second.publicValue(), RANDOM);
            assertTrue(first.finish(answer.publicValue()).sameAs(answer.sharedSecret()));
            assertTrue(second.finish(other.publicValue()).sameAs(other.sharedSecret()));
            assertFalse(answer.sharedSecret().sameAs(other.sharedSecret()));
            assertFalse(Arrays.equals(first.publicValue(), second.publicValue()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusesValuesOfWrongLength(KeyExchangeMethod method) throws Exception {
        try (KeyExchange initiator = method.start(RANDOM)) {
            byte[] request = initiator.publicValue();
            byte[] response = method.respond(request, RANDOM).publicValue();
            for (int change : new int[] {-request.length, -1, 1}) {
                refusal(method, Arrays.copyOf(request, request.length + change));
            }
            for (int change : new int[] {-response.length, -1, 1}) {
                byte[] wrong = Arrays.copyOf(response, response.length + change);
                assertThrows(InvalidKeyExchangeException.class, () -> initiator.finish(wrong));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("primes")
    void modpRefusesWhatIsNotBetweenOneAndThePrimeLessOne(Vector vector) throws Exception {
        KeyExchangeMethod method = KeyExchangeMethod.valueOf(vector.text("method"));
        BigInteger prime = new BigInteger(vector.text("prime"), 16);
        int length = vector.bytes("prime").length;
        for (BigInteger bad : new BigInteger[] {
            BigInteger.ZERO, BigInteger.ONE, prime.subtract(BigInteger.ONE), prime, prime.add(BigInteger.ONE)
        }) {
            assertTrue(refusal(method, unsigned(bad, length)).contains("not between"));
        }
        method.respond(unsigned(prime.subtract(BigInteger.TWO), length), RANDOM);
        method.respond(unsigned(BigInteger.TWO, length), RANDOM);
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.MATCH_ANY,
            names = {"ECP_.*", "BRAINPOOL_.*"})
    void curvesRefusePointsOfOtherCurves(KeyExchangeMethod method) {
        byte[] point = method.start(RANDOM).publicValue();
        int half = point.length / 2;

        byte[] otherY = point.clone();
        otherY[point.length - 1] ^= 1;
        assertTrue(refusal(method, otherY).contains("not a point"));

        byte[] orderTwo = Arrays.copyOf(Arrays.copyOf(point, half), point.length); // y = 0: of order 2 on some curve
        assertTrue(refusal(method, orderTwo).contains("not a point"));

        byte[] infinity = new byte[point.length];
        assertTrue(refusal(method, infinity).contains("not a point"));

        byte[] beyondTheField = new byte[point.length];
        Arrays.fill(beyondTheField, (byte) 0xff);
        assertTrue(refusal(method, beyondTheField).contains("not a point"));
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.MATCH_ANY,
            names = {"ML_KEM_.*"})
    void mlKemRefusesCoefficientsThatAreNotReduced(KeyExchangeMethod method) {
        byte[] key = method.start(RANDOM).publicValue();
        byte[] first = key.clone(); // 3329 = 0xd01 in the first 12 bits
        first[0] = 0x01;
        first[1] = (byte) ((first[1] & 0xf0) | 0x0d);
        assertTrue(refusal(method, first).contains("7.2"));

        byte[] last = key.clone(); // the last coefficient before the seed of 32 bytes
        last[key.length - 33] = (byte) 0xff;
        assertTrue(refusal(method, last).contains("7.2"));
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.MATCH_ANY,
            names = {"ML_KEM_.*"})
    void mlKemMakesAnotherSecretOfAnAlteredCiphertext(KeyExchangeMethod method) throws Exception {
        try (KeyExchange initiator = method.start(RANDOM)) {
            KeyExchangeAnswer answer = method.respond(initiator.publicValue(), RANDOM);
            byte[] altered = answer.publicValue().clone();
            altered[0] ^= 1;
            assertFalse(initiator.finish(altered).sameAs(answer.sharedSecret()));
            assertTrue(initiator.finish(answer.publicValue()).sameAs(answer.sharedSecret()));
        }
    }

    @Test
    void namesAndNumbersTellMethodsApart() {
        for (KeyExchangeMethod method : KeyExchangeMethod.values()) {
            assertEquals(
                    method,
                    KeyExchangeMethod.byTransformId(method.transformId()).orElseThrow());
            assertEquals(method, KeyExchangeMethod.byKeyword(method.keyword()).orElseThrow());
        }
        assertEquals(
                KeyExchangeMethod.CURVE25519,
                KeyExchangeMethod.byKeyword("curve25519").orElseThrow());
        assertTrue(KeyExchangeMethod.byKeyword("modp1024").isEmpty());
    }

    /** RFC 8247 section 2.4: too short, or with small subgroups. */
    @Test
    void lacksWeakGroups() {
        IntStream.of(1, 2, 5, 22, 23, 24)
                .forEach(id -> assertTrue(KeyExchangeMethod.byTransformId(id).isEmpty(), "group " + id));
    }
}
