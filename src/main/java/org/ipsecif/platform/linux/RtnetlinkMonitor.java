package org.ipsecif.platform.linux;

import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.LinkMonitor;
import org.ipsecif.platform.posix.DescriptorChannel;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.LibC;

/** A netlink(7) socket of its own, in the multicast groups of rtnetlink(7) for links and addresses. */
final class RtnetlinkMonitor extends DescriptorChannel implements LinkMonitor {
    private static final int RTMGRP_LINK = 0x1;
    private static final int RTMGRP_IPV4_IFADDR = 0x10;
    private static final int RTMGRP_IPV6_IFADDR = 0x100;
    private static final int GROUPS = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
    private static final int ENOBUFS = 105;
    private static final int RECEIVE_BUFFER = 1 << 20;
    private static final int BUFFER = 1 << 15;

    private final DirectBuffer buffer = new DirectBuffer(BUFFER);

    RtnetlinkMonitor() throws ErrnoException {
        super(Netlink.open(Netlink.NETLINK_ROUTE, LinuxSockets.SOCK_NONBLOCK, GROUPS, RECEIVE_BUFFER));
    }

    @Override
    public int receive() {
        int notices = 0;
        while (true) {
            if (LibC.LIBC.recv(fd(), buffer.pointer(), BUFFER, 0) >= 0) {
                notices++;
                continue;
            }
            int errno = Errno.last();
            if (errno == LinuxSockets.EAGAIN) {
                return notices;
            }
            if (errno == ENOBUFS) {
                notices++; // some are lost
            } else if (errno != Errno.EINTR) {
                return GONE;
            }
        }
    }
}
