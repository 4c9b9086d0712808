package org.ipsecif.platform.freebsd.sim;

/** The machine of bpf(4): its check of a program, and its run (net/bpf_filter.c). struct bpf_insn: code u16, jt u8, jf u8, k u32. */
final class BpfProgram {
    private static final int MOST = 512;
    private static final int WORDS = 16;

    private final byte[] code;
    private final int length;

    /** @throws KernelError EINVAL as bpf_setf does */
    BpfProgram(byte[] code) {
        this.code = code;
        length = code.length / 8;
        KernelError.when(length == 0 || length > MOST || !isValid(), KernelError.EINVAL);
    }

    private int code(int at) {
        return Words.u16(code, 8 * at);
    }

    private int jumpTrue(int at) {
        return Words.u8(code, 8 * at + 2);
    }

    private int jumpFalse(int at) {
        return Words.u8(code, 8 * at + 3);
    }

    private int k(int at) {
        return Words.i32(code, 8 * at + 4);
    }

    private boolean isValid() {
        for (int at = 0; at < length; at++) {
            int kind = code(at) & 7;
            long k = Integer.toUnsignedLong(k(at));
            int rest = length - at - 1;
            if (kind == 5) { // BPF_JMP
                boolean ends = (code(at) & 0xf0) == 0 ? k < rest : jumpTrue(at) < rest && jumpFalse(at) < rest;
                if (!ends || (code(at) & 0xf0) > 0x40) {
                    return false;
                }
            }
            boolean memory = kind == 2 || kind == 3 || (kind == 0 || kind == 1) && (code(at) & 0xe0) == 0x60;
            boolean divides = kind == 4 && (code(at) & 0xf8) == 0x30 && k == 0;
            if (memory && k >= WORDS || divides) {
                return false;
            }
        }
        return (code(length - 1) & 7) == 6;
    }

    /** @return bytes of the packet that it takes, as an unsigned number; 0: none */
    long run(byte[] packet) {
        int a = 0;
        int x = 0;
        int[] memory = new int[WORDS];
        for (int at = 0; at < length; at++) {
            int instruction = code(at);
            long k = Integer.toUnsignedLong(k(at));
            switch (instruction & 7) {
                case 0 -> { // BPF_LD
                    switch (instruction & 0xe0) {
                        case 0x00 -> a = (int) k;
                        case 0x60 -> a = memory[(int) k];
                        case 0x80 -> a = packet.length;
                        default -> {
                            long from = (instruction & 0xe0) == 0x40 ? k + Integer.toUnsignedLong(x) : k;
                            int size = (instruction & 0x18) == 0 ? 4 : (instruction & 0x18) == 8 ? 2 : 1;
                            if (from + size > packet.length) {
                                return 0;
                            }
                            a = load(packet, (int) from, size);
                        }
                    }
                }
                case 1 -> { // BPF_LDX
                    switch (instruction & 0xe0) {
                        case 0x00 -> x = (int) k;
                        case 0x60 -> x = memory[(int) k];
                        case 0x80 -> x = packet.length;
                        default -> {
                            if (k >= packet.length) {
                                return 0;
                            }
                            x = (packet[(int) k] & 0xf) << 2;
                        }
                    }
                }
                case 2 -> memory[(int) k] = a;
                case 3 -> memory[(int) k] = x;
                case 4 -> {
                    int by = (instruction & 8) != 0 ? x : (int) k;
                    if ((instruction & 0xf0) == 0x30 && by == 0) {
                        return 0;
                    }
                    a = calculate(instruction & 0xf0, a, by);
                }
                case 5 -> at += jump(at, a, x);
                case 6 -> {
                    return (instruction & 0x18) == 0x10 ? Integer.toUnsignedLong(a) : k;
                }
                default -> {
                    if ((instruction & 0xf8) == 0) {
                        x = a; // TAX
                    } else {
                        a = x; // TXA
                    }
                }
            }
        }
        return 0;
    }

    private static int load(byte[] packet, int at, int size) {
        return size == 4 ? Words.net32(packet, at) : size == 2 ? Words.net16(packet, at) : Words.u8(packet, at);
    }

    private static int calculate(int operation, int a, int by) {
        return switch (operation) {
            case 0x00 -> a + by;
            case 0x10 -> a - by;
            case 0x20 -> a * by;
            case 0x30 -> Integer.divideUnsigned(a, by);
            case 0x40 -> a | by;
            case 0x50 -> a & by;
            case 0x60 -> a << by;
            case 0x70 -> a >>> by;
            default -> -a;
        };
    }

    private int jump(int at, int a, int x) {
        int operation = code(at) & 0xf0;
        if (operation == 0) {
            return k(at);
        }
        int with = (code(at) & 8) != 0 ? x : k(at);
        int compared = Integer.compareUnsigned(a, with);
        boolean holds = switch (operation) {
            case 0x10 -> compared == 0;
            case 0x20 -> compared > 0;
            case 0x30 -> compared >= 0;
            default -> (a & with) != 0;
        };
        return holds ? jumpTrue(at) : jumpFalse(at);
    }
}
