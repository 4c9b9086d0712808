package org.ipsecif.platform.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.freebsd.HolderMessage.Kind;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.platform.posix.Posix;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

/** Daemons and holders as processes that are killed. */
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
class TunHolderClientTest {
    private static final long LITTLE = 1_000_000L;
    private static final long LONG = 3_600_000_000_000L;

    @TempDir
    private Path directory;

    private final Posix posix = LinuxAsFreeBsd.posix();
    private final List<AutoCloseable> toClose = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : toClose) {
            each.close();
        }
    }

    private String path() {
        return directory.resolve("holder.sock").toString();
    }

    private TunHolderClient client(HolderStarter starter) {
        return client(starter, LITTLE);
    }

    private TunHolderClient client(HolderStarter starter, long retryNanos) {
        TunHolderClient client = new TunHolderClient(posix, path(), starter, retryNanos);
        toClose.add(client);
        return client;
    }

    private PipedDevice device() {
        PipedDevice device = PipedDevice.open();
        toClose.add(device);
        return device;
    }

    private static ProcessHandle process(int pid) {
        return ProcessHandle.of(pid).orElseThrow();
    }

    /** That it ends of its own accord. */
    private static void awaitEnd(ProcessHandle process) throws Exception {
        process.onExit().get(60, TimeUnit.SECONDS);
    }

    private static List<String> stat(int pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        return List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
    }

    private static int residentKibibytes(int pid) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Integer.parseInt(line.replaceAll("\\D", ""));
            }
        }
        throw new AssertionError("no VmRSS");
    }

    /** The device is another process' own, and that is killed: another daemon gets it back, still open. */
    @Test
    void deviceOutlivesADaemonThatIsKilled() throws Exception {
        Path fifo = directory.resolve("fifo");
        assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
        int reader = LibC.LIBC.open(fifo.toString(), 0x800); // O_NONBLOCK
        PipedDevice device = new PipedDevice(reader, -1);
        toClose.add(device);
        Process daemon = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        KeepingDaemonMain.class.getName(),
                        path(),
                        fifo.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        toClose.add(daemon::destroyForcibly);
        assertEquals(
                "held",
                daemon.inputReader().lines().filter("held"::equals).findFirst().orElse("it ended"));
        daemon.destroyForcibly().waitFor();

        Holders holders = new Holders(path());
        TunHolderClient next = client(holders);
        TunHolder.Held held = next.take("ipsec0");
        assertNotNull(held);
        assertEquals(7, held.unit());
        device.assertIs(held.fd());
        assertFalse(holders.wasStarted());
        int holder = holders.awaitHeld("ipsec0");
        assertEquals("" + holder, stat(holder).get(3), "its session");
        assertTrue(residentKibibytes(holder) < 64 * 1024, residentKibibytes(holder) + " KiB");

        next.drop("ipsec0");
        LibC.LIBC.close(held.fd());
        assertEquals(-1, device.read());
        next.close();
        awaitEnd(process(holder));
    }

    @Test
    void holderThatIsKilledIsFollowedByOneThatGetsThemAll() throws Exception {
        Holders holders = new Holders(path());
        TunHolderClient client = client(holders);
        PipedDevice zero = device();
        PipedDevice one = device();
        client.keep("ipsec0", 3, zero.fd());
        client.keep("ipsec1", 4, one.fd());
        holders.awaitStart();
        int first = holders.awaitHeld("ipsec0");
        process(first).destroyForcibly();
        holders.awaitStart();
        int second = holders.awaitHeld("ipsec1");
        assertNotEquals(first, second);
        assertEquals(second, holders.awaitHeld("ipsec0"));

        client.drop("ipsec1");
        one.closeIt();
        assertEquals(-1, one.read());
        client.close();
        zero.closeIt();
        TunHolder.Held held = client(holders).take("ipsec0");
        assertEquals(3, held.unit());
        zero.assertIs(held.fd());
        LibC.LIBC.close(held.fd());
        process(second).destroyForcibly();
    }

    /** Nobody is asked, nothing is started. */
    @Test
    void withoutAHolderNothingIsHeld() throws Exception {
        Failing failing = new Failing("it shall not be started");
        TunHolderClient client = client(failing);
        assertNull(client.take("ipsec0"));
        client.drop("ipsec0");
        client.close();
        assertEquals(0, failing.starts.get());
    }

    /** The daemon opens again what it closed a moment ago, with or without a holder. */
    @Test
    void whatThisProcessHadKeptIsItsOwnStill() throws Exception {
        TunHolderClient client = client(new Failing("there is no Java"), LONG);
        PipedDevice device = device();
        client.keep("ipsec0", 7, device.fd());
        device.closeIt();
        TunHolder.Held held = client.take("ipsec0");
        assertEquals(7, held.unit());
        device.assertIs(held.fd());
        LibC.LIBC.close(held.fd());
        client.drop("ipsec0");
        assertEquals(-1, device.read());
    }

    /** As when the package is being replaced at that moment. */
    private final class Failing implements HolderStarter {
        final AtomicInteger starts = new AtomicInteger();
        final CountDownLatch twice = new CountDownLatch(2);
        final String reason;

        Failing(String reason) {
            this.reason = reason;
        }

        @Override
        public void start() throws IOException {
            starts.incrementAndGet();
            twice.countDown();
            throw new IOException(reason);
        }

        @Override
        public void kill(int pid) {
            throw new AssertionError();
        }
    }

    @Test
    void startThatFailsIsTriedAgainAndKeepsNobodyWaiting() throws Exception {
        Failing failing = new Failing("no memory");
        TunHolderClient client = client(failing);
        PipedDevice device = device();
        client.keep("ipsec0", 7, device.fd());
        assertTrue(failing.twice.await(60, TimeUnit.SECONDS));
        device.closeIt();
    }

    @Test
    void deadDescriptorCannotBeKept() {
        Failing failing = new Failing("it shall not be started");
        TunHolderClient client = client(failing);
        assertEquals(
                9,
                assertThrows(ErrnoException.class, () -> client.keep("ipsec0", 7, -1))
                        .errno());
        client.close();
        assertEquals(0, failing.starts.get());
    }

    /** Listens, and answers so many requests. */
    private final class Silent implements HolderStarter {
        private final int answers;
        final CountDownLatch killed = new CountDownLatch(1);
        final FutureTask<HolderSocket> connected;

        Silent(int answers) throws ErrnoException {
            this.answers = answers;
            HolderSocket listener = HolderSocket.listen(posix, path());
            connected = new FutureTask<>(() -> serve(listener));
            Thread thread = new Thread(connected, "silent");
            thread.setDaemon(true);
            thread.start();
        }

        private HolderSocket serve(HolderSocket listener) throws ErrnoException {
            HolderSocket connection = null;
            while (connection == null) {
                connection = listener.accept();
            }
            for (int i = 0; i < answers; i++) {
                connection.receive();
                connection.send(new HolderMessage(Kind.NOTHING, 0, 4711, ""), HolderSocket.NONE);
            }
            return connection;
        }

        @Override
        public void start() throws IOException {
            throw new IOException("not again");
        }

        @Override
        public void kill(int pid) {
            assertEquals(4711, pid);
            killed.countDown();
        }
    }

    @Test
    void holderThatDoesNotAnswerIsKilled() throws Exception {
        Silent silent = new Silent(1);
        TunHolderClient client = client(silent, LONG);
        assertNull(client.take("ipsec0"));
        assertTrue(silent.killed.await(1, TimeUnit.SECONDS));
        HolderSocket connection = silent.connected.get();
        connection.setTimeout(10);
        assertNotNull(connection.receive(), "what it did not answer");
        assertNull(connection.receive(), "the other end is still there");
        connection.close();
    }

    /** It accepts no connection, but its kernel does. */
    @Test
    void holderThatDoesNotAnswerEvenAtFirstIsKilledAndFollowed() throws Exception {
        Holders holders = new Holders(path());
        TunHolderClient first = client(holders);
        PipedDevice device = device();
        first.keep("ipsec0", 3, device.fd());
        holders.awaitStart();
        int stopped = holders.awaitHeld("ipsec0");
        first.close();
        assertEquals(
                0, new ProcessBuilder("kill", "-STOP", "" + stopped).start().waitFor());

        TunHolderClient next = client(holders);
        assertNull(next.take("ipsec0"));
        assertEquals(1, holders.killed.get());
        assertFalse(ProcessHandle.of(stopped).isPresent());
        next.keep("ipsec0", 3, device.fd());
        holders.awaitStart();
        int second = holders.awaitHeld("ipsec0");
        assertNotEquals(stopped, second);
        next.close();
        device.closeIt();
        process(second).destroyForcibly();
        assertEquals(-1, device.read());
    }

    /** The watcher has something else to do, and the control thread has connected. */
    @Test
    void connectionThatNobodyWatchesIsClosedToo() throws Exception {
        CountDownLatch starting = new CountDownLatch(1);
        CountDownLatch ending = new CountDownLatch(1);
        toClose.add(ending::countDown);
        TunHolderClient client = client(
                new HolderStarter() {
                    @Override
                    public void start() throws IOException {
                        starting.countDown();
                        try {
                            ending.await();
                        } catch (InterruptedException e) {
                            throw new IOException(e);
                        }
                    }

                    @Override
                    public void kill(int pid) {
                        throw new AssertionError();
                    }
                },
                LONG);
        PipedDevice device = device();
        client.keep("ipsec0", 7, device.fd());
        device.closeIt();
        assertTrue(starting.await(60, TimeUnit.SECONDS));
        Silent silent = new Silent(4); // the greeting, what is held, this, and whether it is still there:
        assertNull(client.take("ipsec1"));
        client.close();
        HolderSocket connection = silent.connected.get(10, TimeUnit.SECONDS);
        connection.setTimeout(10);
        assertNull(connection.receive(), "the other end is still there");
        connection.close();
    }

    /** What is not asked for is no answer to what is. */
    @Test
    void holderThatSpeaksUnaskedIsLeft() throws Exception {
        Silent silent = new Silent(2);
        TunHolderClient client = client(silent, LONG);
        assertNull(client.take("ipsec0"));
        HolderSocket connection = silent.connected.get(10, TimeUnit.SECONDS);
        connection.send(new HolderMessage(Kind.DONE, 0, 4711, ""), HolderSocket.NONE);
        assertNull(connection.receive(), "the other end is still there");
        connection.close();
    }
}
