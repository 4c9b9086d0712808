package org.ipsecif.esp;

import org.ipsecif.sa.OuterHeaderSettings;
import org.ipsecif.wire.Bytes;
import org.ipsecif.wire.Checksum;
import org.ipsecif.wire.OuterHeader;
import org.ipsecif.wire.PacketView;

/** The fields that pass between inner and outer IP headers: RFC 4301 section 5.1.2, RFC 6040 (ECN), RFC 2983 (DSCP). */
public final class TunnelHeaders {
    private static final int ECN_MASK = 3;
    private static final int NOT_ECT = 0;
    private static final int ECT1 = 1;
    private static final int CE = 3;

    private TunnelHeaders() {}

    /** What the outer header says around {@code inner}. */
    public static void encapsulate(OuterHeaderSettings settings, PacketView inner, OuterHeader outer) {
        int dscp =
                settings.dscp() == OuterHeaderSettings.COPY ? inner.trafficClass() & ~ECN_MASK : settings.dscp() << 2;
        int ecn = settings.ecn() == OuterHeaderSettings.Ecn.NORMAL ? inner.trafficClass() & ECN_MASK : NOT_ECT;
        int hopLimit = settings.hopLimit() == OuterHeaderSettings.COPY ? inner.hopLimit() : settings.hopLimit();
        int flowLabel = settings.flowLabel() == OuterHeaderSettings.COPY ? inner.flowLabel() : settings.flowLabel();
        boolean dontFragment = switch (settings.df()) {
            case COPY -> inner.dontFragment();
            case SET -> true;
            case CLEAR -> false;
        };
        outer.set(dscp | ecn, Math.max(1, hopLimit), flowLabel, dontFragment);
    }

    /**
     * Brings what the outer header says into the inner packet, in place.
     *
     * @param outerTrafficClass TOS or traffic class as it arrived
     * @param inner of the packet at {@code offset}
     * @return false if the packet must be dropped: congestion was experienced outside, and the inner packet's sender would never
     *     learn of it (RFC 6040 section 4.2)
     */
    public static boolean decapsulate(
            OuterHeaderSettings settings, int outerTrafficClass, PacketView inner, byte[] packet, int offset) {
        int before = inner.trafficClass();
        int ecn = ecn(before & ECN_MASK, outerTrafficClass & ECN_MASK);
        if (ecn < 0) {
            return false;
        }
        int dscp = (settings.copyDscpInbound() ? outerTrafficClass : before) & ~ECN_MASK;
        if ((dscp | ecn) != before) {
            setTrafficClass(inner.isInet6(), packet, offset, dscp | ecn);
        }
        return true;
    }

    /** RFC 6040 figure 4. @return the inner field, or -1 to drop */
    static int ecn(int inner, int outer) {
        if (inner == NOT_ECT) {
            return outer == CE ? -1 : NOT_ECT;
        }
        if (outer == CE) {
            return CE;
        }
        return outer == ECT1 && inner != CE ? ECT1 : inner;
    }

    private static void setTrafficClass(boolean inet6, byte[] packet, int offset, int value) {
        if (inet6) {
            Bytes.put32(packet, offset, (Bytes.i32(packet, offset) & ~0x0ff0_0000) | (value << 20));
            return;
        }
        int before = Bytes.u16(packet, offset);
        int after = (before & 0xff00) | value;
        Bytes.put16(packet, offset, after);
        Bytes.put16(packet, offset + 10, Checksum.update(Bytes.u16(packet, offset + 10), before, after));
    }
}
