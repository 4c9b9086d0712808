package org.ipsecif.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PacketViewTest {
    private static final String UDP_10_0_0_1_TO_10_0_0_2 =
            "4500001c00010000401166cf0a0000010a000002" + "1388003500080000";
    private static final String ADDRESSES6 = "20010db8000000000000000000000001" + "20010db8000000000000000000000002";

    private final PacketView view = new PacketView();

    private boolean parse(String hex) {
        byte[] bytes = HexFormat.of().parseHex("ffff" + hex);
        return view.parse(bytes, 2, bytes.length - 2);
    }

    @Test
    void readsAddressesProtocolAndPortsOfIpv4() {
        assertTrue(parse(UDP_10_0_0_1_TO_10_0_0_2));
        assertFalse(view.isInet6());
        assertEquals(0x0a000001L, view.sourceLow());
        assertEquals(0x0a000002L, view.destinationLow());
        assertEquals(IpProtocol.UDP, view.protocol());
        assertEquals(5000, view.sourcePort());
        assertEquals(53, view.destinationPort());
        assertEquals(28, view.totalLength());
    }

    @Test
    void hidesPortsOfLaterFragments() {
        assertTrue(parse(UDP_10_0_0_1_TO_10_0_0_2.replace("00010000", "00010003")));
        assertEquals(IpProtocol.UDP, view.protocol());
        assertEquals(PacketView.UNKNOWN, view.sourcePort());
    }

    /** 28 bytes at 65,504 are the end of the longest packet; at 65,512 they are of none. */
    @Test
    void refusesFragmentThatReachesBeyondTheLongestPacket() {
        assertTrue(parse(UDP_10_0_0_1_TO_10_0_0_2.replace("00010000", "00011ffc")));
        assertEquals(65_504, view.fragmentOffset());
        assertFalse(parse(UDP_10_0_0_1_TO_10_0_0_2.replace("00010000", "00011ffd")));
    }

    @Test
    void takesIpv4PacketFollowedByPadding() {
        assertTrue(parse(UDP_10_0_0_1_TO_10_0_0_2 + "000000"));
        assertEquals(28, view.totalLength());
    }

    @Test
    void walksIpv6ExtensionHeadersToTheProtocol() {
        assertTrue(parse("6000000000100040" + ADDRESSES6 + "1100010400000000" + "1388003500080000"));
        assertTrue(view.isInet6());
        assertEquals(0x20010db800000000L, view.sourceHigh());
        assertEquals(2, view.destinationLow());
        assertEquals(IpProtocol.UDP, view.protocol());
        assertEquals(53, view.destinationPort());
    }

    @Test
    void hidesPortsOfLaterIpv6Fragments() {
        assertTrue(parse("6000000000102c40" + ADDRESSES6 + "1100000900000001" + "1388003500080000"));
        assertEquals(IpProtocol.UDP, view.protocol());
        assertEquals(PacketView.UNKNOWN, view.destinationPort());
    }

    @Test
    void refusesWhatIsNoIpPacket() {
        for (String bad : new String[] {
            "",
            "45",
            "4500001c",
            "5500001c00010000401166cf0a0000010a0000021388003500080000", // version 5
            "4400001c00010000401166cf0a0000010a0000021388003500080000", // IHL 4
            "4500001d00010000401166cf0a0000010a0000021388003500080000", // a byte more than there is
            "4500001300010000401166cf0a0000010a0000021388003500080000", // shorter than its header
            "4f00001c00010000401166cf0a0000010a0000021388003500080000", // header longer than the packet
            "6000000000093b40" + ADDRESSES6 + "1388003500080000", // payload longer than there is
            "6000000000003b40" + "20010db8" // header cut
        }) {
            assertFalse(parse(bad), bad);
        }
    }

    @Test
    void survivesEveryTruncationAndRandomBytes() {
        byte[] whole =
                HexFormat.of().parseHex("6000000000100040" + ADDRESSES6 + "1100010400000000" + "1388003500080000");
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(whole, length);
            assertFalse(view.parse(cut, 0, length), "length " + length);
        }
        Random random = new Random(1);
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = new byte[random.nextInt(100)];
            random.nextBytes(bytes);
            if (bytes.length > 0) {
                bytes[0] = (byte) (random.nextBoolean() ? 0x45 : 0x60);
            }
            if (view.parse(bytes, 0, bytes.length)) {
                assertTrue(view.totalLength() <= bytes.length);
            }
        }
    }
}
