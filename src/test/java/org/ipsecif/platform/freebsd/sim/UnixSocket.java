package org.ipsecif.platform.freebsd.sim;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A socket of unix(4), SOCK_STREAM or SOCK_SEQPACKET, which carries descriptors too (kern/uipc_usrreq.c). A bound one has a file of its name,
 * so that it can be removed as files are; without its file nobody finds it.
 */
final class UnixSocket extends Socket {
    static final int SOCK_STREAM = 1;
    static final int SOCK_DGRAM = 2;
    static final int SOCK_SEQPACKET = 5;

    /** net.local.stream.sendspace, net.local.seqpacket.maxseqpacket */
    private static final int SPACE = 8192;

    private static final int MOST_RIGHTS = 254;
    private static final int SUN_PATH = 2;
    private static final int SOCKADDR_UN = 106;

    private final Deque<UnixSocket> incoming = new ArrayDeque<>();
    private @Nullable UnixSocket peer;
    private @Nullable String path;
    private int backlog = -1;
    private boolean peerGone;
    private boolean closed;

    UnixSocket(SimulatedFreeBsd host, int type) {
        super(host, type, SPACE, SPACE);
    }

    static UnixSocket[] pair(SimulatedFreeBsd host, int type) {
        UnixSocket[] ends = {new UnixSocket(host, type), new UnixSocket(host, type)};
        ends[0].peer = ends[1];
        ends[1].peer = ends[0];
        return ends;
    }

    /** LOCAL_PEERCRED: struct xucred (sys/ucred.h), of root. */
    @Override
    byte[] option(int level, int option) {
        if (level == 0 && option == 1) {
            KernelError.when(peer == null, KernelError.ENOTCONN);
            byte[] root = Words.put16(new byte[88], 8, 1);
            return root;
        }
        return super.option(level, option);
    }

    @Override
    boolean carriesRights() {
        return true;
    }

    @Override
    boolean isAtomic() {
        return type != SOCK_STREAM;
    }

    private static String path(byte[] name) {
        KernelError.when(name.length > SOCKADDR_UN, KernelError.EINVAL);
        KernelError.when(Words.u8(name, 1) != Address.AF_UNIX, KernelError.EAFNOSUPPORT);
        String path = Words.text(name, SUN_PATH, name.length - SUN_PATH);
        KernelError.when(path.isEmpty(), KernelError.EINVAL);
        return path;
    }

    @Override
    void bind(byte[] name) {
        KernelError.when(path != null, KernelError.EINVAL);
        String wanted = path(name);
        try {
            Files.createFile(Path.of(wanted));
        } catch (FileAlreadyExistsException e) {
            throw new KernelError(KernelError.EADDRINUSE);
        } catch (IOException e) {
            throw new KernelError(KernelError.ENOENT);
        }
        bindWithoutFile(wanted);
    }

    /** Of a path that has no file where this test runs. */
    void bindWithoutFile(String wanted) {
        path = wanted;
        host.unixNames().put(wanted, this);
    }

    @Override
    byte[] name() {
        byte[] text = (path == null ? "" : path).getBytes(StandardCharsets.UTF_8);
        byte[] name = new byte[SUN_PATH + text.length + 1];
        Words.copy(text, name, SUN_PATH);
        Words.put8(name, 0, name.length);
        return Words.put8(name, 1, Address.AF_UNIX);
    }

    @Override
    void listen(int most) {
        KernelError.when(type == SOCK_DGRAM, KernelError.EOPNOTSUPP);
        KernelError.when(path == null, KernelError.EDESTADDRREQ);
        KernelError.when(peer != null, KernelError.EINVAL);
        backlog = Math.max(1, most);
    }

    @Override
    void connect(SimulatedProcess by, byte[] name) {
        String wanted = path(name);
        KernelError.when(peer != null, KernelError.EISCONN);
        UnixSocket listener = host.unixNames().get(wanted);
        boolean hasFile =
                Files.exists(Path.of(wanted)) || listener != null && host.devd().is(listener);
        KernelError.when(!hasFile, KernelError.ENOENT);
        KernelError.when(listener == null || listener.closed || listener.backlog < 0, KernelError.ECONNREFUSED);
        KernelError.when(listener.type != type, KernelError.EPROTOTYPE);
        KernelError.when(listener.incoming.size() >= listener.backlog, KernelError.ECONNREFUSED);
        UnixSocket accepted = new UnixSocket(host, type);
        accepted.peer = this;
        peer = accepted;
        listener.incoming.add(accepted);
        host.changed();
    }

