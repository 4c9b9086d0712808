package org.ipsecif.platform.freebsd.sim;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jnr.ffi.Pointer;
import org.ipsecif.platform.freebsd.sim.Message.Control;
import org.ipsecif.platform.posix.LibC;
import org.jspecify.annotations.Nullable;

/** One process on a simulated host: its descriptors, and the C library that its threads call. */
public final class SimulatedProcess extends ProcessDescriptors implements LibC {
    private static final int MSG_DONTWAIT = 0x80;
    private static final int MSG_WAITFORONE = 0x80000;
    private static final int MSG_CMSG_CLOEXEC = 0x40000;
    private static final int MMSGHDR = 56;
    private static final int POLLFD = 8;

    SimulatedProcess(SimulatedFreeBsd host, int pid) {
        super(host, pid);
    }

    private Socket socketOf(int fd) {
        if (file(fd) instanceof Socket socket) {
            return socket;
        }
        throw new KernelError(KernelError.ENOTSOCK);
    }

    @Override
    public int open(String path, int flags) {
        return (int) call(() -> {
            OpenFile file = host.devices().open(this, path, flags);
            file.nonBlocking = (flags & OpenFile.O_NONBLOCK) != 0;
            return install(file, (flags & OpenFile.O_CLOEXEC) != 0);
        });
    }

    @Override
    public int close(int fd) {
        KeySocket key = keySocket(fd);
        long result = call(() -> {
            remove(fd);
            return 0;
        });
        if (key != null) {
            key.closeIfReleased();
        }
        return (int) result;
    }

    @Override
    public long read(int fd, Pointer buffer, long length) {
        KeySocket key = keySocket(fd);
        if (key != null) {
            return unlocked(() -> store(key.receive(this, false).data, buffer, length));
        }
        return call(() -> store(file(fd).read(this, (int) length), buffer, length));
    }

    private static long store(byte[] data, Pointer buffer, long length) {
        byte[] fitting = Words.cut(data, 0, (int) Math.min(length, data.length));
        Words.write(fitting, buffer);
        return fitting.length;
    }

    @Override
    public long write(int fd, Pointer buffer, long length) {
        KeySocket key = keySocket(fd);
        if (key != null) {
            return unlocked(() -> key.send(Words.read(buffer, length)));
        }
        return call(() -> file(fd).write(this, Words.read(buffer, length)));
    }

    @Override
    public long read(int fd, long address, long length) {
        return read(fd, Pointer.wrap(LibC.RUNTIME, address), length);
    }

    @Override
    public long write(int fd, long address, long length) {
        return write(fd, Pointer.wrap(LibC.RUNTIME, address), length);
    }

    @Override
    public int ioctl(int fd, long request, Pointer argument) {
        return (int) call(() -> {
            int length = (int) (request >> 16 & 0x1fff);
            boolean in = (request & 0x80000000L) != 0;
            boolean out = (request & 0x40000000L) != 0;
            boolean none = (request & 0x20000000L) != 0;
            KernelError.when(!in && !out && !none || (in || out) && length == 0, KernelError.ENOTTY);
            byte[] data = in ? Words.read(argument, length) : new byte[length];
            ioctl(file(fd), request, data);
            if (out) {
                Words.write(data, argument);
            }
            return 0;
        });
    }

    private void ioctl(OpenFile file, long request, byte[] data) {
        if (request == 0x8004667eL) { // FIONBIO
            file.nonBlocking = Words.i32(data, 0) != 0;
        }
        file.ioctl(this, request, data);
    }

    @Override
    public int ioctl(int fd, long request, long argument) {
        return ioctl(fd, request, Pointer.wrap(LibC.RUNTIME, argument));
    }

    @Override
    public int socket(int domain, int type, int protocol) {
        return (int) call(() -> {
            Socket socket = host.sockets().open(this, domain, type & 0xfffffff, protocol);
            socket.nonBlocking = (type & 0x20000000) != 0;
            return install(socket, (type & 0x10000000) != 0);
        });
    }

    @Override
    public int bind(int fd, Pointer address, int length) {
        return (int) call(() -> {
            socketOf(fd).bind(sockaddr(address, length));
            return 0;
        });
    }

    /** getsockaddr of the kernel: sa_len becomes the length given. */
    private static byte[] sockaddr(Pointer address, int length) {
        KernelError.when(length > 255, KernelError.ENAMETOOLONG);
        KernelError.when(length < 2, KernelError.EINVAL);
        return Words.put8(Words.read(address, length), 0, length);
    }

    @Override
    public int getsockname(int fd, Pointer address, Pointer length) {
        return (int) call(() -> {
            byte[] name = socketOf(fd).name();
            int room = length.getInt(0);
            KernelError.when(room < 0, KernelError.EINVAL);
            Words.write(Words.cut(name, 0, Math.min(room, name.length)), address);
            length.putInt(0, Math.min(room, name.length));
            return 0;
        });
    }

