package org.ipsecif.platform.ipsecmb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.ipsecif.crypto.AcceleratedKey;
import org.ipsecif.crypto.Aead;
import org.ipsecif.crypto.CipherBurst;
import org.ipsecif.crypto.EncryptionAlgorithm;
import org.ipsecif.crypto.IntegrityAlgorithm;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.platform.posix.DirectBuffer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The library gives what the JDK gives, to the last bit, wherever packets lie and however many there are. */
class IpsecMbTest {
    private static final int SLOT = 1_600;
    private static final int SALT = 4;
    private static IpsecMb library;

    private final Random random = new Random(4106);
    private final DirectBuffer buffer = new DirectBuffer(CipherBurst.MAX_PACKETS * SLOT);
    private final ByteBuffer memory = buffer.bytes();
    private final long address = buffer.pointer().address();
    private final byte[] key = new byte[32];
    private final byte[] salt = new byte[SALT];

    @BeforeAll
    static void load() {
        try {
            library = IpsecMb.load();
        } catch (UnusableException e) {
            abort("libIPSec_MB is " + e.getMessage());
        }
    }

    private AcceleratedKey key(EncryptionAlgorithm algorithm, int keyBytes, boolean esn) {
        return Objects.requireNonNull(library.newKey(algorithm, Arrays.copyOf(key, keyBytes), salt, esn));
    }

    private Aead aead(EncryptionAlgorithm algorithm, int keyBytes, boolean esn) {
        byte[] material = Arrays.copyOf(key, keyBytes + SALT);
        System.arraycopy(salt, 0, material, keyBytes, SALT);
        return Aead.of(
                algorithm, KeyMaterial.copyOf(material), IntegrityAlgorithm.NONE, KeyMaterial.copyOf(new byte[0]), esn);
    }

    /** SPI, sequence number, IV and text, and room for the ICV. */
    private byte[] packet(int textLength, long sequence) {
        byte[] packet = new byte[16 + textLength + 16];
        random.nextBytes(packet);
        ByteBuffer.wrap(packet).putInt(4, (int) sequence).putLong(8, sequence);
        return packet;
    }

    @ParameterizedTest
    @CsvSource({
        "ENCR_AES_GCM_16, 16, false", "ENCR_AES_GCM_16, 24, false", "ENCR_AES_GCM_16, 32, false",
        "ENCR_AES_GCM_16, 16, true", "ENCR_AES_GCM_16, 32, true", "ENCR_AES_GCM_12, 16, false",
        "ENCR_AES_GCM_12, 32, true"
    })
    void sealsAndOpensAsTheJdkDoes(EncryptionAlgorithm algorithm, int keyBytes, boolean esn) {
        CipherBurst burst = library.newBurst();
        for (int round = 0; round < 200; round++) {
            random.nextBytes(key);
            random.nextBytes(salt);
            try (AcceleratedKey accelerated = key(algorithm, keyBytes, esn);
                    Aead aead = aead(algorithm, keyBytes, esn)) {
                round(burst, accelerated, aead, esn);
            }
        }
    }

