package org.ipsecif.platform.freebsd.sim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jnr.ffi.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * kqueue(2) with EVFILT_READ and EVFILT_USER (kern/kern_event.c). struct kevent: ident 0, filter 8, flags 10, fflags 12, data 16, udata 24;
 * 64 bytes.
 */
final class Kqueue extends OpenFile {
    private static final int KEVENT = 64;
    private static final short EVFILT_READ = -1;
    private static final short EVFILT_USER = -11;
    private static final int EV_ADD = 0x1;
    private static final int EV_DELETE = 0x2;
    private static final int EV_ENABLE = 0x4;
    private static final int EV_DISABLE = 0x8;
    private static final int EV_ONESHOT = 0x10;
    private static final int EV_CLEAR = 0x20;
    private static final int EV_RECEIPT = 0x40;
    private static final int EV_ERROR = 0x4000;
    private static final int EV_EOF = 0x8000;
    private static final int EV_KNOWN =
            EV_ADD | EV_DELETE | EV_ENABLE | EV_DISABLE | EV_ONESHOT | EV_CLEAR | EV_RECEIPT | 0x80;
    private static final int NOTE_TRIGGER = 0x01000000;

    private record Key(long ident, short filter) {}

    /** struct knote */
    private static final class Note {
        final Key key;
        final @Nullable OpenFile file;
        int flags;
        int filterFlags;
        long userData;
        boolean disabled;
        boolean triggered;

        /** What was readable when it was told last, for EV_CLEAR. */
        long told;

        Note(Key key, @Nullable OpenFile file) {
            this.key = key;
            this.file = file;
        }

        boolean has(int flag) {
            return (flags & flag) != 0;
        }

        boolean isActive() {
            if (disabled) {
                return false;
            }
            if (file == null) {
                return triggered;
            }
            long readable = file.readable();
            told = Math.min(told, readable);
            return file.isEnded() || readable > (has(EV_CLEAR) ? told : 0);
        }
    }

    private final SimulatedProcess owner;
    private final Map<Key, Note> notes = new LinkedHashMap<>();
    private boolean closed;

    Kqueue(SimulatedProcess owner) {
        super(owner.host);
        this.owner = owner;
        owner.host.kqueues().add(this);
    }

    /** @param nanos negative: for ever */
    int kevent(@Nullable Pointer changes, int changeCount, @Nullable Pointer events, int eventCount, long nanos) {
        int used = 0;
        for (int i = 0; i < changeCount; i++) {
            Pointer change = changes.slice((long) KEVENT * i, KEVENT);
            int errno = apply(change);
            if (errno != 0 || (change.getShort(10) & EV_RECEIPT) != 0) {
                KernelError.when(used >= eventCount, errno);
                Pointer event = events.slice((long) KEVENT * used++, KEVENT);
                Words.write(Words.read(change, KEVENT), event);
                event.putShort(10, (short) EV_ERROR);
                event.putLong(16, errno);
            }
        }
        if (used > 0 || eventCount == 0) {
            return used;
        }
        boolean found =
                host.await(owner, () -> closed || notes.values().stream().anyMatch(Note::isActive), nanos);
        KernelError.when(closed, KernelError.EBADF);
        return found ? collect(events, eventCount) : 0;
    }

    private int apply(Pointer change) {
        short filter = change.getShort(8);
        int flags = change.getShort(10) & 0xffff;
        Key key = new Key(change.getLong(0), filter);
        if (filter != EVFILT_READ && filter != EVFILT_USER || (flags & ~EV_KNOWN) != 0) {
            return KernelError.EINVAL;
        }
        OpenFile file = null;
        if (filter == EVFILT_READ) {
            file = owner.files().get((int) key.ident());
            if (file == null) {
                return KernelError.EBADF;
            }
            if (file.kqueueError() != 0) {
                return file.kqueueError();
            }
        }
        Note note = notes.get(key);
        if (note == null) {
            if ((flags & EV_ADD) == 0) {
                return KernelError.ENOENT;
            }
            note = new Note(key, file);
            notes.put(key, note);
            note.flags = flags & (EV_CLEAR | EV_ONESHOT);
        }
        if ((flags & EV_DELETE) != 0) {
            notes.remove(key);
            return 0;
        }
        note.userData = change.getLong(24);
        note.disabled = (flags & EV_DISABLE) != 0 || note.disabled && (flags & EV_ENABLE) == 0;
        if (filter == EVFILT_USER && (change.getInt(12) & NOTE_TRIGGER) != 0) {
            note.triggered = true;
            host.changed();
        }
        return 0;
    }

    private int collect(Pointer events, int room) {
        int count = 0;
        List<Note> active = new ArrayList<>(notes.values());
        for (Note note : active) {
            if (count == room || !note.isActive()) {
                continue;
            }
            Pointer event = events.slice((long) KEVENT * count++, KEVENT);
            Words.write(new byte[KEVENT], event);
            event.putLong(0, note.key.ident());
            event.putShort(8, note.key.filter());
            boolean ended = note.file != null && note.file.isEnded();
            event.putShort(10, (short) (note.flags | (ended ? EV_EOF : 0)));
            event.putInt(12, note.filterFlags);
            event.putLong(16, note.file == null ? 0 : note.file.readable());
            event.putLong(24, note.userData);
            told(note);
        }
        return count;
    }

    private void told(Note note) {
        if (note.has(EV_CLEAR)) {
            note.triggered = false;
            note.told = note.file == null ? 0 : note.file.readable();
        }
        if (note.has(EV_ONESHOT)) {
            notes.remove(note.key);
        }
    }

    /** knote_fdclose: the owner has closed this descriptor. */
    void forget(SimulatedProcess process, int fd) {
        if (process == owner) {
            notes.remove(new Key(fd, EVFILT_READ));
        }
    }

    @Override
    long readable() {
        return notes.values().stream().filter(Note::isActive).count();
    }

    @Override
    void lastClose(SimulatedProcess by) {
        closed = true;
        host.kqueues().remove(this);
    }
}
