package org.ipsecif.platform.freebsd.sim;

import static org.ipsecif.platform.freebsd.sim.Caller.assertHex;
import static org.ipsecif.platform.freebsd.sim.Caller.done;
import static org.ipsecif.platform.freebsd.sim.Caller.hex;
import static org.ipsecif.platform.freebsd.sim.Caller.name;
import static org.ipsecif.platform.freebsd.sim.Caller.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.ipsecif.platform.posix.DirectBuffer;
import org.junit.jupiter.api.Test;

/** The simulated sockets, bpf(4) and the network between two hosts, byte by byte. */
class SimulatedNetworkTest {
    private static final int EINVAL = 22;
    private static final int EAGAIN = 35;
    private static final int EMSGSIZE = 40;
    private static final int ENOPROTOOPT = 42;
    private static final int EAFNOSUPPORT = 47;
    private static final int EADDRINUSE = 48;
    private static final int EADDRNOTAVAIL = 49;
    private static final int EHOSTUNREACH = 65;
    private static final int ENXIO = 6;

    /** 192.0.2.1 and 192.0.2.2, port 4500 */
    private static final String ONE = "1002 1194 c0000201 0000000000000000";

    private static final String TWO = "1002 1194 c0000202 0000000000000000";

    /** ESP, of SPI 0x01020304, from 192.0.2.1 to 192.0.2.2, with DF; the kernel makes identification and checksum. */
    private static final String ESP = "45 b8 0020 0000 4000 3f 32 0000 c0000201 c0000202 | 01020304 00000001 05060708";

    private final Network network = new Network();
    private final SimulatedFreeBsd first = new SimulatedFreeBsd(network);
    private final SimulatedFreeBsd second = new SimulatedFreeBsd(network);
    private final Caller one;
    private final Caller two;

    SimulatedNetworkTest() {
        first.addEthernet("em0", "192.0.2.1/24", "2001:db8::1/64");
        second.addEthernet("em0", "192.0.2.2/24", "2001:db8::2/64");
        one = new Caller(first);
        two = new Caller(second);
    }

    private static int raw(Caller caller, int protocol) {
        return done(caller.libc.socket(2, 0x20000003, protocol));
    }

    @Test
    void hostsAnswerEachOthersPings() {
        assertTrue(first.ping("192.0.2.1", "192.0.2.2"));
        assertTrue(second.ping("2001:db8::2", "2001:db8::1", 4000));
        assertEquals(2 + 6, network.takeCarried().size()); // the second request and its answer in three pieces each
        assertEquals(EHOSTUNREACH, first.pingOnce("192.0.2.1", "198.51.100.1"));
    }

    @Test
    void aDatagramArrivesWithWhatItsSocketIsToldOfItsHeader() {
        int from = done(one.libc.socket(2, 2, 0));
        int to = done(two.libc.socket(2, 0x20000002, 0));
        refused(EADDRNOTAVAIL, one.bind(from, TWO));
        done(one.setOption(from, 0, 24, "01000000"));
        done(one.bind(from, ONE));
        done(one.setOption(from, 0, 3, "b8000000"));
        done(two.bind(to, TWO));
        refused(EADDRINUSE, two.bind(done(two.libc.socket(2, 2, 0)), TWO));
        done(two.setOption(to, 0, 68, "01000000"));
        done(two.setOption(to, 0, 65, "01000000"));
        done(one.sendTo(from, hex("c0ffee"), TWO));
        DirectBuffer data = new DirectBuffer(100);
        DirectBuffer name = new DirectBuffer(28);
        DirectBuffer control = new DirectBuffer(64);
        DirectBuffer vector = new DirectBuffer(16);
        vector.bytes().putLong(0, data.pointer().address()).putLong(8, 100);
        DirectBuffer header = new DirectBuffer(48);
        header.bytes().putLong(0, name.pointer().address()).putInt(8, 28);
        header.bytes().putLong(16, vector.pointer().address()).putInt(24, 1);
        header.bytes().putLong(32, control.pointer().address()).putInt(40, 64);
        assertEquals(3, two.libc.recvmsg(to, header.pointer(), 0));
        assertHex("c0ffee", Caller.contents(data, 3));
        assertHex(ONE, Caller.contents(name, 16));
        // cmsghdr: length 17, level 0, IP_RECVTOS 68, one byte, padded to 8; then IP_RECVTTL 65
        assertHex(
                "11000000 00000000 44000000 00000000 b8" + "00".repeat(7) + "11000000 00000000 41000000 00000000 40"
                        + "00".repeat(7),
                Caller.contents(control, header.bytes().getInt(40)));
        refused(EAGAIN, two.libc.recvmsg(to, header.pointer(), 0));
    }

