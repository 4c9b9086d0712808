package org.ipsecif.capture;

import org.ipsecif.wire.Bytes;

/** Where the IP packet begins in a captured frame, by LINKTYPE_ (tcpdump.org/linktypes.html). */
final class LinkLayer {
    static final int RAW = 101;
    static final int NOT_IP = -1;
    static final int UNSUPPORTED = -2;

    private static final int NULL = 0;
    private static final int ETHERNET = 1;
    private static final int LOOP = 108;
    private static final int LINUX_SLL = 113;
    private static final int RAW_IPV4 = 228;
    private static final int RAW_IPV6 = 229;
    private static final int LINUX_SLL2 = 276;

    private static final int ETHERTYPE_IPV4 = 0x0800;
    private static final int ETHERTYPE_IPV6 = 0x86dd;
    private static final int ETHERTYPE_VLAN = 0x8100;
    private static final int ETHERTYPE_QINQ = 0x88a8;

    private LinkLayer() {}

    /** @return the offset, {@link #NOT_IP} or {@link #UNSUPPORTED} */
    static int ipOffset(int linkType, byte[] frame, int length) {
        return switch (linkType) {
            case 12, 14, RAW, RAW_IPV4, RAW_IPV6 -> 0; // 12 and 14 are DLT_RAW of some systems
            case NULL, LOOP -> 4;
            case ETHERNET -> afterType(frame, length, 12);
            case LINUX_SLL -> afterType(frame, length, 14);
            case LINUX_SLL2 -> length >= 20 && isIp(Bytes.u16(frame, 0)) ? 20 : NOT_IP;
            default -> UNSUPPORTED;
        };
    }

    /** An EtherType at {@code at}, VLAN tags before it. */
    private static int afterType(byte[] frame, int length, int at) {
        for (int type = at; type + 2 <= length; type += 4) {
            int value = Bytes.u16(frame, type);
            if (value != ETHERTYPE_VLAN && value != ETHERTYPE_QINQ) {
                return isIp(value) ? type + 2 : NOT_IP;
            }
        }
        return NOT_IP;
    }

    private static boolean isIp(int etherType) {
        return etherType == ETHERTYPE_IPV4 || etherType == ETHERTYPE_IPV6;
    }
}