    @Override
    public int setsockopt(int fd, int level, int option, Pointer value, int length) {
        return (int) call(() -> {
            KernelError.when(length < 0, KernelError.EINVAL);
            socketOf(fd).setOption(level, option, Words.read(value, length));
            return 0;
        });
    }

    @Override
    public int getsockopt(int fd, int level, int option, Pointer value, Pointer length) {
        return (int) call(() -> {
            byte[] found = socketOf(fd).option(level, option);
            int room = Math.min(found.length, length.getInt(0));
            Words.write(Words.cut(found, 0, room), value);
            length.putInt(0, room);
            return 0;
        });
    }

    @Override
    public long syscall(long number, int command, Pointer attributes, int size) {
        return call(() -> {
            throw new KernelError(KernelError.ENOSYS);
        });
    }

    @Override
    public long sendto(int fd, Pointer buffer, long length, int flags, @Nullable Pointer address, int addressLength) {
        KeySocket key = keySocket(fd);
        if (key != null) {
            return unlocked(() -> key.send(Words.read(buffer, length)));
        }
        return call(() -> {
            byte[] to = address == null ? new byte[0] : sockaddr(address, addressLength);
            return socketOf(fd).send(this, new Message(Words.read(buffer, length), to), dontWait(flags));
        });
    }

    private static boolean dontWait(int flags) {
        return (flags & MSG_DONTWAIT) != 0;
    }

    @Override
    public long recv(int fd, Pointer buffer, long length, int flags) {
        KeySocket key = keySocket(fd);
        if (key != null) {
            return unlocked(() -> store(key.receive(this, dontWait(flags)).data, buffer, length));
        }
        return call(() -> {
            Message message = socketOf(fd).receive(this, (int) length, dontWait(flags), flags);
            message.rights.forEach(each -> each.release(this));
            return store(message.data, buffer, length);
        });
    }

    @Override
    public long sendmsg(int fd, Pointer header, int flags) {
        return call(() -> {
            Message message = MessageMemory.read(header);
            Socket socket = socketOf(fd);
            if (message.name.length > 0) {
                Words.put8(message.name, 0, message.name.length);
            }
            if (socket.carriesRights()) {
                takeRights(message);
            }
            return socket.send(this, message, dontWait(flags));
        });
    }

    private void takeRights(Message message) {
        for (Control control : message.controls) {
            KernelError.when(
                    control.level() != Message.SOL_SOCKET
                            || control.type() != Message.SCM_RIGHTS
                            || control.data().length % 4 != 0,
                    KernelError.EINVAL);
            for (int at = 0; at < control.data().length; at += 4) {
                message.rights.add(file(Words.i32(control.data(), at)));
            }
        }
        message.controls.clear();
        message.rights.forEach(OpenFile::refer);
    }

    @Override
    public long recvmsg(int fd, Pointer header, int flags) {
        KeySocket key = keySocket(fd);
        if (key != null) {
            return unlocked(() -> MessageMemory.write(key.receive(this, dontWait(flags)), header, true));
        }
        return call(() -> {
            Socket socket = socketOf(fd);
            Message message = socket.receive(this, MessageMemory.room(header), dontWait(flags), flags);
            return MessageMemory.write(giveRights(message, header, flags), header, socket.isAtomic());
        });
    }

    private Message giveRights(Message message, Pointer header, int flags) {
        if (message.rights.isEmpty()) {
            return message;
        }
        if (MessageMemory.hasRoomForRights(header, message.rights.size())) {
            byte[] fds = new byte[4 * message.rights.size()];
            for (int i = 0; i < message.rights.size(); i++) {
                Words.put32(fds, 4 * i, install(message.rights.get(i), (flags & MSG_CMSG_CLOEXEC) != 0));
            }
            message.controls.add(new Control(Message.SOL_SOCKET, Message.SCM_RIGHTS, fds));
        } else {
            message.flags |= MessageMemory.MSG_CTRUNC;
        }
        message.rights.forEach(each -> each.release(this));
        return message;
    }

    /** The library's own loop around recvmsg(2). */
    @Override
    public int recvmmsg(int fd, Pointer messages, int count, int flags, long timeout) {
        int received = 0;
        while (received < count) {
            Pointer header = messages.slice((long) received * MMSGHDR);
            boolean first = received == 0 || (flags & MSG_WAITFORONE) == 0;
            long length = recvmsg(fd, header, first ? flags : flags | MSG_DONTWAIT);
            if (length < 0) {
                return received > 0 ? received : -1;
            }
            header.putLong(MessageMemory.SIZE, length);
            received++;
        }
        return received;
    }

    /** Likewise around sendmsg(2). */
    @Override
    public int sendmmsg(int fd, Pointer messages, int count, int flags) {
        int sent = 0;
        while (sent < count) {
            Pointer header = messages.slice((long) sent * MMSGHDR);
            long length = sendmsg(fd, header, flags);
            if (length < 0) {
                return sent > 0 ? sent : -1;
            }
            header.putLong(MessageMemory.SIZE, length);
            sent++;
        }
        return sent;
    }