    @Test
    void aRawSocketSendsWholePacketsAndGetsThemFromTheHeaderOn() {
        int from = raw(one, 255);
        int to = raw(two, 50);
        done(one.setOption(from, 0, 2, "01000000"));
        done(one.sendTo(from, hex(ESP), "1002 0000 c0000202 0000000000000000"));
        byte[] packet = two.read(to, 2000);
        assertHex("45 b8 0020", Arrays.copyOf(packet, 4));
        assertHex("4000 3f 32", Arrays.copyOfRange(packet, 6, 10));
        assertHex("01020304 00000001 05060708", Arrays.copyOfRange(packet, 20, 32));
        assertEquals(0, Words.checksum(Words.sum(0, packet, 0, 20)));
        refused(EINVAL, one.sendTo(from, hex(ESP + "00"), "1002 0000 c0000202 0000000000000000"));
    }

    @Test
    void whatIsLongerThanTheMtuIsRefusedWithDfElseCut() {
        int from = raw(one, 255);
        int to = raw(two, 50);
        done(one.setOption(from, 0, 2, "01000000"));
        byte[] packet = Arrays.copyOf(hex(ESP), 1600);
        Words.putNet16(packet, 2, 1600);
        refused(EMSGSIZE, one.sendTo(from, packet, TWO));
        Words.putNet16(packet, 6, 0);
        done(one.sendTo(from, packet, TWO));
        assertEquals(2, network.takeCarried().size());
        assertEquals(1600, two.read(to, 2000).length);
    }

    @Test
    void aKernelWithIpsecKeepsEspFromRawSocketsButNotFromBpf() {
        int socket = raw(two, 50);
        String policy = "0200 1200 0400 01 00 00000000 00000000";
        refused(ENOPROTOOPT, two.setOption(socket, 0, 21, policy));
        refused(EAFNOSUPPORT, two.libc.socket(27, 3, 2));
        second.setKeyKernel(pid -> new SilentKeys());
        done(two.setOption(socket, 0, 21, policy));
        refused(EINVAL, two.setOption(socket, 0, 21, policy.replace("0400", "0000")));
        done(two.libc.socket(27, 3, 2));
        int bpf = bpf();
        int from = raw(one, 255);
        done(one.setOption(from, 0, 2, "01000000"));
        done(one.sendTo(from, hex(ESP), TWO));
        two.readRefused(EAGAIN, socket, 2000);
        assertEquals(1, second.counter("ESP to the kernel"));
        byte[] captured = two.read(bpf, 4096);
        // bpf_hdr: caplen and datalen 46, hdrlen 26, so that the IP header is on a multiple of 8
        assertHex("2e000000 2e000000 1a00", Arrays.copyOfRange(captured, 16, 26));
        assertHex("0800 45b8", Arrays.copyOfRange(captured, 26 + 12, 26 + 16));
        assertEquals(26 + 46, captured.length);
    }

