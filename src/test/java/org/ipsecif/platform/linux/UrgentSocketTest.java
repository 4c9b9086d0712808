package org.ipsecif.platform.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.ipsecif.platform.Datagrams;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.platform.OffloadSettings;
import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.OuterHeader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** IKE messages on the port of ESP have a buffer of their own: with the real kernel, on lo. */
class UrgentSocketTest {
    private static final int PID = (int) ProcessHandle.current().pid();
    private static final int PORT = 20_000 + (PID + 7_000) % 20_000;
    private static final int FLOOD = 40_000;
    private static final OffloadSettings ALL = OffloadSettings.ALL;
    private static final OffloadSettings SHARED = new OffloadSettings(true, true, true, false);

    private final OuterHeader outer = new OuterHeader();

    private static SocketEspTransport open(int family, int which, OffloadSettings offloads) throws Exception {
        IpAddress address = family == 6
                ? IpAddress.parse("::1")
                : new IpAddress(Family.INET, 0, 0x7f00_0000 | (PID + (5 + which) * 0x10_0000) & 0xff_ffff);
        return new SocketEspTransport(address, Encapsulation.UDP, PORT + which, offloads);
    }

    private static byte[] ike(int number) {
        return ByteBuffer.allocate(80).putInt(8, number).putInt(28, 76).array();
    }

    private static byte[] esp(int number) {
        return ByteBuffer.allocate(1_200)
                .putInt(0, 0x4000_0000 | PID)
                .putInt(4, number)
                .array();
    }

    /** Numbers of the IKE messages and how many of ESP arrived, the order of the latter checked. */
    private static int[] drain(SocketEspTransport from, StringBuilder order) {
        PacketBuffer into = from.newBuffer(from.receiveSize());
        Datagrams datagrams = new Datagrams(from.receiveCount());
        int[] counts = new int[2];
        int last = -1;
        while (from.awaitReadable() && from.receive(into, datagrams) > 0) {
            for (int i = 0; i < datagrams.count(); i++) {
                boolean isIke = into.bytes().getInt(datagrams.offset(i)) == 0;
                counts[isIke ? 0 : 1]++;
                order.append(isIke ? 'i' : 'e');
                if (!isIke) {
                    int number = Integer.reverseBytes(into.bytes().getInt(datagrams.offset(i) + 4));
                    assertTrue(number > last, "in order");
                    last = number;
                }
            }
            from.nudge(); // the wait ends when nothing is left
        }
        return counts;
    }

    private int[] flood(int family, OffloadSettings offloads, StringBuilder order) throws Exception {
        try (SocketEspTransport own = open(family, 0, offloads);
                SocketEspTransport peer = open(family, 1, ALL)) {
            UdpEndpoint to = new UdpEndpoint(own.local(), PORT);
            outer.set(0, 64, 0, false);
            for (int i = 0; i < FLOOD; i++) {
                peer.send(esp(i), 0, 1_200, to, outer);
                if (i % 1_000 == 999) {
                    assertEquals(0, peer.send(ike(i), 0, 80, to, outer));
                }
            }
            int[] counts = drain(own, order);
            assertEquals(FLOOD + 40 - counts[0] - counts[1], own.dropped(), "what is lost is counted");
            return counts;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 6})
    void ikeSurvivesWhatFillsTheBufferWithEsp(int family) throws Exception {
        StringBuilder order = new StringBuilder();
        int[] counts = flood(family, ALL, order);
        assertTrue(counts[1] < FLOOD, "the flood is one");
        assertEquals(40, counts[0]);
        assertEquals("i".repeat(40), order.substring(0, 40), "and comes first");
        assertTrue(Arrays.equals(new int[] {40, order.length() - 40}, counts));
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 6})
    void withoutItIkeIsLostWithTheRest(int family) throws Exception {
        int[] counts = flood(family, SHARED, new StringBuilder());
        assertTrue(counts[0] < 40, counts[0] + " of 40");
    }
}
