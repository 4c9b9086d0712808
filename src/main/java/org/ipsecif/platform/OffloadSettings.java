package org.ipsecif.platform;

/**
 * What the host may do for the packet path, where it can. All of it off, the same packets come and go, one by one, and
 * in the order in which they came.
 *
 * @param tun packets from and to the TUN device may be joined, their checksums left out (TSO, USO and their opposite)
 * @param send several ESP packets go to the host at once (UDP_SEGMENT, sendmmsg)
 * @param receive several come at once (UDP_GRO, recvmmsg)
 * @param priority control traffic has queues of its own, which go first
 */
public record OffloadSettings(boolean tun, boolean send, boolean receive, boolean priority) {
    public static final OffloadSettings ALL = new OffloadSettings(true, true, true, true);
    public static final OffloadSettings NONE = new OffloadSettings(false, false, false, false);
}