    /** It takes IPv4 packets of protocol 50, and gives them at once. */
    private int bpf() {
        int fd = done(two.libc.open("/dev/bpf", 4));
        two.readRefused(ENXIO, fd, 4096);
        two.ioctlRefused(EINVAL, fd, 0x4004426aL, "00000000");
        two.ioctlRefused(ENXIO, fd, 0x8020426cL, name("em7", 32));
        two.ioctl(fd, 0x8020426cL, name("em0", 32));
        assertHex("01000000", two.ioctl(fd, 0x4004426aL, "00000000"));
        two.ioctl(fd, 0x80044270L, "01000000");
        two.ioctl(fd, 0x80044277L, "00000000");
        two.readRefused(EINVAL, fd, 4095);
        // ldh [12]; jeq 0x800, 0, 3; ldb [23]; jeq 50, 0, 1; ret 0x40000; ret 0
        DirectBuffer code = DirectBuffer.of(hex("2800 00 00 0c000000 1500 00 03 00080000 3000 00 00 17000000"
                + "1500 00 01 32000000 0600 00 00 00000400 0600 00 00 00000000"));
        String at = String.format("%016x", Long.reverseBytes(code.pointer().address()));
        two.ioctl(fd, 0x80104267L, "06000000 00000000" + at);
        two.ioctlRefused(EINVAL, fd, 0x80104267L, "03000000 00000000" + at);
        assertTrue(first.ping("192.0.2.1", "192.0.2.2"));
        two.readRefused(EAGAIN, fd, 4096);
        return fd;
    }

    @Test
    void ipv6sRawSocketBindsToItsOwnAddressesOnlyAndGetsWhatIsBehindTheHeaders() {
        int from = done(one.libc.socket(28, 3, 50));
        int to = done(two.libc.socket(28, 0x20000003, 50));
        refused(EADDRNOTAVAIL, two.bind(to, "1c1c 0000 00000000 20010db8000000000000000000000009 00000000"));
        done(one.sendTo(
                from, hex("01020304 00000001"), "1c1c 0000 00000000 20010db8000000000000000000000002 00000000"));
        assertHex("01020304 00000001", two.read(to, 2000));
    }

    @Test
    void aDescriptorGoesThroughASocketAndKeepsItsDeviceOpen() {
        SimulatedProcess holder = first.process();
        DirectBuffer pair = new DirectBuffer(8);
        done(holder.socketpair(1, 5, 0, pair.pointer()));
        String driver = first.createTun("ipsec0");
        int tun = done(holder.open("/dev/" + driver, 6));
        first.addAddress("ipsec0", "10.0.0.1/30 10.0.0.2");
        send(holder, pair.bytes().getInt(0), tun);
        done(holder.close(tun));
        assertEquals(1, first.show("ipsec0").addresses().size()); // in flight it is open
        int received = receive(holder, pair.bytes().getInt(4));
        DirectBuffer name = new DirectBuffer(32);
        done(holder.ioctl(received, 0x4020745dL, name.pointer()));
        assertHex(name("ipsec0", 32), Caller.contents(name, 32));
        holder.kill();
        assertEquals(0, first.show("ipsec0").addresses().size());
    }

    private static DirectBuffer header(DirectBuffer data, DirectBuffer control) {
        DirectBuffer vector = new DirectBuffer(16);
        vector.bytes().putLong(0, data.pointer().address()).putLong(8, data.size());
        DirectBuffer header = new DirectBuffer(48);
        header.bytes().putLong(16, vector.pointer().address()).putInt(24, 1);
        header.bytes().putLong(32, control.pointer().address()).putInt(40, control.size());
        KEPT.add(vector);
        return header;
    }

    private static final java.util.List<DirectBuffer> KEPT = new java.util.ArrayList<>();

    private static void send(SimulatedProcess process, int socket, int fd) {
        DirectBuffer data = DirectBuffer.of(hex("61"));
        // cmsghdr: length 20, SOL_SOCKET, SCM_RIGHTS, the descriptor
        DirectBuffer control = DirectBuffer.of(
                hex("14000000 ffff0000 01000000 00000000" + String.format("%02x000000", fd) + "00000000"));
        DirectBuffer header = header(data, control);
        header.bytes().putInt(40, 20);
        assertEquals(1, process.sendmsg(socket, header.pointer(), 0));
    }

    private static int receive(SimulatedProcess process, int socket) {
        DirectBuffer data = new DirectBuffer(10);
        DirectBuffer control = new DirectBuffer(24);
        DirectBuffer header = header(data, control);
        assertEquals(1, process.recvmsg(socket, header.pointer(), 0));
        assertHex("14000000 ffff0000 01000000", Arrays.copyOf(Caller.contents(control, 24), 12));
        return control.bytes().getInt(16);
    }
}
