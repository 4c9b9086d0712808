package org.ipsecif.platform.freebsd.sim;

import static org.ipsecif.platform.freebsd.sim.Caller.assertHex;
import static org.ipsecif.platform.freebsd.sim.Caller.done;
import static org.ipsecif.platform.freebsd.sim.Caller.hex;
import static org.ipsecif.platform.freebsd.sim.Caller.name;
import static org.ipsecif.platform.freebsd.sim.Caller.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.HexFormat;
import jnr.ffi.Pointer;
import org.ipsecif.platform.posix.DirectBuffer;
import org.junit.jupiter.api.Test;

/** The simulated routing socket, sysctl(3) and kqueue(2), byte by byte. */
class SimulatedRoutingTest {
    private static final int ESRCH = 3;
    private static final int ENOENT = 2;
    private static final int ENOMEM = 12;
    private static final int EINVAL = 22;
    private static final int EAGAIN = 35;
    private static final int ENOPROTOOPT = 42;
    private static final int ENOBUFS = 55;

    private final SimulatedFreeBsd host = new SimulatedFreeBsd(new Network());
    private final Caller caller = new Caller(host);
    private final int route = done(caller.libc.socket(17, 0x20000003, 0));

    private String next() {
        return HexFormat.of().formatHex(caller.read(route, 4096));
    }

    private static String plain(String hex) {
        return HexFormat.of().formatHex(hex(hex));
    }

    @Test
    void tellsOfInterfacesAndAddressesInTheirStructures() {
        host.createTun("ipsec0");
        // if_announcemsghdr: length 24, version 5, RTM_IFANNOUNCE 17, index 2, name, arrival
        assertEquals(plain("1800 05 11 0200" + name("tun0", 16) + "0000"), next());
        assertEquals(plain("1800 05 11 0200" + name("tun0", 16) + "0100"), next());
        assertEquals(plain("1800 05 11 0200" + name("ipsec0", 16) + "0000"), next());
        host.addAddress("ipsec0", "10.0.0.1/30 10.0.0.2");
        // ifa_msghdr: RTM_NEWADDR 12, addresses 0xb4 (mask, interface, address, destination), flags, index, metric
        assertEquals(
                plain("7c00 05 0c b4000000 00000000 0200 0000 00000000"
                        + "1002 0000 fffffffc 0000000000000000"
                        + "3812 0200 17 06 00 00 697073656330" + "00".repeat(42)
                        + "1002 0000 0a000001 0000000000000000"
                        + "1002 0000 0a000002 0000000000000000"),
                next());
    }

    @Test
    void anInterfacesFlagsAndStateAreInIfMsghdr() {
        host.createTun("");
        next();
        host.setUp("tun0", true);
        String message = next();
        // if_msghdr: length 168, RTM_IFINFO 14, no addresses, flags POINTOPOINT, MULTICAST and UP, index 2, then
        // if_data
        assertEquals(
                plain("a800 05 0e 00000000 11800000 0200 0000 17 00 00 00 00 00 9800 dc050000"),
                message.substring(0, 56));
    }

    @Test
    void answersRtmGetToAllWithWhoAskedAndRefusesWhatItDoesNotKnow() {
        host.createTun("");
        host.addAddress("tun0", "10.0.0.1/30 10.0.0.2");
        int asker = done(caller.libc.socket(17, 3, 0));
        byte[] question = hex("a800 05 04 0000 0000 00000000 01000000 00000000 07000000" + "00".repeat(128)
                + "1002 0000 0a000002 0000000000000000");
        assertEquals(168, caller.write(asker, question));
        byte[] answer = caller.read(asker, 4096);
        assertEquals(0x04, answer[3]);
        assertHex("0200", Arrays.copyOfRange(answer, 4, 6));
        assertHex("07000000", Arrays.copyOfRange(answer, 20, 24));
        assertHex("dc05000000000000", Arrays.copyOfRange(answer, 48, 56));
        byte[] other = question.clone();
        other[152 + 4] = 11;
        refused(ESRCH, caller.libc.write(asker, Caller.pointer(other), other.length));
        refused(EINVAL, caller.libc.write(asker, Caller.pointer(question), question.length - 1));
        assertHex("03000000", Arrays.copyOfRange(caller.read(asker, 4096), 24, 28));
    }

    @Test
    void whatFindsNoRoomIsLostWithoutAWordUnlessAskedFor() {
        done(caller.setOption(route, 0xffff, 0x1002, "20000000"));
        host.createTun("");
        host.setUp("tun0", true);
        assertEquals(24, caller.read(route, 4096).length);
        caller.readRefused(EAGAIN, route, 4096);
        host.setRelease(13);
        refused(ENOPROTOOPT, caller.setOption(route, 0xffff, 0x20000, "01000000"));
    }

