package org.ipsecif.platform.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.ipsecif.Eventually;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.LinkConfigurer;
import org.ipsecif.platform.LinkMonitor;
import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.platform.PacketChannel;
import org.ipsecif.platform.TunDevice;
import org.ipsecif.platform.freebsd.sim.Network;
import org.ipsecif.platform.freebsd.sim.SimulatedFreeBsd;
import org.ipsecif.platform.freebsd.sim.SimulatedFreeBsd.Shown;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.Offload;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** tun(4), interfaces, routes and notices against the simulated kernel, which has its own understanding of each byte. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class SimulatedHostTest {
    private static final InnerAddress INET = address("10.0.0.1", 30, "10.0.0.2");
    private static final InnerAddress INET6 = address("2001:db8::1", 64, null);
    private static final int UP_POINT_TO_POINT_MULTICAST = 0x8011;
    private static final int PF_ROUTE = 17;
    private static final int SOCK_RAW_NONBLOCK = 0x20000003;
    private static final int RTM_GET = 4;

    private static final NamelessTun NONE_NAMELESS = new NamelessTun(Path.of("none"), () -> "");

    private final SimulatedFreeBsd host = new SimulatedFreeBsd(new Network());
    private final Posix posix = KqueueReadiness.posix(host.process());
    private final LinkConfigurer links = new IoctlLinkConfigurer(posix);

    private static InnerAddress address(String local, int length, @Nullable String remote) {
        return new InnerAddress(IpAddress.parse(local), length, remote == null ? null : IpAddress.parse(remote));
    }

    private TunDevice create(String name) throws ErrnoException {
        return FreeBsdTun.create(posix, new TunOpener(posix, TunHolder.NONE, NONE_NAMELESS), name);
    }

    private TunDevice adopt(String name) throws ErrnoException {
        return FreeBsdTun.adopt(posix, new TunOpener(posix, TunHolder.NONE, NONE_NAMELESS), name);
    }

    /** Starts a wait in a thread of its own. @return once it waits */
    private static FutureTask<Boolean> waiting(Callable<Boolean> wait) throws Exception {
        FutureTask<Boolean> result = new FutureTask<>(wait);
        Thread waiter = new Thread(result, "waiter");
        waiter.setDaemon(true);
        waiter.start();
        Eventually.await("it waits", () -> waiter.getState() == Thread.State.TIMED_WAITING);
        return result;
    }

    private Shown shown(String name) {
        return Objects.requireNonNull(host.show(name));
    }

    @Test
    void madeDeviceIsDownAndBareAndHasItsName() throws Exception {
        try (TunDevice tun = create("ipsec0")) {
            Shown shown = shown("ipsec0");
            assertEquals(shown.index(), tun.index());
            assertFalse(shown.up());
            assertEquals(List.of(), shown.addresses());
            assertEquals(UP_POINT_TO_POINT_MULTICAST & ~1, shown.flags() & 0x8013);
            assertEquals(2, host.interfaceNames().size());
        }
    }

    @Test
    void madeAlsoWhereDevfsDoesNotClone() throws Exception {
        host.setClonesDevices(false);
        try (TunDevice tun = create("ipsec0")) {
            assertTrue(tun.index() > 0);
        }
    }

    @Test
    void takenNameLeavesNoOtherInterfaceBehind() throws Exception {
        host.addInterface("ipsec0", "ipsec");
        assertEquals(
                ErrnoException.EEXIST,
                assertThrows(ErrnoException.class, () -> create("ipsec0")).errno());
        assertEquals(List.of("lo0", "ipsec0"), host.interfaceNames());
    }

    @Test
    void removedDeviceIsGone() throws Exception {
        TunDevice tun = create("ipsec0");
        tun.remove();
        tun.close();
        assertNull(host.show("ipsec0"));
    }

    @Test
    void packetsOfBothFamiliesComeAndGo() throws Exception {
        try (TunDevice tun = create("ipsec0")) {
            links.addAddress(tun.index(), INET);
            links.addAddress(tun.index(), INET6);
            links.setUp(tun.index(), true);
            assertEquals(0, host.pingOnce("10.0.0.1", "10.0.0.2"));
            PacketBuffer buffer = tun.newBuffer(TunDevice.BUFFER);
            assertTrue(tun.awaitReadable());
            assertEquals(84, tun.read(buffer, new Offload()));
            assertEquals(0x45, buffer.bytes().get(TunDevice.HEADROOM));
            assertEquals(PacketChannel.NOTHING, tun.read(buffer, new Offload()));
            assertEquals(0, host.pingOnce("2001:db8::1", "2001:db8::2"));
            assertEquals(104, tun.read(buffer, new Offload()));
            assertEquals(0x60, buffer.bytes().get(TunDevice.HEADROOM) & 0xf0);
            assertTrue(tun.write(buffer, 104, new Offload()));
            links.setUp(tun.index(), false);
            assertFalse(tun.write(buffer, 104, new Offload()));
        }
    }

    @Test
    void readerSleepsUntilNudgedOrWokenUp() throws Exception {
        try (TunDevice tun = create("ipsec0")) {
            tun.nudge();
            assertTrue(tun.awaitReadable());
            FutureTask<Boolean> waiting = waiting(tun::awaitReadable);
            tun.wakeup();
            assertFalse(waiting.get(30, TimeUnit.SECONDS));
            assertFalse(tun.awaitReadable());
        }
    }

    @Test
    void deviceThatSomebodyElseMadeIsAdoptedUnderItsName() throws Exception {
        host.createTun("");
        host.createTun("ipsec3");
        host.addAddress("ipsec3", "10.0.0.1/30 10.0.0.2");
        try (TunDevice tun = adopt("ipsec3")) {
            assertEquals(shown("ipsec3").index(), tun.index());
            assertEquals(List.of("10.0.0.1/30 10.0.0.2"), shown("ipsec3").addresses());
            assertEquals(0, host.pingOnce("10.0.0.1", "10.0.0.2"));
            PacketBuffer buffer = tun.newBuffer(TunDevice.BUFFER);
            assertEquals(84, tun.read(buffer, new Offload()));
        }
    }

    @Test
    void deviceThatAnotherProcessReadsIsBusy() throws Exception {
        host.createTun("ipsec3");
        Posix other = KqueueReadiness.posix(host.process());
        TunDevice theirs = FreeBsdTun.adopt(other, new TunOpener(other, TunHolder.NONE, NONE_NAMELESS), "ipsec3");
        assertEquals(
                ErrnoException.EBUSY,
                assertThrows(ErrnoException.class, () -> adopt("ipsec3")).errno());
        theirs.close();
        adopt("ipsec3").close();
    }

    @Test
    void kernelsOwnIpsecInterfaceIsRefused() throws Exception {
        host.addInterface("ipsec3", "ipsec");
        ErrnoException e = assertThrows(ErrnoException.class, () -> adopt("ipsec3"));
        assertEquals(ErrnoException.EINVAL, e.errno());
        assertTrue(e.getMessage().contains("ipsecif_interfaces"), e.getMessage());
    }

    /** Whoever holds the descriptor keeps what the interface has; without one the kernel takes it with the last close. */
    @Test
    void addressesGoWithTheLastCloseUnlessTheDeviceIsHeld() throws Exception {
        int[] kept = {-1};
        TunHolder holder = new TunHolder() {
            @Override
            public void keep(String name, int unit, int fd) {
                kept[0] = posix.libc().fcntl(fd, 17, 0); // F_DUPFD_CLOEXEC
            }

            @Override
            public @Nullable Held take(String name) {
                return kept[0] < 0 ? null : new Held(0, posix.libc().fcntl(kept[0], 17, 0));
            }

            @Override
            public @Nullable String nameOf(int unit) {
                return null;
            }

            @Override
            public void drop(String name) {
                posix.libc().close(kept[0]);
                kept[0] = -1;
            }

            @Override
            public void close() {}
        };
        TunOpener opener = new TunOpener(posix, holder, NONE_NAMELESS);
        TunDevice tun = FreeBsdTun.create(posix, opener, "ipsec0");
        links.addAddress(tun.index(), INET);
        tun.close();
        assertEquals(List.of(INET.toString()), shown("ipsec0").addresses());
        TunDevice again = FreeBsdTun.adopt(posix, opener, "ipsec0");
        assertEquals(List.of(INET.toString()), shown("ipsec0").addresses());
        again.release();
        again.close();
        assertEquals(List.of(), shown("ipsec0").addresses());
        host.destroy("ipsec0");
    }

    @Test
    void linkIsAsItWasSet() throws Exception {
        try (TunDevice tun = create("ipsec0")) {
            int index = tun.index();
            assertEquals(index, links.indexOf("ipsec0"));
            assertEquals(index, links.indices().get("ipsec0"));
            links.setMtu(index, 1400);
            links.setDescription(index, "to Zürich");
            assertEquals(new LinkConfigurer.Link(false, true, 1400, "to Zürich", 0), links.link(index));
            links.setUp(index, true);
            links.setDescription(index, "");
            assertEquals(new LinkConfigurer.Link(true, true, 1400, "", 0), links.link(index));
            assertEquals(UP_POINT_TO_POINT_MULTICAST, shown("ipsec0").flags() & 0x8013);
        }
    }

    /** So whoever waits for a maker to close it does not wait for one that never opened it. */
    @Test
    void deviceThatNobodyEverOpenedHasNoCarrier() throws Exception {
        host.createTun("ipsec3");
        int index = links.indexOf("ipsec3");
        assertFalse(links.link(index).carrier());
        try (TunDevice tun = adopt("ipsec3")) {
            assertTrue(links.link(tun.index()).carrier());
        }
        assertFalse(links.link(index).carrier());
    }

    @Test
    void descriptionMayBeLong() throws Exception {
        try (TunDevice tun = create("ipsec0")) {
            String text = "x".repeat(1000);
            links.setDescription(tun.index(), text);
            assertEquals(text, links.link(tun.index()).description());
        }
    }

    @Test
    void addressesComeAndGoAndReadBack() throws Exception {
        try (TunDevice tun = create("ipsec0")) {
            int index = tun.index();
            InnerAddress bare = address("10.0.1.1", 24, null);
            InnerAddress toPeer = address("2001:db8:1::1", 128, "2001:db8:1::2");
            List<InnerAddress> all = List.of(INET, bare, INET6, toPeer);
            for (InnerAddress each : all) {
                links.addAddress(index, each);
                assertFalse(shown("ipsec0").up());
            }
            assertEquals(all, links.addresses(index));
            assertEquals(all, links.addresses().get(index));
            for (InnerAddress each : all) {
                assertEquals(
                        ErrnoException.EEXIST,
                        assertThrows(ErrnoException.class, () -> links.addAddress(index, each))
                                .errno());
                assertFalse(links.removeAddress(index, address(each.local().toString(), 7, null)));
            }
            assertEquals(all, links.addresses(index));
            for (InnerAddress each : all) {
                assertTrue(links.removeAddress(index, each));
                assertFalse(links.removeAddress(index, each));
            }
            assertEquals(List.of(), shown("ipsec0").addresses());
            assertEquals(Map.of(), withoutLoopback());
        }
    }

    private Map<Integer, List<InnerAddress>> withoutLoopback() throws ErrnoException {
        Map<Integer, List<InnerAddress>> all = links.addresses();
        all.remove(links.indexOf("lo0"));
        return all;
    }

    @Test
    void destinationWithAPrefixThatTheKernelRefusesIsExplained() throws Exception {
        try (TunDevice tun = create("ipsec0")) {
            InnerAddress toPeer = address("2001:db8::1", 64, "2001:db8::2");
            ErrnoException e = assertThrows(ErrnoException.class, () -> links.addAddress(tun.index(), toPeer));
            assertTrue(e.getMessage().contains("prefix length 128"), e.getMessage());
        }
    }

    @Test
    void routesAreFoundWithTheirMtu() throws Exception {
        host.addEthernet("em0", "192.0.2.1/24", "2001:db8:2::1/64");
        IpAddress any = IpAddress.parse("192.0.2.1");
        int em0 = links.indexOf("em0");
        assertEquals(new LinkConfigurer.Route(em0, 1500), links.route(any, IpAddress.parse("192.0.2.7")));
        assertEquals(
                new LinkConfigurer.Route(em0, 1500),
                links.route(IpAddress.parse("2001:db8:2::1"), IpAddress.parse("2001:db8:2::7")));
        assertNull(links.route(any, IpAddress.parse("198.51.100.7")));
        host.addRoute("198.51.100.0/24", "192.0.2.254");
        assertEquals(new LinkConfigurer.Route(em0, 1500), links.route(any, IpAddress.parse("198.51.100.7")));
    }

    @Test
    void noticesWakeTheMonitor() throws Exception {
        LinkMonitor monitor = new RoutingSocketMonitor(posix);
        FutureTask<Boolean> waiting = waiting(monitor::awaitReadable);
        host.createTun("ipsec3");
        assertTrue(waiting.get(30, TimeUnit.SECONDS));
        assertTrue(monitor.receive() > 0);
        assertEquals(PacketChannel.NOTHING, monitor.receive());
        host.addAddress("ipsec3", "10.0.0.1/30 10.0.0.2");
        assertTrue(monitor.receive() > 0);
        host.removeAddress("ipsec3", "10.0.0.1");
        assertTrue(monitor.receive() > 0);
        host.rename("ipsec3", "other");
        assertTrue(monitor.receive() > 0);
        host.destroy("other");
        assertTrue(monitor.receive() > 0);
        monitor.wakeup();
        assertFalse(monitor.awaitReadable());
        monitor.close();
    }

    /** Our own questions are answered to all routing sockets. */
    @Test
    void questionsForRoutesAreNoNotices() throws Exception {
        LinkMonitor monitor = new RoutingSocketMonitor(posix);
        int other = posix.check(posix.libc().socket(PF_ROUTE, SOCK_RAW_NONBLOCK, 0), "socket");
        links.route(IpAddress.parse("127.0.0.1"), IpAddress.parse("127.0.0.1"));
        assertEquals(PacketChannel.NOTHING, monitor.receive());
        DirectBuffer answer = new DirectBuffer(2048);
        assertTrue(posix.libc().recv(other, answer.pointer(), answer.size(), 0) > 0, "the monitor got none either");
        assertEquals(RTM_GET, answer.bytes().get(3));
        posix.libc().close(other);
        monitor.close();
    }

    @Test
    void monitorDoesWithoutDevdAndFindsItAgain() throws Exception {
        host.stopDevd();
        LinkMonitor monitor = new RoutingSocketMonitor(posix);
        host.createTun("ipsec3");
        assertTrue(monitor.receive() > 0);
        host.startDevd();
        host.createTun("ipsec4");
        assertTrue(monitor.receive() > 0);
        monitor.receive();
        host.stopDevd();
        assertTrue(monitor.awaitReadable());
        assertEquals(PacketChannel.NOTHING, monitor.receive());
        monitor.nudge();
        assertTrue(monitor.awaitReadable());
        host.destroy("ipsec4");
        assertTrue(monitor.awaitReadable());
        assertTrue(monitor.receive() > 0);
        monitor.close();
    }

    @Test
    void residentBytesAreTheKernelsPages() {
        assertEquals(1234 * 4096L, new Sysctl(posix).residentBytes());
        assertNotNull(new DriverNames(posix).of("lo0"));
        assertNull(new DriverNames(posix).of("ipsec0"));
    }
}