    @Override
    public int connect(int fd, Pointer address, int length) {
        return (int) call(() -> {
            socketOf(fd).connect(this, sockaddr(address, length));
            return 0;
        });
    }

    @Override
    public int poll(Pointer fds, long count, int timeout) {
        return (int) call(() -> {
            host.await(this, () -> pollAll(fds, count) > 0, timeout < 0 ? -1 : timeout * 1_000_000L);
            return pollAll(fds, count);
        });
    }

    private int pollAll(Pointer fds, long count) {
        int ready = 0;
        for (int i = 0; i < count; i++) {
            int fd = fds.getInt((long) i * POLLFD);
            int events = fds.getShort((long) i * POLLFD + 4);
            int found = fd < 0 ? 0 : Poll.events(files().get(fd), events);
            fds.putShort((long) i * POLLFD + 6, (short) found);
            ready += found == 0 ? 0 : 1;
        }
        return ready;
    }

    @Override
    public int pipe(Pointer fds) {
        return (int) call(() -> {
            PipeEnd[] ends = PipeEnd.pair(host);
            fds.putInt(0, install(ends[0], false));
            fds.putInt(4, install(ends[1], false));
            return 0;
        });
    }

    @Override
    public int listen(int fd, int backlog) {
        return (int) call(() -> {
            socketOf(fd).listen(backlog);
            return 0;
        });
    }

    @Override
    public int accept(int fd, @Nullable Pointer address, @Nullable Pointer length) {
        return (int) call(() -> install(socketOf(fd).accept(this), false));
    }

    @Override
    public int socketpair(int domain, int type, int protocol, Pointer fds) {
        return (int) call(() -> {
            KernelError.when(domain != Address.AF_UNIX, KernelError.EOPNOTSUPP);
            UnixSocket[] ends = UnixSocket.pair(host, type & 0xfffffff);
            boolean closeOnExec = (type & 0x10000000) != 0;
            for (int i = 0; i < 2; i++) {
                ends[i].nonBlocking = (type & 0x20000000) != 0;
                fds.putInt(4L * i, install(ends[i], closeOnExec));
            }
            return 0;
        });
    }

    @Override
    public int getpid() {
        return pid;
    }

    @Override
    public int geteuid() {
        return 0;
    }

    @Override
    public int setsid() {
        return pid;
    }

    @Override
    public int unlink(String path) {
        return (int) call(() -> {
            try {
                Files.delete(Path.of(path));
                return 0;
            } catch (IOException e) {
                throw new KernelError(KernelError.ENOENT);
            }
        });
    }

    @Override
    public int kqueue() {
        return (int) call(() -> install(new Kqueue(this), false));
    }

    @Override
    public int kevent(
            int kq,
            @Nullable Pointer changes,
            int changeCount,
            @Nullable Pointer events,
            int eventCount,
            @Nullable Pointer timeout) {
        return (int) call(() -> {
            KernelError.when(!(file(kq) instanceof Kqueue), KernelError.EBADF);
            long nanos = timeout == null ? -1 : timeout.getLong(0) * 1_000_000_000L + timeout.getLong(8);
            return ((Kqueue) file(kq)).kevent(changes, changeCount, events, eventCount, nanos);
        });
    }

    @Override
    public int sysctl(
            Pointer name,
            int nameLength,
            @Nullable Pointer old,
            Pointer oldLength,
            @Nullable Pointer next,
            long nextLength) {
        return (int) call(() -> {
            int[] mib = new int[nameLength];
            for (int i = 0; i < nameLength; i++) {
                mib[i] = name.getInt(4L * i); // an array at once would come in network order
            }
            return answer(host.sysctls().value(this, mib), old, oldLength);
        });
    }

    @Override
    public int sysctlbyname(
            String name, @Nullable Pointer old, Pointer oldLength, @Nullable Pointer next, long nextLength) {
        return (int) call(() -> answer(host.sysctls().value(name), old, oldLength));
    }

    /** As the kernel does it: without room only the length, with too little what fits and ENOMEM. */
    private static int answer(byte[] value, @Nullable Pointer old, Pointer oldLength) {
        if (old == null) {
            oldLength.putLong(0, value.length);
            return 0;
        }
        long room = oldLength.getLong(0);
        int length = (int) Math.min(room, value.length);
        Words.write(Words.cut(value, 0, length), old);
        oldLength.putLong(0, length);
        KernelError.when(length < value.length, KernelError.ENOMEM);
        return 0;
    }

    @Override
    public int if_nametoindex(String name) {
        return (int) Math.max(0, call(() -> host.interfaces().find(name).index()));
    }

    @Override
    public @Nullable Pointer if_indextoname(int index, Pointer name) {
        long found = call(() -> {
            byte[] bytes = new byte[Ifnet.NAME_SIZE];
            Words.putText(bytes, 0, host.interfaces().at(index).name(), bytes.length);
            Words.write(bytes, name);
            return 0;
        });
        return found == 0 ? name : null;
    }

    @Override
    public String strerror(int errno) {
        return KernelError.words(errno);
    }
}
