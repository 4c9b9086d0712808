package org.ipsecif.platform;

/**
 * What the host may do for the packet path, where it can. All of it off, the same packets come and go, one by one.
 *
 * @param tun packets from and to the TUN device may be joined, their checksums left out (TSO, USO and their opposite)
 * @param send several ESP packets go to the host at once (UDP_SEGMENT, sendmmsg)
 * @param receive several come at once (UDP_GRO, recvmmsg)
 */
public record OffloadSettings(boolean tun, boolean send, boolean receive) {
    public static final OffloadSettings ALL = new OffloadSettings(true, true, true);
    public static final OffloadSettings NONE = new OffloadSettings(false, false, false);
}
