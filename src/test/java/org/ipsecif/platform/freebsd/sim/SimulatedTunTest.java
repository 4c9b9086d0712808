package org.ipsecif.platform.freebsd.sim;

import static org.ipsecif.platform.freebsd.sim.Caller.assertHex;
import static org.ipsecif.platform.freebsd.sim.Caller.done;
import static org.ipsecif.platform.freebsd.sim.Caller.hex;
import static org.ipsecif.platform.freebsd.sim.Caller.name;
import static org.ipsecif.platform.freebsd.sim.Caller.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.ipsecif.platform.posix.DirectBuffer;
import org.junit.jupiter.api.Test;

/** The simulated tun(4) and the ioctls of interfaces, called with bytes that are written out here. */
class SimulatedTunTest {
    private static final int EBUSY = 16;
    private static final int EEXIST = 17;
    private static final int EINVAL = 22;
    private static final int ENOTTY = 25;
    private static final int EAGAIN = 35;
    private static final int EDESTADDRREQ = 39;
    private static final int EADDRNOTAVAIL = 49;
    private static final int EHOSTDOWN = 64;
    private static final long SIOCIFCREATE2 = 0xc020697cL;
    private static final long SIOCSIFNAME = 0x80206928L;
    private static final long SIOCSIFFLAGS = 0x80206910L;
    private static final long SIOCGIFFLAGS = 0xc0206911L;
    private static final long SIOCAIFADDR = 0x8044692bL;
    private static final long SIOCDIFADDR = 0x80206919L;
    private static final long SIOCAIFADDR_IN6 = 0x8088691bL;
    private static final long TUNSIFMODE = 0x8004745eL;
    private static final long TUNSIFHEAD = 0x80047460L;
    private static final int RDWR_NONBLOCK = 6;

    /** 10.0.0.1 to 10.0.0.2, mask 255.255.255.252 */
    private static final String INET_ALIAS =
            "10 02 0000 0a000001 0000000000000000 | 10 02 0000 0a000002 0000000000000000"
                    + "| 10 02 0000 fffffffc 0000000000000000 | 00000000";

    private final SimulatedFreeBsd host = new SimulatedFreeBsd(new Network());
    private final Caller caller = new Caller(host);
    private final int inet = done(caller.libc.socket(2, 0x10000002, 0));
    private final int inet6 = done(caller.libc.socket(28, 2, 0));

    private int openTun() {
        assertHex(name("tun0", 32), caller.ioctl(inet, SIOCIFCREATE2, name("tun", 32)));
        return done(caller.libc.open("/dev/tun0", RDWR_NONBLOCK));
    }

    private void up(String name) {
        caller.ioctl(inet, SIOCSIFFLAGS, name(name, 16) + "0180" + "00".repeat(14));
    }

    @Test
    void makesTheLeastUnitThatIsFreeWithPointToPointAndMulticast() {
        caller.ioctl(inet, SIOCIFCREATE2, name("tun1", 32));
        openTun();
        assertHex(name("tun2", 32), caller.ioctl(inet, SIOCIFCREATE2, name("tun", 32)));
        caller.ioctlRefused(EEXIST, inet, SIOCIFCREATE2, name("tun2", 32));
        caller.ioctlRefused(EINVAL, inet, SIOCIFCREATE2, name("nun", 32));
        byte[] flags = caller.ioctl(inet, SIOCGIFFLAGS, name("tun0", 32));
        assertHex(name("tun0", 16) + "1080" + "00".repeat(14), flags);
    }

    @Test
    void oneOpenerHasADeviceAndItsLinkIsUpMeanwhile() {
        int fd = openTun();
        assertTrue(host.show("tun0").carrier());
        refused(EBUSY, caller.libc.open("/dev/tun0", 2));
        refused(EBUSY, new Caller(host).libc.open("/dev/tun0", 2));
        done(caller.libc.close(fd));
        assertFalse(host.show("tun0").carrier());
        done(caller.libc.open("/dev/tun0", 2));
    }

    @Test
    void modeChangesOnlyWhileDown() {
        int fd = openTun();
        caller.ioctl(fd, TUNSIFMODE, "02800000");
        assertEquals(0x8002, host.show("tun0").flags());
        caller.ioctlRefused(EINVAL, fd, TUNSIFMODE, "12800000");
        up("tun0");
        caller.ioctlRefused(EBUSY, fd, TUNSIFMODE, "10800000");
        caller.ioctlRefused(ENOTTY, fd, 0x80047499L, "10800000");
    }

    @Test
    void aRenamedInterfaceHasItsNewNameInDevfsToo() {
        int fd = openTun();
        host.createTun("ipsec9");
        caller.ioctlRefused(EEXIST, inet, SIOCSIFNAME, renaming("tun0", "ipsec9"));
        caller.ioctl(inet, SIOCSIFNAME, renaming("tun0", "ipsec0"));
        assertNull(host.show("tun0"));
        assertEquals("tun0", host.show("ipsec0").driver());
        done(caller.libc.close(fd));
        done(caller.libc.open("/dev/ipsec0", 2));
    }

    private final List<DirectBuffer> kept = new java.util.ArrayList<>();

    private String renaming(String from, String to) {
        DirectBuffer text = DirectBuffer.of(hex(name(to, 16)));
        kept.add(text);
        return name(from, 16)
                + String.format("%016x", Long.reverseBytes(text.pointer().address()))
                + "00".repeat(8);
    }