    @Override
    UnixSocket accept(SimulatedProcess by) {
        KernelError.when(backlog < 0, KernelError.EINVAL);
        awaitReadable(by, false, -1);
        return incoming.remove();
    }

    /** Whoever has connected, without waiting; null if nobody has. */
    @Nullable
    UnixSocket acceptNow() {
        return incoming.poll();
    }

    /** What could not be sent is closed again if it was a descriptor (unp_internalize and unp_dispose). */
    @Override
    int send(SimulatedProcess by, Message message, boolean dontWait) {
        try {
            return enqueueAtPeer(by, message, dontWait);
        } catch (KernelError e) {
            message.rights.forEach(each -> each.release(by));
            throw e;
        }
    }

    private int enqueueAtPeer(SimulatedProcess by, Message message, boolean dontWait) {
        KernelError.when(peer == null && !peerGone, KernelError.ENOTCONN);
        KernelError.when(message.name.length > 0, KernelError.EISCONN);
        KernelError.when(message.rights.size() > MOST_RIGHTS, KernelError.EINVAL);
        int length = message.data.length;
        KernelError.when(isAtomic() && length > sendBuffer, KernelError.EMSGSIZE);
        int sent = 0;
        Message rest = message;
        do {
            int needed = isAtomic() ? length : 1;
            boolean waits = !nonBlocking && !dontWait;
            if (!hasRoom(needed) && !waits) {
                KernelError.when(sent == 0, KernelError.EAGAIN);
                return sent;
            }
            host.await(by, () -> hasRoom(needed), -1);
            KernelError.when(peer == null, KernelError.EPIPE);
            int part = Math.min(length - sent, peer.receiveBuffer - peer.receivedBytes);
            Message piece = rest.with(Words.cut(message.data, sent, part));
            peer.enqueue(piece);
            message.rights.clear(); // the peer's now
            rest = new Message(message.data, message.name);
            sent += part;
        } while (sent < length);
        return sent;
    }

    private boolean hasRoom(int bytes) {
        UnixSocket to = peer;
        return to == null || to.receiveBuffer - to.receivedBytes >= bytes;
    }

    @Override
    Message receive(SimulatedProcess by, int length, boolean dontWait, int flags) {
        KernelError.when(peer == null && !peerGone && received.isEmpty(), KernelError.ENOTCONN);
        Message message = super.receive(by, length, dontWait, flags);
        boolean peeks = (flags & MSG_PEEK) != 0;
        if (!isAtomic() && !peeks && message.data.length > length) {
            Message rest = new Message(Words.cut(message.data, length, message.data.length - length), new byte[0]);
            received.addFirst(rest);
            receivedBytes += rest.data.length;
            return message.with(Words.cut(message.data, 0, length));
        }
        host.changed();
        return message;
    }

    @Override
    long readable() {
        return backlog >= 0 ? incoming.size() : super.readable();
    }

    @Override
    boolean isEnded() {
        return peerGone || super.isEnded();
    }

    @Override
    boolean isWritable() {
        return peer != null && hasRoom(1);
    }

    @Override
    void ioctl(SimulatedProcess by, long request, byte[] data) {
        if ((request & 0xff00) == 'i' << 8) {
            InterfaceControl.ioctl(by, Address.AF_UNIX, request, data);
        } else if (request != 0x8004667eL) {
            throw new KernelError(KernelError.ENOTTY);
        }
    }

    @Override
    void lastClose(SimulatedProcess by) {
        closed = true;
        host.unixNames().values().remove(this);
        disconnect();
        incoming.forEach(each -> each.lastClose(by));
        received.forEach(message -> message.rights.forEach(each -> each.release(by)));
        received.clear();
    }

    void disconnect() {
        UnixSocket other = peer;
        peer = null;
        if (other != null) {
            other.peer = null;
            other.peerGone = true;
        }
        host.changed();
    }

    boolean isConnected() {
        return peer != null;
    }
}
