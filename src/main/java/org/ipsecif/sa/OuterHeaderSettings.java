package org.ipsecif.sa;

/**
 * How an interface makes the outer IP header from the inner one, and what it takes from it on arrival (RFC 4301 section 5.1.2).
 *
 * @param dscp 0 to 63, or {@link #COPY} from the inner packet
 * @param copyDscpInbound whether the inner packet gets the outer DSCP on arrival, RFC 2983's uniform model; else it keeps its
 *     own, the pipe model
 * @param ecn whether congestion outside is told inside
 * @param df the outer IPv4 header's DF; for IPv6, whether this host itself may fragment
 * @param hopLimit outer TTL or hop limit, 1 to 255, or {@link #COPY}
 * @param flowLabel of an outer IPv6 header: 0 to 0xfffff, or {@link #COPY} from an inner IPv6 packet (0 from IPv4)
 */
public record OuterHeaderSettings(int dscp, boolean copyDscpInbound, Ecn ecn, Df df, int hopLimit, int flowLabel) {
    /** Taken from the inner header. */
    public static final int COPY = -1;

    /** Where {@code if_ipsec(4)} and xfrm differ, DF is as in the one, ECN and flow label nearly as in the other: docs/adr/005. */
    public static final OuterHeaderSettings DEFAULT =
            new OuterHeaderSettings(COPY, false, Ecn.NORMAL, Df.CLEAR, 64, COPY);

    /** RFC 6040 section 4.1. */
    public enum Ecn {
        /** The outer header begins with the inner field; marks made on the way come inside. */
        NORMAL,
        /** The outer header says Not-ECT, for a peer that would lose the marks. */
        COMPATIBILITY
    }

    /** RFC 4301 section 8.1. */
    public enum Df {
        COPY,
        SET,
        CLEAR
    }

    /** @throws IllegalArgumentException if a number is out of its range */
    public OuterHeaderSettings {
        check("dscp", dscp, 0, 63);
        check("ttl", hopLimit, 1, 255);
        check("flowlabel", flowLabel, 0, 0xf_ffff);
    }

    private static void check(String name, int value, int least, int most) {
        if (value != COPY && (value < least || value > most)) {
            throw new IllegalArgumentException(name + ": " + value + " is not copy or " + least + " to " + most);
        }
    }

    public OuterHeaderSettings withDscp(int value) {
        return new OuterHeaderSettings(value, copyDscpInbound, ecn, df, hopLimit, flowLabel);
    }

    public OuterHeaderSettings withCopyDscpInbound(boolean value) {
        return new OuterHeaderSettings(dscp, value, ecn, df, hopLimit, flowLabel);
    }

    public OuterHeaderSettings withEcn(Ecn value) {
        return new OuterHeaderSettings(dscp, copyDscpInbound, value, df, hopLimit, flowLabel);
    }

    public OuterHeaderSettings withDf(Df value) {
        return new OuterHeaderSettings(dscp, copyDscpInbound, ecn, value, hopLimit, flowLabel);
    }

    public OuterHeaderSettings withHopLimit(int value) {
        return new OuterHeaderSettings(dscp, copyDscpInbound, ecn, df, value, flowLabel);
    }

    public OuterHeaderSettings withFlowLabel(int value) {
        return new OuterHeaderSettings(dscp, copyDscpInbound, ecn, df, hopLimit, value);
    }
}
