package org.ipsecif.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import org.ipsecif.platform.IcmpReceiver;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.Bytes;
import org.junit.jupiter.api.Test;

/** What of an ICMP error reaches the control thread. */
class IcmpErrorPathTest {
    private static final IpAddress A6 = IpAddress.parse("2001:db8::1");
    private static final IpAddress B6 = IpAddress.parse("2001:db8::2");
    private static final QuotedEsp QUOTED = new QuotedEsp(HostEnd.A, HostEnd.B, 0x1001, 7);

    private static final class Queue extends HostEnd.Memory implements IcmpReceiver {
        @Override
        public int receive(byte[] buffer) {
            byte[] packet = arriving.poll();
            if (packet == null) {
                return NOTHING;
            }
            System.arraycopy(packet, 0, buffer, 0, Math.min(buffer.length, packet.length));
            return packet.length;
        }
    }

    private final Queue queue = new Queue();
    private final HostEvents events = new HostEvents();
    private long nanos;

    private void arrives(Family family, byte[] message) {
        arrives(new IcmpErrorPath(queue, family, events, () -> nanos), message);
    }

    private void arrives(IcmpErrorPath path, byte[] message) {
        queue.arriving.add(message);
        path.step();
    }

    static byte[] error(int mtu, boolean udp) {
        byte[] message = new byte[8 + 20 + (udp ? 8 : 0) + 8];
        message[0] = 3;
        message[1] = 4;
        Bytes.put16(message, 6, mtu);
        message[8] = 0x45;
        Bytes.put16(message, 10, 1_500);
        message[17] = (byte) (udp ? 17 : 50);
        System.arraycopy(HostEnd.A.toBytes(), 0, message, 20, 4);
        System.arraycopy(HostEnd.B.toBytes(), 0, message, 24, 4);
        if (udp) {
            Bytes.put16(message, 28, 4_500);
        }
        Bytes.put32(message, message.length - 8, 0x1001);
        Bytes.put32(message, message.length - 4, 7);
        return message;
    }

    static byte[] error6(int mtu) {
        byte[] message = new byte[8 + 40 + 8];
        message[0] = 2;
        Bytes.put32(message, 4, mtu);
        message[8] = 0x60;
        message[14] = 50;
        System.arraycopy(A6.toBytes(), 0, message, 16, 16);
        System.arraycopy(B6.toBytes(), 0, message, 32, 16);
        Bytes.put32(message, 48, 0x1001);
        Bytes.put32(message, 52, 7);
        return message;
    }

    @Test
    void quotedEspComesThroughWithItsMtu() {
        arrives(Family.INET, error(1_400, false));
        arrives(Family.INET, error(1_300, true));
        arrives(Family.INET6, error6(1_290));
        assertEquals(List.of(QUOTED, QUOTED, new QuotedEsp(A6, B6, 0x1001, 7)), events.tooBig);
        assertEquals(List.of(1_400, 1_300, 1_290), events.mtus);
    }

    /** RFC 1191 section 7.1. */
    @Test
    void routerThatSaysNoMtuMeansTheNextPlateau() {
        arrives(Family.INET, error(0, false));
        assertEquals(List.of(1_492), events.mtus);
    }

    @Test
    void absurdMtuOfIpv6IsCutToWhatAPacketCanHave() {
        arrives(Family.INET6, error6(-1));
        assertEquals(List.of(0xffff), events.mtus);
    }

    /** RFC 8201 section 4; and no plateau for a router that says 0, which RFC 1191 has for IPv4 alone. */
    @Test
    void mtuBelowTheLeastOfIpv6IsNotBelieved() {
        byte[] flow = error6(0);
        Bytes.put16(flow, 10, 0xffff); // where an IPv4 header has its length
        for (byte[] message : new byte[][] {error6(1_279), error6(0), flow}) {
            arrives(Family.INET6, message);
        }
        assertEquals(List.of(), events.tooBig);
        arrives(Family.INET6, error6(1_280));
        assertEquals(List.of(1_280), events.mtus);
    }

    @Test
    void everythingElseEndsHere() {
        byte[] unreachable = error(1_400, false);
        unreachable[1] = 1;
        arrives(Family.INET, unreachable);
        byte[] tcp = error(1_400, false);
        tcp[17] = 6;
        arrives(Family.INET, tcp);
        byte[] otherPort = error(1_400, true);
        Bytes.put16(otherPort, 28, 500);
        arrives(Family.INET, otherPort);
        byte[] laterFragment = error(1_400, false);
        Bytes.put16(laterFragment, 14, 100);
        arrives(Family.INET, laterFragment);
        byte[] otherVersion = error6(1_400);
        otherVersion[8] = 0x45;
        arrives(Family.INET6, otherVersion);
        byte[] badHeader = error(1_400, false);
        badHeader[8] = 0x41;
        arrives(Family.INET, badHeader);
        for (boolean udp : new boolean[] {false, true}) {
            byte[] whole = error(1_400, udp);
            for (int length = 1; length < whole.length; length++) {
                arrives(Family.INET, Arrays.copyOf(whole, length));
            }
        }
        byte[] whole6 = error6(1_400);
        for (int length = 1; length < whole6.length; length++) {
            arrives(Family.INET6, Arrays.copyOf(whole6, length));
        }
        assertEquals(List.of(), events.tooBig);
    }

    @Test
    void floodIsLimited() {
        IcmpErrorPath path = new IcmpErrorPath(queue, Family.INET, events, () -> nanos);
        for (int i = 0; i < 1_000; i++) {
            arrives(path, error(1_400, false));
        }
        assertEquals(20, events.tooBig.size());
        nanos += 1_000_000_000L;
        for (int i = 0; i < 1_000; i++) {
            arrives(path, error(1_400, false));
        }
        assertEquals(40, events.tooBig.size());
    }
}
