package org.ipsecif.platform.freebsd;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.IpProtocol;

/**
 * Programs for bpf(4) that let ESP to one address through, and fragments of it; over IPv6 also what begins with a header that ESP may stand
 * behind, since a program cannot go from header to header. Instructions are net/bpf.h's.
 *
 * <pre>
 * struct bpf_insn    { u_short code; u_char jt, jf; bpf_u_int32 k; };   // 8
 * struct bpf_program { u_int bf_len; struct bpf_insn *bf_insns; };      // 16
 * </pre>
 */
final class EspFilter {
    /** No packet is longer. */
    static final int WHOLE = 0x40000;

    /** A link layer that there is no program for. */
    static final int UNKNOWN = -1;

    private static final int ETHERNET_HEADER = 14;
    private static final int ETHERNET_TYPE = 12;
    private static final int ETHERTYPE_IP = 0x0800;
    private static final int ETHERTYPE_IPV6 = 0x86dd;
    private static final int NULL_HEADER = 4;

    private static final int LOAD_BYTE = BpfAbi.BPF_LD | BpfAbi.BPF_B | BpfAbi.BPF_ABS;
    private static final int LOAD_HALF = BpfAbi.BPF_LD | BpfAbi.BPF_H | BpfAbi.BPF_ABS;
    private static final int LOAD_WORD = BpfAbi.BPF_LD | BpfAbi.BPF_W | BpfAbi.BPF_ABS;
    private static final int IF_EQUAL = BpfAbi.BPF_JMP | BpfAbi.BPF_JEQ | BpfAbi.BPF_K;
    private static final int IF_LEAST = BpfAbi.BPF_JMP | BpfAbi.BPF_JGE | BpfAbi.BPF_K;
    private static final int RETURN = BpfAbi.BPF_RET | BpfAbi.BPF_K;

    private static final int[] BEFORE_ESP = {
        IpProtocol.ESP, IpProtocol.FRAGMENT, IpProtocol.HOP_BY_HOP, IpProtocol.DESTINATION_OPTIONS, IpProtocol.ROUTING
    };

    /** Where a jump goes to, until it is known how far that is: the end of the program, or its last but one. */
    private static final int REJECT = 0xff;

    private static final int MOST = 24;

    private final ByteBuffer program =
            ByteBuffer.allocate(MOST * BpfAbi.SIZEOF_BPF_INSN).order(ByteOrder.nativeOrder());

    private EspFilter() {}

    /** Bytes before the IP header on such a link layer (DLT_* of net/dlt.h), or {@link #UNKNOWN}. */
    static int linkHeader(int linkType) {
        return switch (linkType) {
            case BpfAbi.DLT_EN10MB -> ETHERNET_HEADER;
            case BpfAbi.DLT_NULL, BpfAbi.DLT_LOOP -> NULL_HEADER;
            case BpfAbi.DLT_RAW -> 0;
            default -> UNKNOWN;
        };
    }

    /** A program that lets nothing through. */
    static byte[] nothing() {
        EspFilter filter = new EspFilter();
        filter.add(RETURN, 0, 0, 0);
        return filter.finish();
    }

    /** @param linkType of which {@link #linkHeader} is known */
    static byte[] to(IpAddress local, int linkType) {
        EspFilter filter = new EspFilter();
        int ip = linkHeader(linkType);
        filter.linkLayer(linkType, local.family());
        if (local.family() == Family.INET) {
            filter.inet(ip, local);
        } else {
            filter.inet6(ip, local);
        }
        filter.add(RETURN, 0, 0, WHOLE);
        filter.add(RETURN, 0, 0, 0);
        return filter.finish();
    }

    private void linkLayer(int linkType, Family family) {
        boolean inet = family == Family.INET;
        if (linkType == BpfAbi.DLT_EN10MB) {
            add(LOAD_HALF, 0, 0, ETHERNET_TYPE);
            require(inet ? ETHERTYPE_IP : ETHERTYPE_IPV6);
        } else if (linkType == BpfAbi.DLT_NULL) {
            // The address family in the host's own order, which a load takes for the network's.
            int domain = Sockaddr.number(family);
            add(LOAD_WORD, 0, 0, 0);
            require(ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? domain : Integer.reverseBytes(domain));
        } else if (linkType == BpfAbi.DLT_LOOP) {
            add(LOAD_WORD, 0, 0, 0);
            require(Sockaddr.number(family));
        }
    }

    private void inet(int ip, IpAddress local) {
        version(ip, 4);
        add(LOAD_BYTE, 0, 0, ip + 9);
        require(IpProtocol.ESP);
        add(LOAD_WORD, 0, 0, ip + 16);
        require((int) local.low());
    }

    private void inet6(int ip, IpAddress local) {
        version(ip, 6);
        add(LOAD_BYTE, 0, 0, ip + 6);
        for (int i = 0; i < BEFORE_ESP.length - 1; i++) {
            add(IF_EQUAL, BEFORE_ESP.length - 1 - i, 0, BEFORE_ESP[i]);
        }
        require(BEFORE_ESP[BEFORE_ESP.length - 1]);
        for (int i = 0; i < 4; i++) {
            add(LOAD_WORD, 0, 0, ip + 24 + 4 * i);
            require((int) ((i < 2 ? local.high() : local.low()) >>> (32 * (1 - i % 2))));
        }
    }

    private void version(int ip, int version) {
        add(LOAD_BYTE, 0, 0, ip);
        add(IF_LEAST, 0, REJECT, version << 4);
        add(IF_LEAST, REJECT, 0, (version + 1) << 4);
    }

    /** Lets nothing through that has not this value. */
    private void require(int value) {
        add(IF_EQUAL, 0, REJECT, value);
    }

    private void add(int code, int ifTrue, int ifFalse, int value) {
        program.putShort((short) code).put((byte) ifTrue).put((byte) ifFalse).putInt(value);
    }

    /** Has the jumps that reject go to the last instruction. */
    private byte[] finish() {
        int length = program.position();
        int last = length / BpfAbi.SIZEOF_BPF_INSN - 1;
        for (int i = 0; i <= last; i++) {
            int at = i * BpfAbi.SIZEOF_BPF_INSN;
            resolve(at + BpfAbi.BPF_INSN_JT, last - i - 1);
            resolve(at + BpfAbi.BPF_INSN_JF, last - i - 1);
        }
        byte[] bytes = new byte[length];
        program.get(0, bytes);
        return bytes;
    }

    private void resolve(int at, int distance) {
        if ((program.get(at) & 0xff) == REJECT) {
            program.put(at, (byte) distance);
        }
    }
}
