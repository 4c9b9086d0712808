package org.ipsecif.platform.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.KernelEvent;
import org.ipsecif.platform.KernelMonitor;
import org.ipsecif.platform.posix.DescriptorChannel;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.platform.posix.Posix;

/** A netlink(7) socket of its own, in the multicast groups of XFRM (linux/xfrm.h). */
final class XfrmMonitor extends DescriptorChannel implements KernelMonitor {
    private static final int XFRMGRP_ACQUIRE = 1;
    private static final int XFRMGRP_EXPIRE = 2;
    private static final int XFRMGRP_SA = 4;
    private static final int XFRMGRP_POLICY = 8;
    private static final int ENOBUFS = 105;
    private static final int GROUPS = XFRMGRP_ACQUIRE | XFRMGRP_EXPIRE | XFRMGRP_SA | XFRMGRP_POLICY;
    private static final int BUFFER = 1 << 16;

    private final DirectBuffer buffer = new DirectBuffer(BUFFER);
    private final XfrmEventReader reader = new XfrmEventReader(new XfrmPolicyReader(Posix.POLLING::interfaceName));

    /** @param receiveBuffer bytes, beyond which events are lost */
    XfrmMonitor(int receiveBuffer) throws ErrnoException {
        super(Netlink.open(Netlink.NETLINK_XFRM, LinuxSockets.SOCK_NONBLOCK, GROUPS, receiveBuffer));
    }

    @Override
    public int receive(Consumer<KernelEvent> listener) {
        int length = (int) LibC.LIBC.recv(fd(), buffer.pointer(), BUFFER, 0);
        if (length >= 0) {
            byte[] copy = new byte[length];
            buffer.bytes().get(0, copy);
            read(ByteBuffer.wrap(copy).order(ByteOrder.nativeOrder()), listener);
            return Math.max(1, length);
        }
        int errno = Errno.last();
        if (errno == ENOBUFS) {
            listener.accept(new KernelEvent.Lost());
            return 1;
        }
        return errno == LinuxSockets.EAGAIN || errno == Errno.EINTR ? NOTHING : GONE;
    }

    private void read(ByteBuffer datagram, Consumer<KernelEvent> listener) {
        while (datagram.remaining() >= NetlinkWriter.HEADER) {
            KernelEvent event = reader.read(Netlink.Message.next(datagram));
            if (event != null) {
                listener.accept(event);
            }
        }
    }
}
