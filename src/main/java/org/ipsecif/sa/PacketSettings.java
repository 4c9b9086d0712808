package org.ipsecif.sa;

/**
 * What an interface does to packets beside ESP itself.
 *
 * @param header how outer headers are made
 * @param mss bytes to which the segment size of TCP SYNs is lowered, in both directions: {@link #MSS_OFF}, {@link #MSS_AUTO} (what
 *     fits the interface), or 64 to 65,495
 * @param padToMtu traffic flow confidentiality: every packet is made as long as the longest (RFC 4303 section 2.7)
 * @param dummiesPerSecond dummy packets sent (RFC 4303 section 2.6), 0 to {@link #MAX_DUMMIES}
 */
public record PacketSettings(OuterHeaderSettings header, int mss, boolean padToMtu, int dummiesPerSecond) {
    public static final int MSS_OFF = 0;
    public static final int MSS_AUTO = -1;
    public static final int MIN_MSS = 64;
    public static final int MAX_MSS = 65_495;
    public static final int MAX_DUMMIES = 1_000;

    public static final PacketSettings DEFAULT = new PacketSettings(OuterHeaderSettings.DEFAULT, MSS_OFF, false, 0);

    public PacketSettings withHeader(OuterHeaderSettings value) {
        return new PacketSettings(value, mss, padToMtu, dummiesPerSecond);
    }

    public PacketSettings withMss(int value) {
        return new PacketSettings(header, value, padToMtu, dummiesPerSecond);
    }

    public PacketSettings withTfc(boolean pad, int dummies) {
        return new PacketSettings(header, mss, pad, dummies);
    }
}
