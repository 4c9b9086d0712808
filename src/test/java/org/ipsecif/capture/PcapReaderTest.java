package org.ipsecif.capture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files as the formats' drafts lay them out, written by hand. */
class PcapReaderTest {
    private static final String PCAP_BIG_MICROS = ""
            + "a1b2c3d4 0002 0004 00000000 00000000 00040000 00000001" // magic, 2.4, zone, sigfigs, snaplen, Ethernet
            + "00000005 00000007 00000003 00000004 aabbcc"; // 5.000007 s, 3 of 4 bytes
    private static final String PCAP_LITTLE_NANOS = ""
            + "4d3cb2a1 0200 0400 00000000 00000000 00000400 65000000"
            + "05000000 07000000 03000000 03000000 aabbcc";
    private static final String PCAPNG_LITTLE = ""
            + "0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000" // section header
            + "01000000 20000000 0100 0000 00000400 0900 0100 09000000 00000000 20000000" // Ethernet, if_tsresol 9
            + "05000000 10000000 00000000 10000000" // statistics: passed over
            + "06000000 24000000 00000000 00000000 0c000000 03000000 04000000 aabbcc00 24000000"; // 12 ns, 3 of 4
    private static final String PCAPNG_BIG = ""
            + "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c"
            + "00000001 00000014 0065 0000 00040000 00000014" // raw IP, microseconds
            + "00000003 00000014 00000003 aabbcc00 00000014"; // simple packet of 3 bytes

    /** All of the above. */
    static final List<String> FILES = List.of(PCAP_BIG_MICROS, PCAP_LITTLE_NANOS, PCAPNG_LITTLE, PCAPNG_BIG);

    static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static PcapReader open(byte[] file) throws IOException {
        return new PcapReader(new ByteArrayInputStream(file));
    }

    @ParameterizedTest
    @CsvSource({
        PCAP_BIG_MICROS + ", 1, 5000007000, true",
        PCAP_LITTLE_NANOS + ", 101, 5000000007, false",
        PCAPNG_LITTLE + ", 1, 12, true",
        PCAPNG_BIG + ", 101, 0, false",
    })
    void packetIsRead(String file, int linkType, long nanos, boolean cut) throws IOException {
        PcapReader reader = open(bytes(file));
        assertTrue(reader.next());
        assertEquals(linkType, reader.linkType());
        assertEquals(nanos, reader.timestampNanos());
        assertEquals(3, reader.length());
        assertArrayEquals(bytes("aabbcc"), reader.data());
        assertEquals(cut, reader.isCut());
        assertEquals(1, reader.number());
        assertFalse(reader.next());
    }

    @Test
    void newSectionForgetsTheInterfacesOfTheLast() {
        String two = PCAPNG_LITTLE
                + PCAPNG_LITTLE.substring(0, PCAPNG_LITTLE.indexOf("01000000 20000000"))
                + PCAPNG_LITTLE.substring(PCAPNG_LITTLE.indexOf("06000000 24000000"));
        assertEquals(
                "packet 2 is of interface 0, which no block describes",
                assertThrows(IOException.class, () -> readAll(bytes(two))).getMessage());
    }

    @Test
    void whatIsWrittenIsReadBack() throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (PcapWriter writer = new PcapWriter(file)) {
            writer.write(1_700_000_000_123_456_789L, bytes("00aabbcc00"), 1, 3);
        }
        PcapReader reader = open(file.toByteArray());
        assertTrue(reader.next());
        assertEquals(1_700_000_000_123_456_789L, reader.timestampNanos());
        assertEquals(LinkLayer.RAW, reader.linkType());
        assertArrayEquals(bytes("aabbcc"), reader.data());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0102 | ends within the file's first 4 bytes",
                "01020304 | is no pcap or pcapng file",
                "a1b2c3d4 0002 | ends within the pcap header",
                "a1b2c3d4 0002 0004 00000000 00000000 00040000 00000001 00000005 | packet 1: the file ends within its header",
                "a1b2c3d4 0002 0004 00000000 00000000 00040000 00000001 00000005 00000007 7fffffff 00000004"
                        + "| packet 1 says that it has 2147483647 bytes; expected at most 262144",
                "0a0d0d0a 0000001c 1a2b3c4e 0001 | packet 1 follows a section header without its magic number",
                "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c 00000006 00000007"
                        + "| packet 1 follows a block of 7 bytes, which no block has",
            })
    void damageIsNamed(String file, String problem) {
        assertEquals(
                problem,
                assertThrows(IOException.class, () -> readAll(bytes(file))).getMessage());
    }

    /** They are kept for the packets that follow: a file of nothing else must not fill the memory. */
    @Test
    void tooManyInterfacesAreDamage() {
        String file = PCAPNG_BIG.substring(0, PCAPNG_BIG.indexOf("00000001"))
                + "00000001 00000014 0065 0000 00040000 00000014".repeat(65_537);
        assertEquals(
                "packet 1 follows more than 65536 interfaces in one section",
                assertThrows(IOException.class, () -> readAll(bytes(file))).getMessage());
    }

    private static int readAll(byte[] file) throws IOException {
        PcapReader reader = open(file);
        EspFinder finder = new EspFinder(Set.of(4500));
        int count = 0;
        while (reader.next()) {
            finder.find(reader);
            count++;
        }
        return count;
    }

    @ParameterizedTest
    @ValueSource(strings = {PCAP_BIG_MICROS, PCAP_LITTLE_NANOS, PCAPNG_LITTLE, PCAPNG_BIG})
    void anyDamageIsAnIoException(String hex) {
        byte[] good = bytes(hex);
        Random random = new Random(1);
        for (int round = 0; round < 20_000; round++) {
            byte[] damaged = good.clone();
            for (int i = random.nextInt(4); i >= 0; i--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            try {
                readAll(damaged);
            } catch (IOException expected) {
                assertTrue(expected.getMessage().length() > 10);
            }
        }
    }
}
