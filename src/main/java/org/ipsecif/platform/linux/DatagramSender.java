package org.ipsecif.platform.linux;

import java.nio.ByteOrder;
import org.ipsecif.platform.DatagramRun;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.OuterHeader;

/**
 * What one thread needs to send runs of datagrams: by UDP_SEGMENT (udp(7)) a run in one call, which the kernel or the network card cuts;
 * else by sendmmsg(2).
 */
final class DatagramSender {
    private static final int SOL_UDP = 17;
    private static final int UDP_SEGMENT = 103;
    private static final int EIO = 5;
    private static final int EINVAL = 22;
    private static final int EMSGSIZE = 90;

    // ip(7) and ipv6(7), linux/in.h and linux/in6.h
    private static final int IP_TOS = 1;
    private static final int IP_TTL = 2;
    private static final int IPV6_FLOWINFO = 11;
    private static final int IPV6_HOPLIMIT = 52;
    private static final int IPV6_DONTFRAG = 62;
    private static final int IPV6_TCLASS = 67;

    /** What all threads that send by one transport have learned of its kernel. */
    static final class Abilities {
        /** Kernels before 5.3 take only labels that were leased. */
        volatile boolean flowLabels = true;

        /** Kernels before 4.18 have no UDP_SEGMENT; where the way out makes no checksums, they refuse it with EIO. */
        volatile boolean segments;

        Abilities(boolean segments) {
            this.segments = segments;
        }
    }

    private final Abilities abilities;
    private final boolean inet;
    private final int port;
    private final MessageVector messages;
    private final int controls;
    private UdpEndpoint remote;

    /** @param port whether the remote port is used at all: not by raw sockets */
    DatagramSender(IpAddress local, int port, Abilities abilities) {
        this.abilities = abilities;
        this.port = port;
        inet = local.family() == Family.INET;
        controls = inet ? 2 : 4;
        byte[] address = LinuxSockets.sockaddr(local, port);
        remote = new UdpEndpoint(local, port);
        messages = new MessageVector(DatagramRun.MAX_DATAGRAMS, address.length, controls + 1, true);
        if (inet) {
            messages.setControl(0, LinuxSockets.IPPROTO_IP, IP_TOS, Integer.BYTES);
            messages.setControl(1, LinuxSockets.IPPROTO_IP, IP_TTL, Integer.BYTES);
        } else {
            messages.setControl(0, LinuxSockets.IPPROTO_IPV6, IPV6_TCLASS, Integer.BYTES);
            messages.setControl(1, LinuxSockets.IPPROTO_IPV6, IPV6_HOPLIMIT, Integer.BYTES);
            messages.setControl(2, LinuxSockets.IPPROTO_IPV6, IPV6_FLOWINFO, Integer.BYTES);
            messages.setControl(3, LinuxSockets.IPPROTO_IPV6, IPV6_DONTFRAG, Integer.BYTES);
        }
        messages.setControl(controls, SOL_UDP, UDP_SEGMENT, Short.BYTES);
        messages.setName(address);
        for (int i = 0; i < DatagramRun.MAX_DATAGRAMS; i++) {
            messages.useControls(i, controls);
        }
    }

    /** As {@link EspTransport#send(DatagramRun, UdpEndpoint, OuterHeader)}, by this socket. */
    int send(int fd, DatagramRun run, UdpEndpoint to, OuterHeader outer) {
        address(to);
        messages.setValue(0, outer.trafficClass());
        messages.setValue(1, outer.hopLimit());
        if (!inet) {
            setLabel(abilities.flowLabels ? outer.flowLabel() : 0);
            messages.setValue(3, outer.dontFragment() ? 1 : 0);
        }
        boolean refused = false;
        if (run.count() > 1 && abilities.segments) {
            int result = sendSegmented(fd, run);
            if (result == 0) {
                run.clear();
                return 0;
            }
            if (result != EINVAL && result != EMSGSIZE && result != EIO) {
                return result;
            }
            refused = result == EIO;
        }
        int result = sendEach(fd, run);
        if (result == EINVAL && !inet && abilities.flowLabels && outer.flowLabel() != 0) {
            abilities.flowLabels = false;
            setLabel(0);
            result = sendEach(fd, run);
        }
        if (refused && result == 0) {
            abilities.segments = false;
        }
        return result == EMSGSIZE ? EspTransport.TOO_BIG : result;
    }

    private void address(UdpEndpoint to) {
        if (!remote.equals(to)) {
            messages.setName(LinuxSockets.sockaddr(to.address(), port == 0 ? 0 : to.port()));
            remote = to;
        }
    }

    private void setLabel(int label) {
        messages.setValue(2, ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? label : Integer.reverseBytes(label));
    }

    private int sendSegmented(int fd, DatagramRun run) {
        messages.setPayload(0, run.buffer().address() + run.offset(), run.length());
        messages.setShort(controls, run.segment());
        messages.useControls(0, controls + 1);
        int result = LibC.LIBC.sendmsg(fd, messages.pointer(), 0) >= 0 ? 0 : Errno.last();
        messages.useControls(0, controls);
        return result;
    }

    private int sendEach(int fd, DatagramRun run) {
        while (!run.isEmpty()) {
            int count = run.count();
            long address = run.buffer().address() + run.offset();
            for (int i = 0; i < count; i++) {
                int from = i * run.segment();
                messages.setPayload(i, address + from, Math.min(run.segment(), run.length() - from));
            }
            int sent = count == 1
                    ? LibC.LIBC.sendmsg(fd, messages.pointer(), 0) >= 0 ? 1 : -1
                    : LibC.LIBC.sendmmsg(fd, messages.pointer(), count, 0);
            if (sent <= 0) {
                return Errno.last();
            }
            run.skip(sent);
        }
        return 0;
    }
}
