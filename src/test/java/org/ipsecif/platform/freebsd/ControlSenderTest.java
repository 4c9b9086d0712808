package org.ipsecif.platform.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.ipsecif.platform.DatagramRun;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.MemoryChannel;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.OuterHeader;
import org.junit.jupiter.api.Test;

/** What IPv6 sockets are given: cmsghdr is socklen_t, int, int; data from 16 on; each padded to 8 (sys/socket.h, RFC 3542). */
class ControlSenderTest {
    private static final IpAddress LOCAL = IpAddress.parse("2001:db8::1");
    private static final UdpEndpoint PEER = new UdpEndpoint(IpAddress.parse("2001:db8::2"), 4500);
    private static final String TO_4500 = "1c1c1194 00000000 20010db8000000000000000000000002 00000000";
    private static final String TO = "1c1c0000 00000000 20010db8000000000000000000000002 00000000";
    private static final String ESP = "00001001 00000001 aabb";
    private static final String SOURCE =
            "24000000 29000000 2e000000 00000000 20010db8000000000000000000000001 00000000 00000000";

    private final WireLibC libc = new WireLibC();
    private final OuterHeader outer = new OuterHeader();
    private final DatagramRun run = new DatagramRun(MemoryChannel.buffer(DatagramRun.BUFFER));

    private void add(String datagram) {
        byte[] bytes = WireLibC.bytes(datagram);
        run.add(bytes, 0, bytes.length);
    }

    private static String controls(String trafficClass, String hopLimit, String dontFragment, String leastMtu) {
        return "14000000 29000000 3d000000 00000000" + trafficClass + "00000000"
                + "14000000 29000000 2f000000 00000000" + hopLimit + "00000000"
                + "14000000 29000000 3e000000 00000000" + dontFragment + "00000000"
                + "14000000 29000000 2a000000 00000000" + leastMtu + "00000000";
    }

    private static String call(String how, String to, String control, String payload) {
        return how + " 9 to " + digits(to) + " control " + digits(control) + " " + digits(payload);
    }

    private static String digits(String text) {
        return text.replace(" ", "");
    }

    @Test
    void udpHasWhatTheOuterHeaderSays() {
        outer.set(0xb8, 64, 0xabcde, true);
        add(ESP);
        assertEquals(0, new ControlSender(libc.posix(), 9, true, LOCAL, 4500).send(run, PEER, outer));
        String control = controls("b8000000", "40000000", "01000000", "ffffffff");
        assertEquals(List.of(call("sendmsg", TO_4500, control, ESP)), libc.calls);
    }

    @Test
    void espSaysItsSourceAndHasNoPort() {
        outer.set(3, 255, 0, false);
        add(ESP);
        add(ESP);
        assertEquals(0, new ControlSender(libc.posix(), 9, true, LOCAL, 0).send(run, PEER, outer));
        String sent = call("sendmmsg", TO, controls("03000000", "ff000000", "00000000", "ffffffff") + SOURCE, ESP);
        assertEquals(List.of(sent, sent), libc.calls);
    }

    /** Nobody but the sender can, and the least MTU is what every path has; DF has no say then (RFC 3542 section 11.2). */
    @Test
    void whatIsToBeCutIsCutForTheLeastMtu() {
        outer.set(0, 64, 0, true);
        outer.setCut(true);
        add(ESP);
        assertEquals(0, new ControlSender(libc.posix(), 9, true, LOCAL, 0).send(run, PEER, outer));
        String control = controls("00000000", "40000000", "00000000", "01000000") + SOURCE;
        assertEquals(List.of(call("sendmsg", TO, control, ESP)), libc.calls);
    }

    @Test
    void peerMayChange() {
        ControlSender sender = new ControlSender(libc.posix(), 9, true, LOCAL, 4500);
        add(ESP);
        assertEquals(0, sender.send(run, PEER, outer));
        add(ESP);
        assertEquals(0, sender.send(run, new UdpEndpoint(IpAddress.parse("2001:db8::3"), 65_535), outer));
        assertEquals(
                "sendmsg 9 to 1c1cffff0000000020010db800000000000000000000000300000000",
                libc.calls.get(1).replaceFirst(" control.*", ""));
    }

    @Test
    void tooLongIsToldApart() {
        add(ESP);
        libc.refused.put("sendmsg", 40);
        assertEquals(EspTransport.TOO_BIG, new ControlSender(libc.posix(), 9, true, LOCAL, 0).send(run, PEER, outer));
        libc.refused.put("sendmsg", 49);
        assertEquals(49, new ControlSender(libc.posix(), 9, true, LOCAL, 0).send(run, PEER, outer));
        assertEquals(1, run.count());
    }
}
