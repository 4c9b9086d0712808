package org.ipsecif.platform.freebsd;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import jnr.ffi.Pointer;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.platform.posix.Readiness;
import org.jspecify.annotations.Nullable;

/**
 * A C library that writes down what it is asked, byte for byte, and answers from a script. Offsets here are those of FreeBSD's headers, by
 * number, so that nothing of ours describes itself.
 */
final class WireLibC extends NoLibC {
    static final int EAGAIN = 35;
    static final int ENOPROTOOPT = 42;
    private static final HexFormat HEX = HexFormat.of();

    /** In place of an address that memory had which nothing keeps alive by then. */
    private static final Pointer NOT_TO_BE_READ = Pointer.wrap(RUNTIME, ByteBuffer.allocateDirect(16));

    /** A datagram that waits to be received. */
    record Incoming(String name, String control, String payload) {}

    /** Every call but receiving and closing, in words and hexadecimal digits. */
    final List<String> calls = new ArrayList<>();

    /** What is refused: how a call begins, and errno. */
    final Map<String, Integer> refused = new HashMap<>();

    final TreeSet<Integer> open = new TreeSet<>();
    final Deque<Incoming> incoming = new ArrayDeque<>();

    /** For read(2) and recv(2), by descriptor. */
    final Map<Integer, Deque<byte[]>> bytes = new HashMap<>();

    /** errno of the next calls of these, before what they would bring. */
    final Map<Integer, Deque<Integer>> failures = new HashMap<>();

    final Map<Integer, String> names = new HashMap<>();
    final Map<String, Integer> flags = new HashMap<>();

    /** What ioctls answer with, by number. */
    final Map<Long, byte[]> answers = new HashMap<>();

    /** Of each wait that was opened. */
    final List<Waiting> waits = new ArrayList<>();

    /** errno of receiving once nothing waits. */
    int empty = EAGAIN;

    /** How many routing tables there are. */
    int fibs = 1;

    private int next = 3;

    /** A wait that ends at once. */
    static final class Waiting implements Readiness {
        final int fd;
        final int other;
        boolean otherReady;
        int nudges;

        Waiting(int fd, int other) {
            this.fd = fd;
            this.other = other;
        }

        @Override
        public boolean await() {
            return true;
        }

        @Override
        public boolean isOtherReady() {
            return otherReady;
        }

        @Override
        public void nudge() {
            nudges++;
        }

        @Override
        public void wakeup() {}

        @Override
        public void close() {}
    }

    /** The number that the next descriptor gets. */
    void nextIs(int fd) {
        next = fd;
    }

    Posix posix() {
        return new Posix(this, (fd, other) -> {
            Waiting waiting = new Waiting(fd, other);
            waits.add(waiting);
            return waiting;
        });
    }

    static byte[] bytes(String hex) {
        return HEX.parseHex(hex.replaceAll("\\s", ""));
    }

    static String hex(Pointer from, long length) {
        byte[] bytes = new byte[(int) length];
        from.get(0, bytes, 0, bytes.length);
        return HEX.formatHex(bytes);
    }

    private static Pointer at(long address) {
        return Pointer.wrap(RUNTIME, address);
    }

    private static String hexAt(long address, long length) {
        return length == 0 ? "" : hex(at(address), length);
    }

    /** Writes a call down. @return what it returns: 0, or -1 if the script refuses it */
    private int call(String what) {
        calls.add(what);
        for (Map.Entry<String, Integer> each : refused.entrySet()) {
            if (what.startsWith(each.getKey())) {
                return fail(each.getValue());
            }
        }
        return 0;
    }

    private int opened(String what) {
        if (call(what) < 0) {
            return -1;
        }
        open.add(next);
        return next++;
    }

    @Override
    public int open(String path, int how) {
        return opened("open " + path + " " + Integer.toHexString(how));
    }

    @Override
    public int socket(int domain, int type, int protocol) {
        return opened("socket " + domain + " " + Integer.toHexString(type) + " " + protocol);
    }

    @Override
    public int close(int fd) {
        if (!open.remove(fd)) {
            throw new AssertionError("descriptor " + fd + " is closed twice");
        }
        return 0;
    }

    @Override
    public int bind(int fd, Pointer address, int length) {
        return call("bind " + fd + " " + hex(address, length));
    }

    @Override
    public int setsockopt(int fd, int level, int option, Pointer value, int length) {
        return call("setsockopt " + fd + " " + level + " " + option + " " + hex(value, length));
    }

    @Override
    public int sysctlbyname(
            String name, @Nullable Pointer old, Pointer oldLength, @Nullable Pointer next, long nextLength) {
        if (old == null || !name.equals("net.fibs")) {
            return fail(2);
        }
        old.putInt(0, fibs);
        return 0;
    }

