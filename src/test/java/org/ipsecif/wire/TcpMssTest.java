package org.ipsecif.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TcpMssTest {
    private static final int SYN = 0x02;
    private static final int ACK = 0x10;

    private static byte[] segment(boolean inet6, int flags, byte... options) {
        int ip = inet6 ? 40 : 20;
        int tcpLength = 20 + options.length;
        byte[] packet = new byte[ip + tcpLength];
        if (inet6) {
            Bytes.put32(packet, 0, 6 << 28);
            Bytes.put16(packet, 4, tcpLength);
            packet[6] = 6;
            packet[8] = 0x20;
            packet[24] = 0x20;
        } else {
            packet[0] = 0x45;
            Bytes.put16(packet, 2, packet.length);
            packet[9] = 6;
            Bytes.put32(packet, 12, 0x0a000001);
            Bytes.put32(packet, 16, 0x0a000002);
        }
        packet[ip + 12] = (byte) (tcpLength / 4 << 4);
        packet[ip + 13] = (byte) flags;
        System.arraycopy(options, 0, packet, ip + 20, options.length);
        Bytes.put16(packet, ip + 16, checksum(packet, ip, tcpLength));
        return packet;
    }

    private static int checksum(byte[] packet, int ip, int tcpLength) {
        return Checksum.finish(Checksum.sum(Checksum.pseudoHeader(packet, 0, 6, tcpLength), packet, ip, tcpLength));
    }

    private static boolean clamp(byte[] packet, int limit) {
        PacketView view = new PacketView();
        assertTrue(view.parse(packet, 0, packet.length));
        return TcpMss.clamp(view, packet, 0, limit);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void synIsLoweredWithItsChecksum(boolean inet6) {
        int ip = inet6 ? 40 : 20;
        for (int flags : new int[] {SYN, SYN | ACK}) {
            byte[] packet = segment(inet6, flags, (byte) 2, (byte) 4, (byte) 0x05, (byte) 0xb4);
            assertTrue(clamp(packet, 1_300));
            assertEquals(1_300, Bytes.u16(packet, ip + 22));
            assertEquals(0, checksum(packet, ip, 24));
        }
    }

    /** An option may stand at an odd place, behind a no-operation. */
    @Test
    void optionAtAnOddPlaceKeepsTheChecksumRight() {
        byte[] packet = segment(
                false, SYN, (byte) 1, (byte) 2, (byte) 4, (byte) 0x05, (byte) 0xb4, (byte) 1, (byte) 1, (byte) 0);
        assertTrue(clamp(packet, 1_234));
        assertEquals(1_234, Bytes.u16(packet, 43));
        assertEquals(0, checksum(packet, 20, 28));
    }

    @Test
    void whatNeedsNoChangeIsNotTouched() {
        byte[][] packets = {
            segment(false, SYN, (byte) 2, (byte) 4, (byte) 0x04, (byte) 0xb0), // 1,200: low enough
            segment(false, ACK, (byte) 2, (byte) 4, (byte) 0x05, (byte) 0xb4), // no SYN
            segment(false, SYN, (byte) 1, (byte) 1, (byte) 1, (byte) 1), // none
            segment(false, SYN, (byte) 0, (byte) 2, (byte) 4, (byte) 0), // after the end of options
            segment(false, SYN, (byte) 2, (byte) 8, (byte) 0x05, (byte) 0xb4), // malformed
            segment(false, SYN, (byte) 3, (byte) 0, (byte) 0x05, (byte) 0xb4), // malformed
        };
        for (byte[] packet : packets) {
            byte[] before = packet.clone();
            assertFalse(clamp(packet, 1_200));
            assertArrayEquals(before, packet);
        }
    }

    @Test
    void otherProtocolsAndLaterFragmentsAreNotTouched() {
        byte[] udp = segment(false, SYN, (byte) 2, (byte) 4, (byte) 0x05, (byte) 0xb4);
        udp[9] = 17;
        assertFalse(clamp(udp, 1_200));
        byte[] fragment = segment(false, SYN, (byte) 2, (byte) 4, (byte) 0x05, (byte) 0xb4);
        Bytes.put16(fragment, 6, 10);
        assertFalse(clamp(fragment, 1_200));
    }

    @Test
    void cutHeaderIsNotRead() {
        byte[] packet = segment(false, SYN, (byte) 2, (byte) 4, (byte) 0x05, (byte) 0xb4);
        Bytes.put16(packet, 2, 39);
        assertFalse(clamp(packet, 1_200));
    }
}