    private void round(CipherBurst burst, AcceleratedKey accelerated, Aead aead, boolean esn) {
        int count = 1 + random.nextInt(CipherBurst.MAX_PACKETS);
        byte[][] expected = new byte[count][];
        int[] offsets = new int[count];
        int[] lengths = new int[count];
        long first = esn ? random.nextLong() >>> 1 : random.nextInt() & 0x7fff_ffffL;
        byte[][] plain = new byte[count][];
        assertTrue(burst.begin(accelerated, memory, address));
        for (int i = 0; i < count; i++) {
            lengths[i] = 4 * (1 + random.nextInt(360));
            offsets[i] = i * SLOT + random.nextInt(64);
            plain[i] = packet(lengths[i], first + i);
            memory.put(offsets[i], plain[i]);
            expected[i] = plain[i].clone();
            aead.seal(expected[i], 0, lengths[i], first + i);
            burst.addToSeal(offsets[i], lengths[i], first + i);
        }
        assertEquals(count, burst.count());
        burst.run();
        for (int i = 0; i < count; i++) {
            assertArrayEquals(expected[i], read(offsets[i], expected[i].length), "packet " + i + " of " + count);
        }
        int damaged = random.nextInt(count);
        int at = offsets[damaged] + random.nextInt(16 + lengths[damaged] + aead.icvLength());
        memory.put(at, (byte) (memory.get(at) ^ (1 << random.nextInt(8))));
        assertTrue(burst.begin(accelerated, memory, address));
        for (int i = 0; i < count; i++) {
            burst.addToOpen(offsets[i], lengths[i], first + i);
        }
        burst.run();
        for (int i = 0; i < count; i++) {
            assertEquals(i != damaged, burst.isRight(i), "packet " + i);
            if (i != damaged) {
                byte[] text = Arrays.copyOfRange(plain[i], 16, 16 + lengths[i]);
                assertArrayEquals(text, read(offsets[i] + 16, lengths[i]), "packet " + i);
            }
        }
    }

    private byte[] read(int offset, int length) {
        byte[] bytes = new byte[length];
        memory.get(offset, bytes);
        return bytes;
    }

    /** What is authenticated and not sent counts too. */
    @Test
    void highHalfOfTheSequenceNumberIsAuthenticated() {
        CipherBurst burst = library.newBurst();
        AcceleratedKey with = key(EncryptionAlgorithm.ENCR_AES_GCM_16, 16, true);
        long sequence = 7L << Integer.SIZE | 1;
        memory.put(0, packet(64, sequence));
        assertTrue(burst.begin(with, memory, address));
        burst.addToSeal(0, 64, sequence);
        burst.run();
        assertTrue(burst.begin(with, memory, address));
        burst.addToOpen(0, 64, 8L << Integer.SIZE | 1);
        burst.run();
        assertFalse(burst.isRight(0));
    }

    @Test
    void closedKeySealsNothing() {
        CipherBurst burst = library.newBurst();
        AcceleratedKey with = key(EncryptionAlgorithm.ENCR_AES_GCM_16, 16, false);
        with.close();
        with.close();
        assertFalse(burst.begin(with, memory, address));
    }

    /** It goes on with the right one, and is gone after that. */
    @Test
    void keyClosedMeanwhileIsWipedAfterwards() {
        CipherBurst burst = library.newBurst();
        random.nextBytes(key);
        GcmKey with = (GcmKey) key(EncryptionAlgorithm.ENCR_AES_GCM_16, 16, false);
        byte[] expected = packet(100, 1);
        memory.put(0, expected);
        assertTrue(burst.begin(with, memory, address));
        burst.addToSeal(0, 100, 1);
        with.close();
        assertFalse(isWiped(with));
        burst.run();
        aead(EncryptionAlgorithm.ENCR_AES_GCM_16, 16, false).seal(expected, 0, 100, 1);
        assertArrayEquals(expected, read(0, expected.length));
        assertTrue(isWiped(with));
        assertFalse(burst.begin(with, memory, address));
    }

    private static boolean isWiped(GcmKey key) {
        ByteBuffer schedule = IpsecMb.memory(key.schedule(), Layout.GCM_KEY);
        for (int i = 0; i < Layout.GCM_KEY; i++) {
            if (schedule.get(i) != 0) {
                return false;
            }
        }
        return true;
    }

    @Test
    void otherAlgorithmsStayWithTheJdk() {
        for (EncryptionAlgorithm each : EncryptionAlgorithm.values()) {
            if (each != EncryptionAlgorithm.ENCR_AES_GCM_16 && each != EncryptionAlgorithm.ENCR_AES_GCM_12) {
                assertNull(library.newKey(each, new byte[16], salt, false), each.name());
            }
        }
        assertNotNull(library.name());
    }
}
