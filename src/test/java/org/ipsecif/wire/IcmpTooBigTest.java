package org.ipsecif.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** RFC 792, RFC 1191 section 4, RFC 1812 section 4.3.2, RFC 4443 sections 2.4 and 3.2. */
class IcmpTooBigTest {
    private static byte[] inet(String source, String destination, int protocol, int type, int length) throws Exception {
        byte[] packet = new byte[length];
        packet[0] = 0x45;
        Bytes.put16(packet, 2, length);
        packet[9] = (byte) protocol;
        System.arraycopy(java.net.InetAddress.getByName(source).getAddress(), 0, packet, 12, 4);
        System.arraycopy(java.net.InetAddress.getByName(destination).getAddress(), 0, packet, 16, 4);
        packet[20] = (byte) type;
        return packet;
    }

    private static byte[] inet6(String source, String destination, int protocol, int type, int length)
            throws Exception {
        byte[] packet = new byte[length];
        packet[0] = 0x60;
        Bytes.put16(packet, 4, length - 40);
        packet[6] = (byte) protocol;
        System.arraycopy(java.net.InetAddress.getByName(source).getAddress(), 0, packet, 8, 16);
        System.arraycopy(java.net.InetAddress.getByName(destination).getAddress(), 0, packet, 24, 16);
        packet[40] = (byte) type;
        return packet;
    }

    private static boolean mayAnswer(byte[] packet) {
        PacketView view = new PacketView();
        assertTrue(view.parse(packet, 0, packet.length));
        return IcmpTooBig.mayAnswer(view);
    }

    @Test
    void fragmentationNeeded() throws Exception {
        byte[] offending = inet("10.1.0.1", "10.2.0.2", 17, 9, 1_500);
        byte[] reply = new byte[IcmpTooBig.MAX_LENGTH];
        int length = IcmpTooBig.write(new byte[] {10, 0, 0, 1}, offending, 0, offending.length, 1_234, reply);
        assertEquals(576, length);
        assertEquals(576, Bytes.u16(reply, 2));
        assertEquals(0, Checksum.of(reply, 0, 20));
        assertArrayEquals(new byte[] {10, 0, 0, 1, 10, 1, 0, 1}, Arrays.copyOfRange(reply, 12, 20));
        assertEquals(0x0304, Bytes.u16(reply, 20));
        assertEquals(1_234, Bytes.i32(reply, 24));
        assertEquals(0, Checksum.of(reply, 20, length - 20));
        assertArrayEquals(Arrays.copyOf(offending, 548), Arrays.copyOfRange(reply, 28, 576));
    }

    @Test
    void packetTooBig() throws Exception {
        byte[] offending = inet6("2001:db8:1::1", "2001:db8:2::2", 17, 9, 1_500);
        byte[] source = java.net.InetAddress.getByName("2001:db8::1").getAddress();
        byte[] reply = new byte[IcmpTooBig.MAX_LENGTH];
        int length = IcmpTooBig.write(source, offending, 0, offending.length, 1_281, reply);
        assertEquals(1_280, length);
        assertEquals(1_240, Bytes.u16(reply, 4));
        assertEquals(58, reply[6]);
        assertArrayEquals(source, Arrays.copyOfRange(reply, 8, 24));
        assertArrayEquals(Arrays.copyOfRange(offending, 8, 24), Arrays.copyOfRange(reply, 24, 40));
        assertEquals(0x0200, Bytes.u16(reply, 40));
        assertEquals(1_281, Bytes.i32(reply, 44));
        long sum = Checksum.sum(Checksum.pseudoHeader(reply, 0, 58, 1_240), reply, 40, 1_240);
        assertEquals(0, Checksum.finish(sum));
        assertArrayEquals(Arrays.copyOf(offending, 1_232), Arrays.copyOfRange(reply, 48, 1_280));
    }

    @Test
    void shortPacketsAreQuotedWhole() throws Exception {
        byte[] offending = inet("10.1.0.1", "10.2.0.2", 17, 9, 100);
        byte[] reply = new byte[IcmpTooBig.MAX_LENGTH];
        assertEquals(128, IcmpTooBig.write(new byte[4], offending, 0, 100, 68, reply));
    }

    @Test
    void whoMayBeAnswered() throws Exception {
        assertTrue(mayAnswer(inet("10.1.0.1", "10.2.0.2", 17, 0, 100)));
        assertTrue(mayAnswer(inet("10.1.0.1", "10.2.0.2", 1, 8, 100))); // echo request
        assertTrue(mayAnswer(inet("10.1.0.1", "10.2.0.2", 1, 0, 100)));
        assertTrue(mayAnswer(inet6("2001:db8::1", "2001:db8::2", 17, 0, 100)));
        assertTrue(mayAnswer(inet6("2001:db8::1", "2001:db8::2", 58, 128, 100)));
        assertTrue(
                mayAnswer(inet6("2001:db8::1", "ff0e::1", 17, 0, 100))); // RFC 4443 2.4 (e.3): too big is the exception
    }

    @Test
    void whoMayNot() throws Exception {
        assertFalse(mayAnswer(inet("10.1.0.1", "10.2.0.2", 1, 3, 100)));
        assertFalse(mayAnswer(inet("10.1.0.1", "10.2.0.2", 1, 11, 100)));
        assertFalse(mayAnswer(inet("10.1.0.1", "224.0.0.5", 17, 0, 100)));
        assertFalse(mayAnswer(inet("0.0.0.0", "10.2.0.2", 17, 0, 100)));
        assertFalse(mayAnswer(inet("127.0.0.1", "10.2.0.2", 17, 0, 100)));
        assertFalse(mayAnswer(inet("224.0.0.1", "10.2.0.2", 17, 0, 100)));
        assertFalse(mayAnswer(inet6("2001:db8::1", "2001:db8::2", 58, 1, 100)));
        assertFalse(mayAnswer(inet6("2001:db8::1", "2001:db8::2", 58, 2, 100)));
        assertFalse(mayAnswer(inet6("2001:db8::1", "2001:db8::2", 58, 137, 100)));
        assertFalse(mayAnswer(inet6("ff02::1", "2001:db8::2", 17, 0, 100)));
        assertFalse(mayAnswer(inet6("::", "2001:db8::2", 17, 0, 100)));
        byte[] later = inet("10.1.0.1", "10.2.0.2", 17, 0, 100);
        Bytes.put16(later, 6, 5);
        assertFalse(mayAnswer(later));
    }
}
