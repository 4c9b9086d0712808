package org.ipsecif.platform.freebsd.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import jnr.ffi.LastError;
import org.ipsecif.platform.posix.LibC;
import org.jspecify.annotations.Nullable;

/** The descriptor table of a process. */
abstract class ProcessDescriptors {
    private static final int FD_CLOEXEC = 1;
    private static final int F_DUPFD = 0;
    private static final int F_GETFD = 1;
    private static final int F_SETFD = 2;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int F_DUPFD_CLOEXEC = 17;

    /** An entry of the descriptor table. */
    private static final class Descriptor {
        final OpenFile file;
        boolean closeOnExec;

        Descriptor(OpenFile file, boolean closeOnExec) {
            this.file = file;
            this.closeOnExec = closeOnExec;
        }
    }

    final SimulatedFreeBsd host;
    final int pid;
    private final TreeMap<Integer, Descriptor> descriptors = new TreeMap<>();
    private volatile boolean dead;

    ProcessDescriptors(SimulatedFreeBsd host, int pid) {
        this.host = host;
        this.pid = pid;
    }

    /** SIGKILL: the kernel closes what it has open; its threads get nothing done from now on. */
    public void kill() {
        synchronized (host.lock) {
            dead = true;
            List<Descriptor> all = new ArrayList<>(descriptors.values());
            descriptors.clear();
            all.forEach(each -> each.file.release(self()));
            host.changed();
        }
    }

    /** Descriptors that are open. */
    public int openDescriptors() {
        synchronized (host.lock) {
            return descriptors.size();
        }
    }

    /** Descriptors of tun(4) devices among them. */
    public int openTuns() {
        synchronized (host.lock) {
            return (int) descriptors.values().stream()
                    .filter(each -> each.file instanceof Tun.TunFile)
                    .count();
        }
    }

    /** Whether it was killed. */
    public boolean hasDied() {
        return dead;
    }

    boolean isDead() {
        return dead;
    }

    final long call(LongSupplier work) {
        try {
            synchronized (host.lock) {
                KernelError.when(dead, KernelError.EBADF);
                return work.getAsLong();
            }
        } catch (KernelError e) {
            LastError.setLastError(LibC.RUNTIME, e.errno);
            return -1;
        }
    }

    /** Likewise without the kernel's lock. */
    final long unlocked(LongSupplier work) {
        try {
            KernelError.when(dead, KernelError.EBADF);
            return work.getAsLong();
        } catch (KernelError e) {
            LastError.setLastError(LibC.RUNTIME, e.errno);
            return -1;
        }
    }

    OpenFile file(int fd) {
        Descriptor descriptor = descriptors.get(fd);
        KernelError.when(descriptor == null, KernelError.EBADF);
        return descriptor.file;
    }

    final void remove(int fd) {
        OpenFile file = file(fd);
        descriptors.remove(fd);
        host.forget(self(), fd);
        file.release(self());
    }

    int install(OpenFile file, boolean closeOnExec) {
        return install(file, closeOnExec, 3);
    }

    private int install(OpenFile file, boolean closeOnExec, int least) {
        int fd = least;
        while (descriptors.containsKey(fd)) {
            fd++;
        }
        file.refer();
        descriptors.put(fd, new Descriptor(file, closeOnExec));
        return fd;
    }

    /** The PF_KEY socket of this descriptor, which has a kernel of its own behind it. */
    final @Nullable KeySocket keySocket(int fd) {
        synchronized (host.lock) {
            Descriptor descriptor = descriptors.get(fd);
            return descriptor != null && descriptor.file instanceof KeySocket key ? key : null;
        }
    }

    /** As fcntl(2). */
    public int fcntl(int fd, int command, int argument) {
        return (int) call(() -> {
            OpenFile file = file(fd);
            Descriptor descriptor = descriptors.get(fd);
            switch (command) {
                case F_DUPFD, F_DUPFD_CLOEXEC -> {
                    return install(file, command == F_DUPFD_CLOEXEC, Math.max(3, argument));
                }
                case F_GETFD -> {
                    return descriptor.closeOnExec ? FD_CLOEXEC : 0;
                }
                case F_SETFD -> descriptor.closeOnExec = (argument & FD_CLOEXEC) != 0;
                case F_GETFL -> {
                    return file.statusFlags();
                }
                case F_SETFL -> file.nonBlocking = (argument & OpenFile.O_NONBLOCK) != 0;
                default -> throw new KernelError(KernelError.EINVAL);
            }
            return 0;
        });
    }

    private SimulatedProcess self() {
        return (SimulatedProcess) this;
    }

    /** Descriptors by number. With the kernel's lock. */
    final Map<Integer, OpenFile> files() {
        Map<Integer, OpenFile> files = new TreeMap<>();
        descriptors.forEach((fd, each) -> files.put(fd, each.file));
        return files;
    }
}
