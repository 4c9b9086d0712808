package org.ipsecif.platform.linux;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.LibC;

/**
 * Two programs that run in the kernel and choose a queue: 1 for control traffic, 0 for everything else. Instructions are those of
 * linux/bpf.h (bpf(2), Documentation/bpf/standardization/instruction-set.rst) and linux/filter.h.
 *
 * <pre>
 * struct bpf_insn    { u8 code; u8 dst:4, src:4 (from the low bits on little-endian hosts); s16 off; s32 imm; };   // 8
 * struct sock_filter { u16 code; u8 jt, jf; u32 k; };                                                            // 8
 * union  bpf_attr    { u32 prog_type, insn_cnt; u64 insns, license; u32 log_level, log_size; u64 log_buf;
 *                      u32 kern_version, prog_flags; };                                                          // 48
 * </pre>
 */
final class Bpf {
    static final int INSTRUCTION = 8;

    /** No program: the kernel or our rights do not allow it. */
    static final int NONE = -1;

    private static final int BPF_PROG_LOAD = 5;
    private static final int BPF_PROG_TYPE_SOCKET_FILTER = 1;
    private static final int BPF_ATTR = 48;

    /** bpf(2) by architecture, as Java names it. */
    private static final Map<String, Integer> SYSCALLS =
            Map.of("amd64", 321, "aarch64", 280, "riscv64", 280, "ppc64le", 361, "s390x", 351);

    private static final int LD_ABS_HALF = 0x28;
    private static final int MOV_REGISTER = 0xbf;
    private static final int MOV = 0xb7;
    private static final int SHIFT_RIGHT = 0x77;
    private static final int AND = 0x57;
    private static final int JUMP_NOT_EQUAL = 0x55;
    private static final int EXIT = 0x95;

    private static final int LOAD_WORD = 0x20;
    private static final int LOAD_LENGTH = 0x80;
    private static final int LOAD_WORD_AT_X = 0x40;
    private static final int ADD = 0x04;
    private static final int TO_X = 0x07;
    private static final int IF_EQUAL = 0x15;
    private static final int IF_EQUAL_X = 0x1d;
    private static final int RETURN = 0x06;

    /** RFC 3948 section 2.2: four bytes before an IKE message, which says its own length at byte 24 (RFC 7296 section 3.1). */
    private static final int MARKER = 4;

    private static final int IKE_LENGTH = MARKER + 24;

    /** The upper two bits of the traffic class, set in CS6 and CS7 (RFC 2474 section 4.2.2.2, RFC 4594 section 3.1). */
    private static final int CONTROL = 0xc0;

    private Bpf() {}

    /**
     * eBPF, of a packet that begins with its IP header: whether its traffic class is that of network control, 110xxx or 111xxx.
     * BPF_LD_ABS wants the packet in register 6.
     */
    static byte[] steering() {
        ByteBuffer program = ByteBuffer.allocate(12 * INSTRUCTION).order(ByteOrder.nativeOrder());
        extended(program, MOV_REGISTER, 6, 1, 0, 0);
        extended(program, LD_ABS_HALF, 0, 0, 0, 0); // version and the rest of the first two bytes; too short: returns 0
        extended(program, MOV_REGISTER, 7, 0, 0, 0);
        extended(program, SHIFT_RIGHT, 7, 0, 0, 12);
        extended(program, JUMP_NOT_EQUAL, 7, 0, 1, 6);
        extended(program, SHIFT_RIGHT, 0, 0, 0, 4); // IPv6 has its traffic class four bits further left
        extended(program, AND, 0, 0, 0, CONTROL);
        extended(program, MOV_REGISTER, 7, 0, 0, 0);
        extended(program, MOV, 0, 0, 0, 0);
        extended(program, JUMP_NOT_EQUAL, 7, 0, 1, CONTROL);
        extended(program, MOV, 0, 0, 0, 1);
        extended(program, EXIT, 0, 0, 0, 0);
        return program.array();
    }

    private static void extended(ByteBuffer program, int code, int destination, int source, int offset, int value) {
        boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        int registers = little ? source << 4 | destination : destination << 4 | source;
        program.put((byte) code).put((byte) registers).putShort((short) offset).putInt(value);
    }

    /**
     * Classic BPF, of the payload of a datagram on port 4500: whether it is IKE. What the kernel has put together from several datagrams
     * (UDP_GRO) and begins with IKE only counts as IKE if what follows the first message is IKE too, lest ESP overtake ESP. A
     * load from beyond the end returns 0.
     */
    static byte[] ikeOrEsp() {
        ByteBuffer program = ByteBuffer.allocate(11 * INSTRUCTION).order(ByteOrder.nativeOrder());
        classic(program, LOAD_WORD, 0, 0, 0);
        classic(program, IF_EQUAL, 0, 7, 0);
        classic(program, LOAD_WORD, 0, 0, IKE_LENGTH);
        classic(program, ADD, 0, 0, MARKER);
        classic(program, TO_X, 0, 0, 0);
        classic(program, LOAD_LENGTH, 0, 0, 0);
        classic(program, IF_EQUAL_X, 3, 0, 0);
        classic(program, LOAD_WORD_AT_X, 0, 0, 0);
        classic(program, IF_EQUAL, 1, 0, 0);
        classic(program, RETURN, 0, 0, 0);
        classic(program, RETURN, 0, 0, 1);
        return program.array();
    }

    private static void classic(ByteBuffer program, int code, int ifTrue, int ifFalse, int value) {
        program.putShort((short) code).put((byte) ifTrue).put((byte) ifFalse).putInt(value);
    }

    /** Hands {@link #steering} to the kernel, which asks for CAP_BPF or CAP_SYS_ADMIN. @return a descriptor, or {@link #NONE} */
    static int loadSteering() {
        Integer number = SYSCALLS.get(System.getProperty("os.arch", ""));
        if (number == null) {
            return NONE;
        }
        DirectBuffer program = DirectBuffer.of(steering());
        DirectBuffer license = DirectBuffer.of("BSD\0".getBytes(StandardCharsets.US_ASCII));
        DirectBuffer attributes = new DirectBuffer(BPF_ATTR);
        attributes
                .bytes()
                .putInt(0, BPF_PROG_TYPE_SOCKET_FILTER)
                .putInt(4, program.size() / INSTRUCTION)
                .putLong(8, program.pointer().address())
                .putLong(16, license.pointer().address());
        try {
            return (int) LibC.LIBC.syscall(number, BPF_PROG_LOAD, attributes.pointer(), BPF_ATTR);
        } finally {
            Reference.reachabilityFence(program);
            Reference.reachabilityFence(license);
        }
    }
}