    @Test
    void anAddressTakesTheInterfaceUpAndGivesAHostRouteToThePeer() {
        openTun();
        caller.ioctl(inet, SIOCAIFADDR, name("tun0", 16) + INET_ALIAS);
        SimulatedFreeBsd.Shown shown = host.show("tun0");
        assertTrue(shown.up());
        assertEquals(List.of("10.0.0.1/30 10.0.0.2"), shown.addresses());
        assertTrue(host.routesOf("tun0").contains("10.0.0.2/32"));
        String without = INET_ALIAS.replaceFirst("0a000002", "00000000");
        caller.ioctlRefused(EDESTADDRREQ, inet, SIOCAIFADDR, name("tun0", 16) + without);
        caller.ioctlRefused(EINVAL, inet, SIOCAIFADDR, name("tun0", 16) + INET_ALIAS.replaceFirst("10 02", "0f 02"));
        caller.ioctlRefused(EINVAL, inet6, SIOCAIFADDR, name("tun0", 16) + INET_ALIAS);
        String other = name("tun0", 16) + "10 02 0000 0a000009 0000000000000000";
        caller.ioctlRefused(EADDRNOTAVAIL, inet, SIOCDIFADDR, other);
        caller.ioctl(inet, SIOCDIFADDR, name("tun0", 16) + "10 02 0000 0a000001 0000000000000000");
        assertEquals(List.of(), host.show("tun0").addresses());
        assertFalse(host.routesOf("tun0").contains("10.0.0.2/32"));
    }

    @Test
    void anIpv6DestinationWantsAPrefixOf128() {
        openTun();
        caller.ioctl(inet6, SIOCAIFADDR_IN6, inet6Alias("00".repeat(28), "ff".repeat(8) + "00".repeat(8)));
        assertEquals(List.of("2001:db8:0:0:0:0:0:1/64"), host.show("tun0").addresses());
        String destination = "1c1c 0000 00000000 20010db8000000000000000000000002 00000000";
        String all = "ff".repeat(16);
        caller.ioctlRefused(EINVAL, inet6, SIOCAIFADDR_IN6, inet6Alias(destination, "ff".repeat(8) + "00".repeat(8)));
        caller.ioctlRefused(EINVAL, inet6, SIOCAIFADDR_IN6, inet6Alias("00".repeat(28), "ff00ff" + "00".repeat(13)));
        caller.ioctlRefused(EINVAL, inet6, SIOCAIFADDR_IN6, inet6Alias(destination, all)); // another length than before
    }

    private static String inet6Alias(String destination, String mask) {
        return name("tun0", 16)
                + "1c1c 0000 00000000 20010db8000000000000000000000001 00000000"
                + destination
                + "1c1c 0000 00000000" + mask + "00000000"
                + "20000000" + "00".repeat(16) + "ffffffffffffffff" + "00000000 00000000";
    }

    @Test
    void aPacketHasItsFamilyInFrontInNetworkOrder() {
        int fd = openTun();
        caller.ioctl(fd, TUNSIFHEAD, "01000000");
        caller.ioctl(inet, SIOCAIFADDR, name("tun0", 16) + INET_ALIAS);
        caller.readRefused(EAGAIN, fd, 100);
        assertEquals(0, host.pingOnce("10.0.0.1", "10.0.0.2"));
        byte[] packet = caller.read(fd, 2000);
        assertEquals(4 + 20 + 64, packet.length);
        assertHex("00000002 4500", java.util.Arrays.copyOf(packet, 6));
        // The answer, as the peer gives it: the addresses exchanged, type 0, its checksum greater by 0x0800.
        byte[] answer = packet.clone();
        System.arraycopy(packet, 16, answer, 20, 4);
        System.arraycopy(packet, 20, answer, 16, 4);
        answer[24] = 0;
        int sum = (answer[26] & 0xff) << 8 | answer[27] & 0xff;
        sum += 0x0800;
        sum = (sum & 0xffff) + (sum >> 16);
        answer[26] = (byte) (sum >> 8);
        answer[27] = (byte) sum;
        assertEquals(answer.length, caller.write(fd, answer));
        assertEquals(1, host.stack().replies().size());
    }

    @Test
    void whatIsWrittenWhileDownIsTakenAndIgnored() {
        int fd = openTun();
        assertEquals(0, caller.write(fd, new byte[20]));
        assertEquals(EHOSTDOWN, host.interfaces().find("tun0").output(new byte[20], Address.of("10.0.0.2")));
    }

    @Test
    void theLastCloseTakesItDownAndPurgesAddressesAndRoutes() {
        int fd = openTun();
        caller.ioctl(inet, SIOCAIFADDR, name("tun0", 16) + INET_ALIAS);
        host.addRoute("10.9.0.0/16", "10.0.0.2");
        int second = done(caller.libc.fcntl(fd, 17, 0));
        done(caller.libc.close(fd));
        assertEquals(List.of("10.0.0.1/30 10.0.0.2"), host.show("tun0").addresses());
        done(caller.libc.close(second));
        SimulatedFreeBsd.Shown shown = host.show("tun0");
        assertFalse(shown.up());
        assertEquals(List.of(), shown.addresses());
        assertEquals(List.of(), host.routesOf("tun0"));
    }

    @Test
    void aKilledProcessClosesAllThatItHadOpen() {
        openTun();
        caller.ioctl(inet, SIOCAIFADDR, name("tun0", 16) + INET_ALIAS);
        caller.libc.kill();
        assertNotNull(host.show("tun0"));
        assertEquals(List.of(), host.show("tun0").addresses());
        refused(9, caller.libc.socket(2, 2, 0));
        done(new Caller(host).libc.open("/dev/tun0", 2));
    }
}
