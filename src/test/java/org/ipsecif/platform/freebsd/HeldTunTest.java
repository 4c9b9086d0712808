package org.ipsecif.platform.freebsd;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.ipsecif.Eventually;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.OffloadSettings;
import org.ipsecif.platform.TunDevice;
import org.ipsecif.platform.freebsd.HolderMessage.Kind;
import org.ipsecif.platform.freebsd.sim.Network;
import org.ipsecif.platform.freebsd.sim.SimulatedFreeBsd;
import org.ipsecif.platform.freebsd.sim.SimulatedFreeBsd.Shown;
import org.ipsecif.platform.freebsd.sim.SimulatedProcess;
import org.ipsecif.platform.posix.Posix;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

/** Interfaces of a simulated FreeBSD host, whose daemons and holders are killed. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class HeldTunTest {
    private static final OffloadSettings ALL = new OffloadSettings(true, true, true, true);
    private static final long LONG = 3_600_000_000_000L;
    private static final int PATIENCE_SECONDS = 30;
    private static final int EPIPE = 32;
    private static final String ADDRESS = "10.0.0.1/30 10.0.0.2";
    private static final String ROUTE = "10.9.0.0/16";

    @TempDir
    private Path directory;

    private final SimulatedFreeBsd host = new SimulatedFreeBsd(new Network());
    private final BlockingQueue<SimulatedProcess> holders = new LinkedBlockingQueue<>();

    /** Each holder that was started, and how it ended. */
    private final Map<SimulatedProcess, FutureTask<ErrnoException>> ends = new ConcurrentHashMap<>();

    private final List<TunHolderClient> clients = new ArrayList<>();

    /** No holder ends before its process is killed. */
    @AfterEach
    void close() throws Exception {
        clients.forEach(TunHolderClient::close);
        for (Map.Entry<SimulatedProcess, FutureTask<ErrnoException>> each : ends.entrySet()) {
            each.getKey().kill();
            each.getValue().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private String path() {
        return FreeBsdPlatform.holderSocket(directory);
    }

    /** Starts holders as processes of the host. */
    private class Starter implements HolderStarter {
        @Override
        public void start() throws IOException {
            SimulatedProcess process = host.process();
            Posix posix = FreeBsdPlatform.kernel(process);
            try {
                HolderSocket listener = TunHolderMain.claim(posix, path());
                TunHolderServer server = new TunHolderServer(posix, listener, LONG, System::nanoTime);
                FutureTask<ErrnoException> end = new FutureTask<>(() -> serve(server));
                ends.put(process, end);
                Thread thread = new Thread(end, "holder");
                thread.setDaemon(true);
                thread.start();
            } catch (ErrnoException e) {
                throw new IOException(e.getMessage(), e);
            }
            holders.add(process);
        }

        @Override
        public void kill(int pid) {
            throw new AssertionError("it answers");
        }
    }

    /** Until its process is killed. */
    private static ErrnoException serve(TunHolderServer server) {
        return assertThrows(ErrnoException.class, server::run);
    }

    /** A daemon with one device. */
    private final class Daemon {
        final SimulatedProcess process = host.process();
        final FreeBsdPlatform platform;

        Daemon() {
            this(new Starter(), 1);
        }

        Daemon(HolderStarter starter, long retryNanos) {
            Posix posix = FreeBsdPlatform.kernel(process);
            TunHolderClient client = new TunHolderClient(posix, path(), starter, retryNanos);
            clients.add(client);
            platform = new FreeBsdPlatform(posix, ALL, client, directory);
        }

        TunDevice create() throws ErrnoException {
            TunDevice device = platform.createTun("ipsec0");
            host.addAddress("ipsec0", ADDRESS);
            host.addRoute(ROUTE, "10.0.0.2");
            return device;
        }
    }

    private SimulatedProcess nextHolder() throws InterruptedException {
        SimulatedProcess holder = holders.poll(30, TimeUnit.SECONDS);
        assertNotNull(holder, "no holder was started");
        return holder;
    }

    /** Waits until the holder has it, to which it is given in the background. */
    private void awaitHeld() throws Exception {
        SimulatedProcess process = host.process();
        HolderSocket socket = HolderSocket.connect(FreeBsdPlatform.kernel(process), path());
        socket.setTimeout(PATIENCE_SECONDS);
        Eventually.await("ipsec0 is held", PATIENCE_SECONDS, () -> {
            socket.send(HolderMessage.request(Kind.TAKE, "ipsec0"), HolderSocket.NONE);
            HolderSocket.Received answer = socket.receive();
            assertNotNull(answer, "the holder has ended");
            return answer.fd() != HolderSocket.NONE;
        });
        process.kill();
    }

    private void assertWhole(int index) {
        Shown shown = host.show("ipsec0");
        assertEquals(index, shown.index());
        assertEquals(List.of(ADDRESS), shown.addresses());
        assertTrue(shown.up() && shown.carrier());
        assertTrue(
                host.routesOf("ipsec0").contains(ROUTE), host.routesOf("ipsec0").toString());
    }

    @Test
    void killedDaemonLosesNeitherAddressesNorRoutes() throws Exception {
        Daemon first = new Daemon();
        int index = first.create().index();
        nextHolder();
        awaitHeld();
        first.process.kill();
        assertWhole(index);

        Daemon second = new Daemon();
        TunDevice device = second.platform.adoptTun("ipsec0");
        assertWhole(index);
        assertEquals(index, device.index());
        device.remove();
        device.close();
        assertNull(host.show("ipsec0"));
        assertTrue(holders.isEmpty(), "a second holder");
    }

    /** The daemon that ends has no connection to the holder any more, which may end then. */
    @Test
    void platformThatIsClosedHoldsNothingItself() throws Exception {
        Daemon daemon = new Daemon();
        int index = daemon.create().index();
        SimulatedProcess holder = nextHolder();
        awaitHeld();
        daemon.platform.close();
        holder.kill();
        assertWhole(index); // the daemon has the device itself
        assertNull(holders.poll(100, TimeUnit.MILLISECONDS), "a second holder");
        daemon.process.kill();
        assertEquals(List.of(), host.show("ipsec0").addresses());
    }

    /** Nothing less is what the holder is for. */
    @Test
    void withoutAHolderTheyAreLostWithTheDaemon() throws Exception {
        SimulatedProcess process = host.process();
        new FreeBsdPlatform(FreeBsdPlatform.kernel(process), ALL, TunHolder.NONE, directory).createTun("ipsec0");
        host.addAddress("ipsec0", ADDRESS);
        process.kill();
        assertEquals(List.of(), host.show("ipsec0").addresses());
    }

    @Test
    void daemonThatClosesAndLeavesLosesNothing() throws Exception {
        Daemon first = new Daemon();
        TunDevice device = first.create();
        int index = device.index();
        nextHolder();
        awaitHeld();
        device.close();
        first.process.kill();
        assertWhole(index);
    }

    @Test
    void daemonThatLeavesAtOnceWaitsForItsHolder() throws Exception {
        CountDownLatch slow = new CountDownLatch(1);
        Daemon first = new Daemon(
                new Starter() {
                    @Override
                    public void start() throws IOException {
                        assertDoesNotThrow(() -> slow.await());
                        super.start();
                    }
                },
                1);
        TunDevice device = first.create();
        int index = device.index();
        Thread leaving = new Thread(first.platform::close);
        leaving.start();
        Eventually.await("it waits", () -> leaving.getState() == Thread.State.WAITING);
        slow.countDown();
        leaving.join();
        device.close();
        first.process.kill();
        assertWhole(index);
    }

    /** Also if there has just been one, after which the next waits for long otherwise. */
    @Test
    void daemonThatLeavesWhenItsHolderWasKilledHasAnotherAtOnce() throws Exception {
        Daemon first = new Daemon(new Starter(), LONG);
        int index = first.create().index();
        SimulatedProcess holder = nextHolder();
        awaitHeld();
        holder.kill();
        first.platform.close();
        first.process.kill();
        assertWhole(index);
    }

    @Test
    void daemonThatLeavesDoesNotWaitForAHolderThatCannotStart() throws Exception {
        AtomicInteger starts = new AtomicInteger();
        Daemon first = new Daemon(
                new Starter() {
                    @Override
                    public void start() throws IOException {
                        starts.incrementAndGet();
                        throw new IOException("no memory");
                    }
                },
                LONG);
        first.create();
        first.platform.close();
        assertEquals(1, starts.get());
    }

    @Test
    void killedHolderIsFollowedByAnotherAndThenTheDaemonMayBeKilled() throws Exception {
        Daemon first = new Daemon();
        int index = first.create().index();
        SimulatedProcess holder = nextHolder();
        awaitHeld();
        holder.kill();
        assertWhole(index);
        nextHolder();
        awaitHeld();
        first.process.kill();
        assertWhole(index);
    }

    /** The interface is still there, by its name and index, and the next daemon gives it its addresses again. */
    @Test
    void whenBothAreKilledAddressesAndRoutesGoAndTheInterfaceStays() throws Exception {
        Daemon first = new Daemon();
        int index = first.create().index();
        SimulatedProcess holder = nextHolder();
        awaitHeld();
        first.process.kill();
        holder.kill();
        Shown shown = host.show("ipsec0");
        assertEquals(index, shown.index());
        assertEquals(List.of(), shown.addresses());
        assertFalse(shown.up() || shown.carrier());
        assertEquals(List.of(), host.routesOf("ipsec0"));

        TunDevice device = new Daemon().platform.adoptTun("ipsec0");
        assertEquals(index, device.index());
        nextHolder();
        awaitHeld();
    }

    /** Whoever made it may remove it then. */
    @Test
    void releasedDeviceIsHeldNoMore() throws Exception {
        host.createTun("ipsec0");
        Daemon daemon = new Daemon();
        TunDevice device = daemon.platform.adoptTun("ipsec0");
        nextHolder();
        awaitHeld();
        device.release();
        device.close();
        host.destroy("ipsec0");
        assertNull(host.show("ipsec0"));
    }

    /** By its name the holder knows the old one; the daemon finds out that what it gives is another interface. */
    @Test
    void deviceThatWasRenamedIsNotTakenForTheOneThatHasItsNameNow() throws Exception {
        Daemon first = new Daemon();
        first.create();
        nextHolder();
        awaitHeld();
        first.process.kill();
        host.rename("ipsec0", "old0");
        host.createTun("ipsec0");
        Daemon second = new Daemon();
        TunDevice device = second.platform.adoptTun("ipsec0");
        assertEquals(host.show("ipsec0").index(), device.index());
        assertEquals(List.of(), host.show("ipsec0").addresses());
    }

    @Test
    void heldDeviceWhoseInterfaceWasRenamedIsTakenAndHeldUnderItsNewName() throws Exception {
        Daemon first = new Daemon();
        int index = first.create().index();
        nextHolder();
        awaitHeld();
        first.process.kill();
        host.rename("ipsec0", "ipsec1");

        Daemon second = new Daemon();
        TunDevice device = second.platform.adoptTun("ipsec1");
        assertEquals(index, device.index());
        assertEquals(List.of(ADDRESS), host.show("ipsec1").addresses());
        second.process.kill();
        assertEquals(List.of(ADDRESS), host.show("ipsec1").addresses());

        TunDevice last = new Daemon().platform.adoptTun("ipsec1");
        last.remove(); // waits for the last close
        last.close();
        assertNull(host.show("ipsec1"));
    }

    @Test
    void deviceOfTheDaemonsOwnThatWasRenamedIsBusy() throws Exception {
        Daemon daemon = new Daemon();
        daemon.create();
        nextHolder();
        awaitHeld();
        host.rename("ipsec0", "ipsec1");
        ErrnoException e = assertThrows(ErrnoException.class, () -> daemon.platform.adoptTun("ipsec1"));
        assertEquals(ErrnoException.EBUSY, e.errno());
    }

    /** As the kernel disposes of it; else whoever destroys the interface would wait for nobody. */
    @Test
    void aDescriptorThatCouldNotBeSentIsOpenNowhere() throws Exception {
        SimulatedProcess process = host.process();
        Posix posix = FreeBsdPlatform.kernel(process);
        host.createTun("tun0");
        int tun = posix.check(process.open("/dev/tun0", Abi.O_RDWR), "open");
        HolderSocket[] ends = HolderSocket.pair(posix);
        ends[1].close();
        ErrnoException failure =
                assertThrows(ErrnoException.class, () -> ends[0].send(HolderMessage.request(Kind.KEEP, "tun0"), tun));
        assertEquals(EPIPE, failure.errno());
        process.close(tun);
        host.destroy("tun0");
        assertEquals(List.of("lo0"), host.interfaceNames());
    }
}
