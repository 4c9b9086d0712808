package org.ipsecif.platform.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.freebsd.HolderMessage.Kind;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.platform.posix.Posix;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

/** A holder in a thread, spoken to over real sockets. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class TunHolderServerTest {
    private static final long LONG = 3_600_000_000_000L;
    private static final long MOMENT = 1_000_000L;

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

    private FutureTask<Integer> serve(LibC libc, long idleNanos) throws ErrnoException {
        Posix own = new Posix(libc, Posix.POLLING.waiting());
        HolderSocket listener = HolderSocket.listen(own, path());
        FutureTask<Integer> task = new FutureTask<>(() -> {
            new TunHolderServer(own, listener, idleNanos, System::nanoTime).run();
            return 0;
        });
        run(task);
        return task;
    }

    private static void run(FutureTask<Integer> task) {
        Thread thread = new Thread(task, "holder");
        thread.setDaemon(true);
        thread.start();
    }

    private HolderSocket connect() throws ErrnoException {
        HolderSocket socket = HolderSocket.connect(posix, path());
        toClose.add(socket::close);
        socket.setTimeout(30);
        return socket;
    }

    private PipedDevice device() {
        PipedDevice device = PipedDevice.open();
        toClose.add(device);
        return device;
    }

    /** Null once the holder has closed the connection. */
    private static HolderSocket.Received ask(HolderSocket socket, HolderMessage request, int fd) throws ErrnoException {
        socket.send(request, fd);
        return socket.receive();
    }

    private static HolderMessage answer(HolderSocket socket, HolderMessage request, int fd) throws ErrnoException {
        HolderSocket.Received received = ask(socket, request, fd);
        assertNotNull(received);
        return received.message();
    }

    private static HolderMessage done() {
        return new HolderMessage(Kind.DONE, 0, LibC.LIBC.getpid(), "");
    }

    private static HolderMessage nothing(int number) {
        return new HolderMessage(Kind.NOTHING, number, LibC.LIBC.getpid(), "");
    }

    private static void keep(HolderSocket socket, String name, int unit, PipedDevice device) throws ErrnoException {
        assertEquals(done(), answer(socket, new HolderMessage(Kind.KEEP, unit, 0, name), device.fd()));
    }

    @Test
    void whatItKeepsStaysOpenAndIsGivenAgainAndAgain() throws Exception {
        serve(LinuxAsFreeBsd.libc(), LONG);
        PipedDevice device = device();
        HolderSocket first = connect();
        keep(first, "ipsec0", 7, device);
        device.closeIt();
        first.close();
        toClose.remove(1);
        for (int i = 0; i < 2; i++) {
            HolderSocket.Received taken = ask(connect(), HolderMessage.request(Kind.TAKE, "ipsec0"), HolderSocket.NONE);
            assertEquals(new HolderMessage(Kind.TAKEN, 7, LibC.LIBC.getpid(), "ipsec0"), taken.message());
            device.assertIs(taken.fd());
            LibC.LIBC.close(taken.fd());
        }
        assertEquals(done(), answer(connect(), HolderMessage.request(Kind.DROP, "ipsec0"), HolderSocket.NONE));
        assertEquals(-1, device.read());
    }

    /** Whoever destroys the interface waits for the last close. */
    @Test
    void droppedOneIsClosedBeforeTheAnswer() throws Exception {
        serve(LinuxAsFreeBsd.libc(), LONG);
        HolderSocket socket = connect();
        PipedDevice device = device();
        keep(socket, "ipsec0", 1, device);
        device.closeIt();
        assertEquals(done(), answer(socket, HolderMessage.request(Kind.DROP, "ipsec0"), HolderSocket.NONE));
        DirectBuffer poll = new DirectBuffer(8);
        poll.bytes().putInt(0, device.reader()).putShort(4, (short) 1);
        assertEquals(1, LibC.LIBC.poll(poll.pointer(), 1, 0), "still open");
        assertEquals(nothing(0), answer(socket, HolderMessage.request(Kind.TAKE, "ipsec0"), HolderSocket.NONE));
        assertEquals(done(), answer(socket, HolderMessage.request(Kind.DROP, "ipsec0"), HolderSocket.NONE));
    }

    @Test
    void anotherOneOfTheSameNameTakesThePlaceOfTheFirst() throws Exception {
        serve(LinuxAsFreeBsd.libc(), LONG);
        HolderSocket socket = connect();
        PipedDevice old = device();
        PipedDevice now = device();
        keep(socket, "ipsec0", 1, old);
        keep(socket, "ipsec0", 2, now);
        old.closeIt();
        assertEquals(-1, old.read());
        HolderSocket.Received taken = ask(socket, HolderMessage.request(Kind.TAKE, "ipsec0"), HolderSocket.NONE);
        assertEquals(2, taken.message().number());
        now.assertIs(taken.fd());
        LibC.LIBC.close(taken.fd());
        now.closeIt();
    }

    @Test
    void listsByPositionAndSaysHowManyThereAre() throws Exception {
        serve(LinuxAsFreeBsd.libc(), LONG);
        HolderSocket socket = connect();
        PipedDevice device = device();
        assertEquals(nothing(0), answer(socket, HolderMessage.request(Kind.LIST, ""), HolderSocket.NONE));
        keep(socket, "ipsec1", 4, device);
        keep(socket, "ipsec0", 3, device);
        device.closeIt();
        int self = LibC.LIBC.getpid();
        for (int i = 0; i < 2; i++) {
            assertEquals(
                    new HolderMessage(Kind.LISTED, 2, self, "ipsec" + i),
                    answer(socket, new HolderMessage(Kind.LIST, i, 0, ""), HolderSocket.NONE));
        }
        assertEquals(nothing(2), answer(socket, new HolderMessage(Kind.LIST, 2, 0, ""), HolderSocket.NONE));
        assertEquals(nothing(2), answer(socket, new HolderMessage(Kind.LIST, -1, 0, ""), HolderSocket.NONE));
    }

    @Test
    void anAnswerInPlaceOfARequestIsRefusedAndWhatCameWithItIsClosed() throws Exception {
        serve(LinuxAsFreeBsd.libc(), LONG);
        HolderSocket socket = connect();
        PipedDevice device = device();
        HolderMessage refused = new HolderMessage(Kind.REFUSED, 0, LibC.LIBC.getpid(), "");
        assertEquals(refused, answer(socket, new HolderMessage(Kind.TAKEN, 1, 0, "ipsec0"), device.fd()));
        device.closeIt();
        assertEquals(-1, device.read());
        assertEquals(refused, answer(socket, HolderMessage.request(Kind.DONE, ""), HolderSocket.NONE));
    }

    @Test
    void garbageEndsItsOwnConnectionAndNothingElse() throws Exception {
        serve(LinuxAsFreeBsd.libc(), LONG);
        HolderSocket good = connect();
        PipedDevice device = device();
        keep(good, "ipsec0", 7, device);
        device.closeIt();
        Random random = new Random(7);
        for (int length : new int[] {1, 5, 31, 32, 33, 64, 4096, 100_000}) {
            HolderSocket bad = connect();
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            DirectBuffer buffer = DirectBuffer.of(bytes);
            assertEquals(length, LibC.LIBC.sendto(bad.fd(), buffer.pointer(), length, 0, null, 0));
            assertNull(bad.receive(), length + " bytes");
        }
        HolderSocket bad = connect();
        bad.send(new HolderMessage(Kind.KEEP, 1, 0, "ipsec0"), HolderSocket.NONE);
        assertNull(bad.receive(), "no descriptor where one belongs");
        HolderSocket.Received taken = ask(good, HolderMessage.request(Kind.TAKE, "ipsec0"), HolderSocket.NONE);
        device.assertIs(taken.fd());
        LibC.LIBC.close(taken.fd());
    }

    @Test
    void otherUsersAreNotAnswered() throws Exception {
        serve(LinuxAsFreeBsd.libc(LibC.LIBC.geteuid() + 1), LONG);
        HolderSocket socket = connect();
        assertNull(socket.receive());
    }

    /** LOCAL_PEERCRED without an answer is nobody, and not root. */
    @Test
    void whoeverTheKernelDoesNotNameIsNotAnswered() throws Exception {
        serve(LinuxAsFreeBsd.libc(0x7fffffff), LONG);
        assertNull(connect().receive());
    }

    @Test
    void moreConnectionsThanDaemonsCanBeAreClosed() throws Exception {
        serve(LinuxAsFreeBsd.libc(), LONG);
        for (int i = 0; i < 8; i++) {
            assertEquals(nothing(0), answer(connect(), HolderMessage.request(Kind.LIST, ""), HolderSocket.NONE));
        }
        assertNull(connect().receive());
    }

    /** One that asks, and does not read the answers, has a full socket in the end. */
    @Test
    void whoeverDoesNotReadIsNotWaitedFor() throws Exception {
        serve(LinuxAsFreeBsd.libc(), LONG);
        HolderSocket deaf = connect();
        try {
            while (true) {
                deaf.send(HolderMessage.request(Kind.LIST, ""), HolderSocket.NONE);
            }
        } catch (ErrnoException e) {
            assertTrue(List.of(Abi.EAGAIN, 32, 57, Abi.ECONNRESET).contains(e.errno()), e.getMessage());
        }
        assertEquals(nothing(0), answer(connect(), HolderMessage.request(Kind.LIST, ""), HolderSocket.NONE));
    }

    @Test
    void endsWhenItHoldsNothingAndNobodyIsConnected() throws Exception {
        FutureTask<Integer> holder = serve(LinuxAsFreeBsd.libc(), MOMENT);
        assertEquals(0, holder.get(30, TimeUnit.SECONDS));
    }

    @Test
    void staysWhileItHoldsSomethingOrSomebodyIsConnected() throws Exception {
        FutureTask<Integer> holder = serve(LinuxAsFreeBsd.libc(), 200 * MOMENT);
        HolderSocket socket = connect();
        PipedDevice device = device();
        keep(socket, "ipsec0", 1, device);
        device.closeIt();
        assertStays(holder);
        assertEquals(done(), answer(socket, HolderMessage.request(Kind.DROP, "ipsec0"), HolderSocket.NONE));
        assertStays(holder);
        socket.close();
        toClose.remove(0);
        assertEquals(0, holder.get(30, TimeUnit.SECONDS));
    }

    private static void assertStays(FutureTask<Integer> holder) {
        assertThrows(TimeoutException.class, () -> holder.get(600, TimeUnit.MILLISECONDS));
    }

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    private FutureTask<Integer> main(String... arguments) {
        FutureTask<Integer> task = new FutureTask<>(() -> TunHolderMain.run(
                LinuxAsFreeBsd.libc(), arguments, new PrintStream(said, true, StandardCharsets.UTF_8), MOMENT));
        run(task);
        return task;
    }

    private String said() {
        return said.toString(StandardCharsets.UTF_8);
    }

    @Test
    void programTriesItselfListensAndEnds() throws Exception {
        assertEquals(0, main(path()).get(30, TimeUnit.SECONDS), this::said);
        assertEquals("ready\n", said());
    }

    /** It was killed, and its socket's name is there still. */
    @Test
    void programTakesThePlaceOfADeadOne() throws Exception {
        HolderSocket.listen(posix, path()).close();
        assertTrue(Files.exists(Path.of(path())));
        assertEquals(0, main(path()).get(30, TimeUnit.SECONDS), this::said);
        assertEquals("ready\n", said());
    }

    @Test
    void thereIsNoSecondOne() throws Exception {
        serve(LinuxAsFreeBsd.libc(), LONG);
        assertEquals(1, main(path()).get(30, TimeUnit.SECONDS));
        assertTrue(said().startsWith("bind " + path() + ": "), said());
        assertEquals(nothing(0), answer(connect(), HolderMessage.request(Kind.LIST, ""), HolderSocket.NONE));
    }

    @Test
    void programSaysWhatItWants() throws Exception {
        assertEquals(2, main().get(30, TimeUnit.SECONDS));
        assertFalse(said().isEmpty());
        said.reset();
        assertEquals(1, main("/nonexistent/holder.sock").get(30, TimeUnit.SECONDS));
        assertTrue(said().contains("/nonexistent/holder.sock"), said());
    }
}
