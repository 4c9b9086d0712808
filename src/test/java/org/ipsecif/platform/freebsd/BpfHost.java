package org.ipsecif.platform.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.ipsecif.platform.Datagrams;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.platform.OffloadSettings;
import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.OuterHeader;
import org.junit.jupiter.api.BeforeEach;

/** A host with IPsec in its kernel and three interfaces, and a transport on it that receives ESP by bpf(4), as tests of it use them. */
abstract class BpfHost {
    static final IpAddress LOCAL = IpAddress.parse("192.0.2.1");
    static final IpAddress LOCAL6 = IpAddress.parse("2001:db8::1");
    static final UdpEndpoint PEER = new UdpEndpoint(IpAddress.parse("198.51.100.2"), 0);
    static final String US = "c0000201";
    static final String FROM = "c6336402";
    static final int BPF = 4;
    static final int ROUTING = 5;
    static final long BIOCGDLT = 0x4004426aL;
    static final long BIOCGSTATS = 0x4008426fL;
    static final String NOTHING = "ioctl 4 80104267 1 0600000000000000";
    static final int ENXIO = 6;

    final WireLibC libc = new WireLibC();
    final WireLinks links = new WireLinks();
    final OuterHeader outer = new OuterHeader();
    long now = Long.MAX_VALUE - 1;
    EspTransport transport;
    PacketBuffer into;
    Datagrams datagrams;

    @BeforeEach
    void host() {
        libc.answers.put(0x40044266L, WireLibC.bytes("00000800"));
        interfaces("lo0", "em0", "em1");
        libc.flags.put("lo0", 0x8049);
        libc.flags.put("em0", 0x8843);
        libc.flags.put("em1", 0x8843);
        linkType(1);
    }

    void interfaces(String... names) {
        for (int i = 0; i < names.length; i++) {
            libc.names.put(i + 1, names[i]);
        }
    }

    void linkType(int number) {
        libc.answers.put(BIOCGDLT, new byte[] {(byte) number, 0, 0, 0});
    }

    EspTransport open(IpAddress local) throws Exception {
        transport = new TransportOpener(libc.posix(), OffloadSettings.ALL, () -> links, () -> now)
                .openTransport(local, Encapsulation.NO);
        into = transport.newBuffer(transport.receiveSize());
        datagrams = new Datagrams(transport.receiveCount());
        return transport;
    }

    /** What was asked of the device, without what is the same at every opening. */
    List<String> device() {
        List<String> calls = new ArrayList<>(libc.calls);
        calls.removeIf(each -> !each.startsWith("ioctl 4 ") || each.matches("ioctl 4 (c0044266|40044266|8004427).*"));
        libc.calls.clear();
        return calls;
    }

    static List<String> attach(String name, IpAddress local, int linkType) {
        String hex = HexFormat.of().formatHex(Arrays.copyOf(name.getBytes(StandardCharsets.US_ASCII), 32));
        byte[] program = EspFilter.to(local, linkType);
        return List.of(
                NOTHING,
                "ioctl 4 8020426c " + hex,
                "ioctl 4 4004426a",
                "ioctl 4 80104267 " + program.length / 8 + " " + HexFormat.of().formatHex(program));
    }

    static byte[] esp(int spi, int length) {
        byte[] bytes = new byte[length];
        ByteBuffer.wrap(bytes).putInt(0, spi);
        for (int i = 4; i < length; i++) {
            bytes[i] = (byte) (spi + i);
        }
        return bytes;
    }

    static byte[] frame(byte[] packet) {
        return WirePackets.record(WirePackets.ethernet(0x0800, packet));
    }

    static byte[] frame(int spi, int length) {
        return frame(WirePackets.inet(FROM, US, 50, 1, 0x4000, "", esp(spi, length)));
    }

    int receive() {
        int result = transport.receive(into, datagrams);
        assertEquals(Math.max(result, 0), datagrams.count());
        return result;
    }

    byte[] came(int which) {
        byte[] bytes = new byte[datagrams.length(which)];
        into.bytes().get(datagrams.offset(which), bytes);
        return bytes;
    }

    void routing(int type) {
        byte[] message = new byte[168];
        message[2] = 5;
        message[3] = (byte) type;
        libc.give(ROUTING, message);
        libc.waits.get(0).otherReady = true;
    }

    /** As a worker does: until there is nothing, then it waits. */
    int receiveAll() {
        int sum = 0;
        for (int count = receive(); count > 0; count = receive()) {
            sum += count;
        }
        libc.waits.get(0).otherReady =
                libc.bytes.containsKey(ROUTING) && !libc.bytes.get(ROUTING).isEmpty();
        return sum;
    }

    /** Of the control thread, which comes by each second. */
    int nudgesOfTheClock() {
        libc.waits.get(0).nudges = 0;
        for (int i = 0; i < 3; i++) {
            transport.tryAgain();
        }
        return libc.waits.get(0).nudges;
    }
}