    @Test
    void theErrorOfLostMessagesComesOnceAfterWhatIsQueued() {
        done(caller.setOption(route, 0xffff, 0x20000, "01000000"));
        done(caller.setOption(route, 0xffff, 0x1002, "20000000"));
        host.createTun("");
        host.setUp("tun0", true);
        assertEquals(24, caller.read(route, 4096).length);
        caller.readRefused(ENOBUFS, route, 4096);
        caller.readRefused(EAGAIN, route, 4096);
    }

    @Test
    void listsInterfacesWithTheirAddressesBehindThem() {
        host.createTun("ipsec0");
        host.addAddress("ipsec0", "2001:db8::1/64");
        byte[] list = sysctl("04000000 11000000 00000000 00000000 03000000 02000000");
        // if_msghdr with RTA_IFP 0x10, 168 + 56; ifa_msghdr with mask and address, 20 + 32 + 32
        assertHex("e000 05 0e 10000000", Arrays.copyOf(list, 8));
        assertHex("3812 0200 17 06 00 00 697073656330", Arrays.copyOfRange(list, 168, 182));
        int address = 224;
        while (Arrays.copyOfRange(list, address + 20 + 8, address + 20 + 16)[7] == 0) {
            address += 84;
        }
        assertHex("5400 05 0c 24000000 00000000 0200 0000 00000000", Arrays.copyOfRange(list, address, address + 20));
        byte[] longList = sysctl("04000000 11000000 00000000 00000000 05000000 02000000");
        assertHex("e800 05 0e 10000000", Arrays.copyOf(longList, 8));
        assertHex("b000 1800", Arrays.copyOfRange(longList, 16, 20));
    }

    private byte[] sysctl(String name) {
        byte[] mib = hex(name);
        DirectBuffer length = new DirectBuffer(8);
        Pointer names = Caller.pointer(mib);
        done(caller.libc.sysctl(names, mib.length / 4, null, length.pointer(), null, 0));
        int size = (int) length.bytes().getLong(0);
        DirectBuffer value = new DirectBuffer(size);
        length.bytes().putLong(0, size - 1);
        refused(ENOMEM, caller.libc.sysctl(names, mib.length / 4, value.pointer(), length.pointer(), null, 0));
        length.bytes().putLong(0, size);
        done(caller.libc.sysctl(names, mib.length / 4, value.pointer(), length.pointer(), null, 0));
        return Caller.contents(value, size);
    }

    @Test
    void saysWhichDriverMadeAnInterface() {
        host.createTun("ipsec0");
        assertHex(name("tun0", 5), sysctl("04000000 12000000 00000000 02000000 02000000 03000000"));
        DirectBuffer length = new DirectBuffer(8);
        Pointer unknown = Caller.pointer(hex("04000000 12000000 00000000 02000000 02000000 04000000"));
        refused(ENOENT, caller.libc.sysctl(unknown, 6, null, length.pointer(), null, 0));
    }

    @Test
    void kqueueTellsWhatCanBeReadUntilItIsReadAndAUserEventOnce() {
        int kq = done(caller.libc.kqueue());
        String read = String.format("%02x", route) + "00".repeat(7) + "ffff 0100" + "00".repeat(52);
        String user = "00".repeat(8) + "f5ff 2100" + "00".repeat(52);
        done(caller.libc.kevent(kq, Caller.pointer(hex(read + user)), 2, null, 0, null));
        Pointer now = Caller.pointer(new byte[16]);
        DirectBuffer events = new DirectBuffer(128);
        assertEquals(0, caller.libc.kevent(kq, null, 0, events.pointer(), 2, now));
        host.createTun("");
        for (int i = 0; i < 2; i++) {
            assertEquals(1, caller.libc.kevent(kq, null, 0, events.pointer(), 2, now));
            assertEquals(route, events.bytes().getLong(0));
            assertEquals(-1, events.bytes().getShort(8));
        }
        next();
        String trigger = "00".repeat(8) + "f5ff 0000 00000001" + "00".repeat(48);
        done(caller.libc.kevent(kq, Caller.pointer(hex(trigger)), 1, null, 0, null));
        assertEquals(1, caller.libc.kevent(kq, null, 0, events.pointer(), 2, null));
        assertEquals(-11, events.bytes().getShort(8));
        assertEquals(0, caller.libc.kevent(kq, null, 0, events.pointer(), 2, now));
        String unknown = "63" + "00".repeat(7) + "ffff 0100" + "00".repeat(52);
        refused(9, caller.libc.kevent(kq, Caller.pointer(hex(unknown)), 1, null, 0, null));
        assertEquals(1, caller.libc.kevent(kq, Caller.pointer(hex(unknown)), 1, events.pointer(), 2, null));
        assertEquals(0x4000, events.bytes().getShort(10));
        assertEquals(9, events.bytes().getLong(16));
    }
}
