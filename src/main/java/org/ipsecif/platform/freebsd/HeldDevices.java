package org.ipsecif.platform.freebsd;

import java.util.List;
import java.util.TreeMap;
import org.ipsecif.platform.freebsd.HolderMessage.Kind;
import org.ipsecif.platform.posix.Posix;
import org.jspecify.annotations.Nullable;

/** The descriptors that a holder holds, by the names that it was told, and its answers to requests. One thread. */
final class HeldDevices {
    /**
     * What is sent back.
     *
     * @param fd of a device, which goes with it and stays open; or {@link HolderSocket#NONE}
     */
    record Answer(HolderMessage message, int fd) {}

    private final Posix posix;
    private final TreeMap<String, TunHolder.Held> devices = new TreeMap<>();

    HeldDevices(Posix posix) {
        this.posix = posix;
    }

    boolean isEmpty() {
        return devices.isEmpty();
    }

    /** @param fd the descriptor that came with the request, taken over; or {@link HolderSocket#NONE} */
    Answer answer(HolderMessage request, int fd) {
        String name = request.name();
        return switch (request.kind()) {
            case KEEP -> {
                TunHolder.Held before = devices.put(name, new TunHolder.Held(request.number(), fd));
                close(before);
                yield plain(Kind.DONE, 0);
            }
            case DROP -> {
                close(devices.remove(name));
                yield plain(Kind.DONE, 0);
            }
            case TAKE -> {
                TunHolder.Held held = devices.get(name);
                yield held == null ? plain(Kind.NOTHING, 0) : named(Kind.TAKEN, held.unit(), name, held.fd());
            }
            case LIST -> {
                List<String> names = List.copyOf(devices.keySet());
                int at = request.number();
                yield at < 0 || at >= names.size()
                        ? plain(Kind.NOTHING, names.size())
                        : named(Kind.LISTED, names.size(), names.get(at), HolderSocket.NONE);
            }
            default -> {
                close(new TunHolder.Held(0, fd));
                yield plain(Kind.REFUSED, 0);
            }
        };
    }

    private void close(TunHolder.@Nullable Held held) {
        if (held != null && held.fd() != HolderSocket.NONE) {
            posix.libc().close(held.fd());
        }
    }

    private Answer plain(Kind kind, int number) {
        return named(kind, number, "", HolderSocket.NONE);
    }

    private Answer named(Kind kind, int number, String name, int fd) {
        return new Answer(new HolderMessage(kind, number, posix.libc().getpid(), name), fd);
    }
}