    @Override
    public int ioctl(int fd, long request, Pointer argument) {
        int size = (int) (request >> 16 & 0x1fff);
        String sent = (request & 0x80000000L) != 0 ? hex(argument, size) : "";
        if (request == 0x80104267L) { // BIOCSETF: what the program's pointer points to
            sent = argument.getInt(0) + " " + hexAt(argument.getLong(8), 8L * argument.getInt(0));
        }
        if (request == 0xc0206911L) { // SIOCGIFFLAGS
            Integer found = flags.get(text(argument));
            argument.putShort(16, (short) (found == null ? 0 : found));
            return found == null ? fail(6) : 0;
        }
        byte[] answer = answers.get(request);
        if (request == 0x4008426fL) { // BIOCGSTATS, which is asked often, and of no interest
            argument.put(0, answer == null ? new byte[8] : answer, 0, 8);
            return 0;
        }
        if (request == 0x80104267L) { // which zeroes the counters
            answers.remove(0x4008426fL);
        }
        int result = call("ioctl " + fd + " " + Long.toHexString(request) + (sent.isEmpty() ? "" : " " + sent));
        if (result == 0 && answer != null) {
            argument.put(0, answer, 0, answer.length);
        }
        return result;
    }

    private static String text(Pointer at) {
        byte[] name = new byte[16];
        at.get(0, name, 0, 16);
        return new String(name, StandardCharsets.US_ASCII).trim();
    }

    private int message(int fd, Pointer message, String how) {
        String name = hexAt(message.getLong(0), message.getInt(8));
        StringBuilder payload = new StringBuilder();
        for (int i = 0; i < message.getInt(24); i++) {
            Pointer part = at(message.getLong(16) + 16L * i);
            payload.append(hexAt(part.getLong(0), part.getLong(8)));
        }
        String control = hexAt(message.getLong(32), message.getInt(40));
        int result = call(
                how + " " + fd + " to " + name + " control " + (control.isEmpty() ? "-" : control) + " " + payload);
        return result < 0 ? result : payload.length() / 2;
    }

    @Override
    public long sendmsg(int fd, Pointer message, int how) {
        return message(fd, message, "sendmsg");
    }

    /** As FreeBSD's library has it: one after the other, until one fails. */
    @Override
    public int sendmmsg(int fd, Pointer messages, int count, int how) {
        for (int i = 0; i < count; i++) {
            int sent = message(fd, at(messages.address() + 56L * i), "sendmmsg");
            if (sent < 0) {
                return i == 0 ? -1 : i;
            }
            messages.putLong(56L * i + 48, sent);
        }
        return count;
    }

    @Override
    public long sendto(int fd, Pointer buffer, long length, int how, Pointer address, int addressLength) {
        int result = call("sendto " + fd + " to " + hex(address, addressLength) + " " + hex(buffer, length));
        return result < 0 ? result : length;
    }

    @Override
    public int recvmmsg(int fd, Pointer messages, int count, int how, long timeout) {
        int received = 0;
        while (received < count && !incoming.isEmpty()) {
            deliver(at(messages.address() + 56L * received++), incoming.remove());
        }
        return received == 0 ? fail(empty) : received;
    }

    private static void deliver(Pointer message, Incoming datagram) {
        byte[] name = bytes(datagram.name());
        byte[] control = bytes(datagram.control());
        byte[] payload = bytes(datagram.payload());
        if (message.getInt(24) != 1 || message.getInt(8) < name.length || message.getInt(40) < control.length) {
            throw new AssertionError("no room");
        }
        put(message.getLong(0), name);
        put(message.getLong(32), control);
        Pointer part = at(message.getLong(16));
        put(part.getLong(0), payload);
        message.putInt(8, name.length);
        message.putInt(40, control.length);
        message.putLong(48, payload.length);
    }

    private static void put(long address, byte[] what) {
        if (what.length > 0) {
            at(address).put(0, what, 0, what.length);
        }
    }

    @Override
    public long read(int fd, Pointer buffer, long length) {
        return take(fd, buffer, length);
    }

    @Override
    public long recv(int fd, Pointer buffer, long length, int how) {
        return take(fd, buffer, length);
    }

    void give(int fd, byte[] what) {
        bytes.computeIfAbsent(fd, each -> new ArrayDeque<>()).add(what);
    }

    private long take(int fd, Pointer buffer, long length) {
        Deque<Integer> failing = failures.get(fd);
        if (failing != null && !failing.isEmpty()) {
            return fail(failing.remove());
        }
        Deque<byte[]> queue = bytes.get(fd);
        if (queue == null || queue.isEmpty()) {
            return fail(empty);
        }
        byte[] what = queue.remove();
        int count = (int) Math.min(length, what.length);
        buffer.put(0, what, 0, count);
        return count;
    }

    @Override
    public @Nullable Pointer if_indextoname(int index, Pointer name) {
        String found = names.get(index);
        if (found == null) {
            fail(6);
            return null;
        }
        byte[] text = (found + "\0").getBytes(StandardCharsets.US_ASCII);
        name.put(0, text, 0, text.length);
        return NOT_TO_BE_READ;
    }
}
