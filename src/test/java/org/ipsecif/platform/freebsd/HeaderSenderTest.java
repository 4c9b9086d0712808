package org.ipsecif.platform.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.ipsecif.platform.DatagramRun;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.MemoryChannel;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.OuterHeader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a raw socket with IP_HDRINCL is given, byte for byte (RFC 791 section 3.1, RFC 768). */
class HeaderSenderTest {
    private static final IpAddress LOCAL = IpAddress.parse("192.0.2.1");
    private static final UdpEndpoint PEER = new UdpEndpoint(IpAddress.parse("198.51.100.2"), 4500);
    private static final String TO = "1002 0000 c6336402 0000000000000000".replace(" ", "");
    private static final String ESP = "00001001 00000001 aabb".replace(" ", "");

    private final WireLibC libc = new WireLibC();
    private final OuterHeader outer = new OuterHeader();
    private DatagramRun run = new DatagramRun(MemoryChannel.buffer(DatagramRun.BUFFER));

    @BeforeEach
    void usual() {
        outer.set(0xb8, 64, 0, true);
    }

    private HeaderSender sender(boolean many, int port) {
        return new HeaderSender(libc.posix(), 9, many, LOCAL, port);
    }

    private void add(String... datagrams) {
        for (String each : datagrams) {
            byte[] bytes = WireLibC.bytes(each);
            assertTrue(run.takes(bytes.length));
            run.add(bytes, 0, bytes.length);
        }
    }

    private static String call(String how, String to, String packet) {
        return how + " 9 to " + to + " control - " + packet.replace(" ", "");
    }

    @Test
    void espHasAllThatTheOuterHeaderSays() {
        add(ESP);
        assertEquals(0, sender(true, 0).send(run, PEER, outer));
        assertTrue(run.isEmpty());
        assertEquals(List.of(call("sendmsg", TO, "45b8001e 0000 4000 4032 0000 c0000201 c6336402" + ESP)), libc.calls);
    }

    /** RFC 3948 section 2.1: no checksum. */
    @Test
    void espInUdpHasPortsAndNoChecksum() {
        outer.set(0, 255, 0, false);
        add(ESP);
        assertEquals(0, sender(true, 4500).send(run, PEER, outer));
        String packet = "45000026 0000 0000 ff11 0000 c0000201 c6336402 1194 1194 0012 0000" + ESP;
        assertEquals(List.of(call("sendmsg", TO, packet)), libc.calls);
    }

    @Test
    void keepaliveHasNoChecksumEither() {
        outer.set(0, 255, 0, false);
        add("ff");
        assertEquals(0, sender(true, 4500).send(run, new UdpEndpoint(PEER.address(), 40_000), outer));
        String packet = "4500001d 0000 0000 ff11 0000 c0000201 c6336402 1194 9c40 0009 0000 ff";
        assertEquals(List.of(call("sendmsg", TO, packet)), libc.calls);
    }

    @Test
    void ikeHasAChecksum() {
        outer.set(0, 64, 0, false);
        add("00000000 0102030405060708");
        assertEquals(0, sender(true, 4500).send(run, PEER, outer));
        String packet = "45000028 0000 0000 4011 0000 c0000201 c6336402 1194 1194 0014 e052 00000000 0102030405060708";
        assertEquals(List.of(call("sendmsg", TO, packet)), libc.calls);
    }

    /** What begins like ESP is IKE too on another port; an odd length, and a sum of 0, which means none (RFC 768). */
    @Test
    void everyDatagramOfAnotherPortHasAChecksumThatIsRight() {
        HeaderSender sender = sender(true, 500);
        for (int i = 0; i < 3_000; i++) {
            run.clear();
            libc.calls.clear();
            add("1234567890abcdef00" + "%06x".formatted(i * 97));
            assertEquals(0, sender.send(run, new UdpEndpoint(PEER.address(), 500), outer));
            String sent = libc.calls.get(0);
            byte[] packet = WireLibC.bytes(sent.substring(sent.lastIndexOf(' ') + 1));
            byte[] udp = Arrays.copyOfRange(packet, 20, packet.length);
            byte[] pseudo = WireLibC.bytes("c0000201 c6336402 0011" + "%04x".formatted(udp.length));
            byte[] all = WirePackets.join(pseudo, udp);
            assertEquals(0, WirePackets.checksum(all, 0, all.length));
            assertTrue(udp[6] != 0 || udp[7] != 0);
        }
    }

    @Test
    void severalGoInOneCallEachWithItsLength() {
        add(ESP, ESP, "00001001 00000003");
        assertEquals(0, sender(true, 0).send(run, PEER, outer));
        String usual = "0000 4000 4032 0000 c0000201 c6336402";
        assertEquals(
                List.of(
                        call("sendmmsg", TO, "45b8001e" + usual + ESP),
                        call("sendmmsg", TO, "45b8001e" + usual + ESP),
                        call("sendmmsg", TO, "45b8001c" + usual + "0000100100000003")),
                libc.calls);
    }

    @Test
    void withoutTheAbilityTheyGoOneByOne() {
        add(ESP, ESP);
        assertEquals(0, sender(false, 0).send(run, PEER, outer));
        assertEquals(2, libc.calls.size());
        assertTrue(libc.calls.stream().allMatch(each -> each.startsWith("sendmsg ")));
    }

    @Test
    void peerMayChange() {
        HeaderSender sender = sender(true, 0);
        add(ESP);
        assertEquals(0, sender.send(run, PEER, outer));
        add(ESP);
        assertEquals(0, sender.send(run, new UdpEndpoint(IpAddress.parse("203.0.113.9"), 0), outer));
        assertEquals(
                call(
                        "sendmsg",
                        "10020000cb0071090000000000000000",
                        "45b8001e 0000 4000 4032 0000 c0000201 cb007109" + ESP),
                libc.calls.get(1));
    }

    @Test
    void tooLongIsToldApartAndStays() {
        add(ESP, ESP);
        libc.refused.put("sendmmsg", 40);
        assertEquals(EspTransport.TOO_BIG, sender(true, 0).send(run, PEER, outer));
        assertEquals(2, run.count());
        libc.refused.put("sendmmsg", 55);
        assertEquals(55, sender(true, 0).send(run, PEER, outer));
        assertEquals(2, run.count());
    }

    /** The header has 16 bits for the length, and so the kernel is not even asked. */
    @Test
    void noLengthOverflows() {
        byte[] longest = new byte[65_515];
        run.add(longest, 0, 65_515);
        assertEquals(0, sender(true, 0).send(run, PEER, outer));
        assertTrue(libc.calls.get(0).contains(" 45b8ffff"));
        run = new DatagramRun(MemoryChannel.buffer(DatagramRun.BUFFER));
        run.add(new byte[65_516], 0, 65_516);
        assertEquals(EspTransport.TOO_BIG, sender(true, 0).send(run, PEER, outer));
        run = new DatagramRun(MemoryChannel.buffer(DatagramRun.BUFFER));
        run.add(new byte[65_508], 0, 65_508);
        assertEquals(EspTransport.TOO_BIG, sender(true, 4500).send(run, PEER, outer));
        assertEquals(1, libc.calls.size());
    }
}
