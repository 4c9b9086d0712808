package org.ipsecif.platform.freebsd.sim;

import java.util.ArrayList;
import java.util.List;

/** What sendmsg(2) and recvmsg(2) carry. */
final class Message {
    static final int SOL_SOCKET = 0xffff;
    static final int SCM_RIGHTS = 1;

    /** struct cmsghdr with its data. */
    record Control(int level, int type, byte[] data) {
        int i32() {
            KernelError.when(data.length != 4, KernelError.EINVAL);
            return Words.i32(data, 0);
        }
    }

    final byte[] data;

    /** A sockaddr; empty if there is none. */
    final byte[] name;

    final List<Control> controls = new ArrayList<>();

    /** In flight: each is referred to once by this message. */
    final List<OpenFile> rights = new ArrayList<>();

    /** MSG_*. */
    int flags;

    Message(byte[] data, byte[] name) {
        this.data = data;
        this.name = name;
    }

    /** Likewise with other data. */
    Message with(byte[] other) {
        Message message = new Message(other, name);
        message.controls.addAll(controls);
        message.rights.addAll(rights);
        message.flags = flags;
        return message;
    }
}
