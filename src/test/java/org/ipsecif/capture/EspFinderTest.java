package org.ipsecif.capture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import org.ipsecif.capture.EspFinder.Found;
import org.ipsecif.sa.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EspFinderTest {
    private static final String ESP = "00001001 00000001 aabbccdd";
    private static final String ADDRESSES4 = "cb007101 cb007102";
    private static final String ADDRESSES6 = "20010db8000000000000000000000001 20010db8000000000000000000000002";
    private static final String IPV4 = "45000020 00010000 40320000" + ADDRESSES4 + ESP;
    private static final String IPV6 = "60000000 000c3240" + ADDRESSES6 + ESP;

    private final EspFinder finder = new EspFinder(Set.of(4500));

    private Found find(int linkType, String... frames) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(hex(String.format("a1b2c3d4 00020004 00000000 00000000 00040000 %08x", linkType)));
        for (String frame : frames) {
            byte[] bytes = hex(frame);
            file.write(hex(String.format("00000000 00000000 %08x %08x", bytes.length, bytes.length)));
            file.write(bytes);
        }
        Found found = Found.OTHER;
        PcapReader reader = new PcapReader(new ByteArrayInputStream(file.toByteArray()));
        while (reader.next()) {
            found = finder.find(reader);
        }
        return found;
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }

    private byte[] esp() {
        return Arrays.copyOfRange(finder.bytes(), finder.offset(), finder.offset() + finder.length());
    }

    @ParameterizedTest
    @CsvSource({
        "1, 000000000001 000000000002 0800",
        "1, 000000000001 000000000002 8100 0007 0800",
        "1, 000000000001 000000000002 88a8 0007 8100 0008 0800",
        "101, ''",
        "228, ''",
        "0, 02000000",
        "108, 00000002",
        "113, 0000 0001 0006 0000000000010000 0800",
        "276, 0800 0000 00000001 0001 00 06 0000000000010000",
    })
    void linkLayersAreKnown(int linkType, String header) throws IOException {
        assertEquals(Found.ESP, find(linkType, header + IPV4));
        assertArrayEquals(hex(ESP), esp());
        assertEquals(IpAddress.parse("203.0.113.1"), finder.source());
        assertEquals(IpAddress.parse("203.0.113.2"), finder.destination());
    }

    @Test
    void ethernetPaddingIsNoPartOfThePacket() throws IOException {
        assertEquals(Found.ESP, find(1, "000000000001 000000000002 0800" + IPV4 + "00".repeat(14)));
        assertArrayEquals(hex(ESP), esp());
    }

    @Test
    void ipv6HasExtensionHeaders() throws IOException {
        assertEquals(Found.ESP, find(101, IPV6));
        assertArrayEquals(hex(ESP), esp());
        assertEquals(Found.ESP, find(101, "60000000 00140040" + ADDRESSES6 + "3200010400000000" + ESP));
        assertArrayEquals(hex(ESP), esp());
        assertEquals(IpAddress.parse("2001:db8::2"), finder.destination());
    }

    @ParameterizedTest
    @CsvSource({
        "1194 1194 0014 0000 00001001 00000001 aabbccdd, ESP",
        "1194 c350 0014 0000 00001001 00000001 aabbccdd, ESP",
        "c350 1194 0014 0000 00001001 00000001 aabbccdd, ESP",
        "c350 c351 0014 0000 00001001 00000001 aabbccdd, OTHER",
        "1194 1194 0014 0000 00000000 00000001 aabbccdd, IKE",
        "1194 1194 0009 0000 ff, KEEPALIVE",
    })
    void udpHoldsEspIkeOrAKeepalive(String udp, Found expected) throws IOException {
        int length = 20 + hex(udp).length;
        assertEquals(expected, find(101, String.format("4500%04x 00010000 40110000", length) + ADDRESSES4 + udp));
    }

    @Test
    void fragmentsAreJoinedInAnyOrder() throws IOException {
        String first = "4500001c 00072000 40320000" + ADDRESSES4 + "00001001 00000001";
        String second = "45000018 00070001 40320000" + ADDRESSES4 + "aabbccdd";
        String stranger = "45000018 00080001 40320000" + ADDRESSES4 + "ffffffff";
        assertEquals(Found.ESP, find(101, first, stranger, second));
        assertArrayEquals(hex(ESP), esp());
        assertEquals(Found.ESP, find(101, second, first));
        assertArrayEquals(hex(ESP), esp());
        assertEquals(Found.FRAGMENT, find(101, first));
        assertEquals(2, finder.incomplete());
    }

    @Test
    void ipv6FragmentsAreJoined() throws IOException {
        String first = "60000000 00102c40" + ADDRESSES6 + "32000001 00000007 00001001 00000001";
        String second = "60000000 000c2c40" + ADDRESSES6 + "32000008 00000007 aabbccdd";
        assertEquals(Found.ESP, find(101, first, second));
        assertArrayEquals(hex(ESP), esp());
    }

    @ParameterizedTest
    @CsvSource({
        "1, 000000000001 000000000002 0806 0001, NOT_IP",
        "101, 4500, NOT_IP",
        "147, 00, LINK_TYPE_UNSUPPORTED",
        "101, 45000014 00010000 40060000 cb007101 cb007102, OTHER",
    })
    void whatIsNoEspIsNamed(int linkType, String frame, Found expected) throws IOException {
        assertEquals(expected, find(linkType, frame));
    }
}
