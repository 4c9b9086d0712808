package org.ipsecif.ike;

import static org.ipsecif.ike.TestNetwork.A;
import static org.ipsecif.ike.TestNetwork.B;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.ipsecif.crypto.EncryptionAlgorithm;
import org.ipsecif.crypto.IkeKeys;
import org.ipsecif.crypto.IkeSuite;
import org.ipsecif.crypto.IntegrityAlgorithm;
import org.ipsecif.crypto.KeyExchangeMethod;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.crypto.PseudorandomFunction;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.Proposal;
import org.ipsecif.ike.message.ProtocolId;
import org.junit.jupiter.api.Test;

/** What RFC 9242 section 3.3.2 and RFC 9370 section 2.2.2 say, once more, by the JDK alone. */
class HandshakeTest {
    private static final int PRF_LENGTH = 32;
    private static final int GCM_LENGTH = 16 + 4;
    private static final byte[] NI = filled(1, 32);
    private static final byte[] NR = filled(2, 32);
    private static final byte[] SPIS =
            ByteBuffer.allocate(16).putLong(0x1111).putLong(0x2222).array();

    private final TestNetwork.End end = new TestNetwork(1).end(A);

    private static byte[] filled(int value, int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static byte[] hmac(byte[] key, byte[]... data) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        for (byte[] part : data) {
            mac.update(part);
        }
        return mac.doFinal();
    }

    /** prf+ of RFC 7296 section 2.13. */
    private static byte[] expand(byte[] key, int length, byte[]... seed) throws Exception {
        ByteBuffer out = ByteBuffer.allocate(length + PRF_LENGTH);
        byte[] last = new byte[0];
        for (int i = 1; out.position() < length; i++) {
            byte[][] data = new byte[seed.length + 2][];
            data[0] = last;
            System.arraycopy(seed, 0, data, 1, seed.length);
            data[seed.length + 1] = new byte[] {(byte) i};
            last = hmac(key, data);
            out.put(last);
        }
        return Arrays.copyOf(out.array(), length);
    }

    /** SK_d, SK_ei, SK_er, SK_pi, SK_pr of a SKEYSEED. */
    private static List<byte[]> keys(byte[] seed) throws Exception {
        byte[] all = expand(seed, 3 * PRF_LENGTH + 2 * GCM_LENGTH, NI, NR, SPIS);
        int ei = PRF_LENGTH;
        int er = ei + GCM_LENGTH;
        int pi = er + GCM_LENGTH;
        int pr = pi + PRF_LENGTH;
        return List.of(
                Arrays.copyOfRange(all, 0, ei),
                Arrays.copyOfRange(all, ei, er),
                Arrays.copyOfRange(all, er, pi),
                Arrays.copyOfRange(all, pi, pr),
                Arrays.copyOfRange(all, pr, pr + PRF_LENGTH));
    }

    private static void assertKeys(List<byte[]> expected, IkeKeys keys) {
        List<KeyMaterial> actual = List.of(keys.skD(), keys.skEi(), keys.skEr(), keys.skPi(), keys.skPr());
        for (int i = 0; i < expected.size(); i++) {
            assertTrue(KeyMaterial.copyOf(expected.get(i)).sameAs(actual.get(i)), "key " + i);
        }
    }

    @Test
    void eachExchangeChangesTheKeysAndAddsToWhatIsSigned() throws Exception {
        IkeSa sa = new IkeSa(TestNetwork.peer(A, B), true, 0x1111, 0x2222, new Path(A, 500, B, 500));
        Proposal none = new Proposal(1, ProtocolId.IKE, Octets.EMPTY, List.of());
        Chosen chosen = new Chosen(
                none,
                none,
                new IkeSuite(EncryptionAlgorithm.ENCR_AES_GCM_16, 128, IntegrityAlgorithm.NONE),
                PseudorandomFunction.PRF_HMAC_SHA2_256,
                List.of(KeyExchangeMethod.CURVE25519, KeyExchangeMethod.ML_KEM_768, KeyExchangeMethod.ECP_256),
                false);
        Handshake handshake = new Handshake(Octets.EMPTY, Octets.EMPTY, Octets.of(NI), Octets.of(NR));
        var derivation = handshake.derivation(chosen.requirePrf());
        byte[][] secrets = {filled(5, 32), filled(6, 32), filled(7, 32)};
        byte[] seed = hmac(join(NI, NR), secrets[0]);
        IkeKeys first =
                derivation.ikeKeys(derivation.skeyseed(KeyMaterial.copyOf(secrets[0])), 0x1111, 0x2222, chosen.suite());
        sa.secure(chosen, first, end.endpoint.messenger(sa, 1, 0));
        assertEquals(0, handshake.intermediates(1).length);
        List<byte[]> keys = keys(seed);
        assertKeys(keys, sa.keys());
        byte[] ofInitiator = new byte[0];
        byte[] ofResponder = new byte[0];
        for (int n = 1; n <= 2; n++) {
            assertEquals(chosen.additional().get(n - 1), handshake.next(chosen));
            byte[] request = filled(20 + n, 50);
            byte[] response = filled(30 + n, 60);
            handshake.intermediate(sa, request, response, KeyMaterial.copyOf(secrets[n]));
            ofInitiator = hmac(keys.get(3), ofInitiator, request);
            ofResponder = hmac(keys.get(4), ofResponder, response);
            keys = keys(hmac(keys.get(0), secrets[n], NI, NR));
            assertKeys(keys, sa.keys());
        }
        assertEquals(null, handshake.next(chosen));
        assertArrayEquals(join(ofInitiator, ofResponder, new byte[] {0, 0, 0, 3}), handshake.intermediates(3));
        assertTrue(first.skD().sameAs(KeyMaterial.copyOf(new byte[PRF_LENGTH])), "the first keys are wiped");
    }

    private static byte[] join(byte[]... parts) {
        ByteBuffer out = ByteBuffer.allocate(1_000);
        for (byte[] part : parts) {
            out.put(part);
        }
        return Arrays.copyOf(out.array(), out.position());
    }
}
