package org.ipsecif.platform.freebsd.sim;

import java.io.ByteArrayOutputStream;
import jnr.ffi.Pointer;
import org.ipsecif.platform.freebsd.sim.Message.Control;
import org.ipsecif.platform.posix.LibC;

/**
 * struct msghdr in a process' memory (sys/socket.h, sys/_iovec.h).
 *
 * <pre>
 * 0 msg_name, 8 msg_namelen, 16 msg_iov, 24 msg_iovlen, 32 msg_control, 40 msg_controllen, 44 msg_flags; 48
 * </pre>
 */
final class MessageMemory {
    static final int MSG_TRUNC = 0x10;
    static final int MSG_CTRUNC = 0x20;
    static final int SIZE = 48;

    private static final int MOST_PARTS = 1024;
    private static final int CONTROL_DATA = 16;
    private static final int LONGEST_NAME = 255;

    private MessageMemory() {}

    static Pointer at(long address) {
        KernelError.when(address == 0, KernelError.EFAULT);
        return Pointer.wrap(LibC.RUNTIME, address);
    }

    /** What sendmsg(2) is to send. The rights are not looked up yet: they are controls. */
    static Message read(Pointer header) {
        int nameLength = header.getInt(8);
        KernelError.when(nameLength < 0 || nameLength > LONGEST_NAME, KernelError.EINVAL);
        long name = header.getLong(0);
        byte[] sender = name == 0 || nameLength == 0 ? new byte[0] : Words.read(at(name), nameLength);
        Message message = new Message(gather(header), sender);
        long control = header.getLong(32);
        if (control != 0) {
            int length = header.getInt(40);
            KernelError.when(length > 0 && length < 12, KernelError.EINVAL);
            parse(Words.read(at(control), length), message);
        }
        return message;
    }

    private static byte[] gather(Pointer header) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        forParts(header, (part, length) -> {
            data.writeBytes(Words.read(part, length));
            return true;
        });
        return data.toByteArray();
    }

    private interface Parts {
        boolean part(Pointer part, int length);
    }

    private static void forParts(Pointer header, Parts user) {
        int count = header.getInt(24);
        KernelError.when(count < 0 || count > MOST_PARTS, KernelError.EMSGSIZE);
        for (int i = 0; i < count; i++) {
            Pointer vector = at(header.getLong(16) + 16L * i);
            long length = vector.getLong(8);
            KernelError.when(length < 0 || length > Integer.MAX_VALUE, KernelError.EINVAL);
            if (length > 0 && !user.part(at(vector.getLong(0)), (int) length)) {
                return;
            }
        }
    }

    private static void parse(byte[] controls, Message message) {
        for (int at = 0; at < controls.length; ) {
            KernelError.when(controls.length - at < 12, KernelError.EINVAL);
            int length = Words.i32(controls, at);
            KernelError.when(length < CONTROL_DATA || length > controls.length - at, KernelError.EINVAL);
            message.controls.add(new Control(
                    Words.i32(controls, at + 4),
                    Words.i32(controls, at + 8),
                    Words.cut(controls, at + CONTROL_DATA, length - CONTROL_DATA)));
            at += align(length);
        }
    }

    private static int align(int length) {
        return length + 7 & -8;
    }

    /** Bytes of all parts. */
    static int room(Pointer header) {
        int[] sum = new int[1];
        forParts(header, (part, length) -> {
            sum[0] = Math.addExact(sum[0], length);
            return true;
        });
        return sum[0];
    }

    /**
     * Stores what recvmsg(2) received.
     *
     * @param datagram whether data that find no room are lost, and that is said
     * @return bytes stored
     */
    static int write(Message message, Pointer header, boolean datagram) {
        int[] done = new int[1];
        forParts(header, (part, length) -> {
            int count = Math.min(length, message.data.length - done[0]);
            Words.write(Words.cut(message.data, done[0], count), part);
            done[0] += count;
            return done[0] < message.data.length;
        });
        int flags = message.flags | (datagram && done[0] < message.data.length ? MSG_TRUNC : 0);
        long name = header.getLong(0);
        if (name != 0) {
            int length = Math.min(header.getInt(8), message.name.length);
            Words.write(Words.cut(message.name, 0, length), at(name));
            header.putInt(8, message.name.length);
        }
        flags |= writeControls(message, header);
        header.putInt(44, flags);
        return done[0];
    }

    /** Whole ones only. @return MSG_CTRUNC if there was no room for all */
    private static int writeControls(Message message, Pointer header) {
        int room = header.getLong(32) == 0 ? 0 : header.getInt(40);
        int used = 0;
        int flags = 0;
        for (Control control : message.controls) {
            int length = CONTROL_DATA + control.data().length;
            if (length > room - used) {
                flags = MSG_CTRUNC;
                break;
            }
            byte[] bytes = new byte[Math.min(align(length), room - used)];
            Words.put32(bytes, 0, length);
            Words.put32(bytes, 4, control.level());
            Words.put32(bytes, 8, control.type());
            Words.copy(control.data(), bytes, CONTROL_DATA);
            Words.write(bytes, at(header.getLong(32) + used));
            used += bytes.length;
        }
        header.putInt(40, used);
        return flags;
    }

    /** Whether rights of so many descriptors would find room, beside nothing else. */
    static boolean hasRoomForRights(Pointer header, int count) {
        return header.getLong(32) != 0 && header.getInt(40) >= CONTROL_DATA + 4 * count;
    }
}
