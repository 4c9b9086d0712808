package org.ipsecif.platform.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Which queue the programs choose, by an interpreter of the instructions that they use, written from linux/bpf_common.h and
 * linux/filter.h. That the kernel takes them is for {@code UrgentSocketTest} and {@code src/test/netns/priority.sh}.
 */
class BpfTest {
    private static final int STEPS = 100;

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    /** Linux Documentation: a load beyond the end of the packet ends either program with 0. */
    private static long load(byte[] packet, long at, int size) {
        if (at < 0 || at + size > packet.length) {
            return -1;
        }
        long value = 0;
        for (int i = 0; i < size; i++) {
            value = value << 8 | packet[(int) at + i] & 0xff;
        }
        return value;
    }

    private static long extended(byte[] packet) {
        ByteBuffer program = ByteBuffer.wrap(Bpf.steering()).order(ByteOrder.nativeOrder());
        long[] registers = new long[11];
        int pc = 0;
        for (int step = 0; step < STEPS; step++, pc++) {
            int at = pc * Bpf.INSTRUCTION;
            int packed = program.get(at + 1) & 0xff;
            boolean little = program.order() == ByteOrder.LITTLE_ENDIAN;
            int to = little ? packed & 0xf : packed >> 4;
            int from = little ? packed >> 4 : packed & 0xf;
            int offset = program.getShort(at + 2);
            int value = program.getInt(at + 4);
            switch (program.get(at) & 0xff) {
                case 0xbf -> registers[to] = registers[from];
                case 0xb7 -> registers[to] = value;
                case 0x77 -> registers[to] >>>= value;
                case 0x57 -> registers[to] &= value;
                case 0x55 -> pc += registers[to] != value ? offset : 0;
                case 0x28 -> {
                    registers[0] = load(packet, value, 2);
                    if (registers[0] < 0) {
                        return 0;
                    }
                }
                case 0x95 -> {
                    return registers[0];
                }
                default -> throw new AssertionError("instruction at " + pc);
            }
        }
        throw new AssertionError("does not end");
    }

    private static long classic(byte[] packet) {
        ByteBuffer program = ByteBuffer.wrap(Bpf.ikeOrEsp()).order(ByteOrder.nativeOrder());
        long a = 0;
        long x = 0;
        int pc = 0;
        for (int step = 0; step < STEPS; step++, pc++) {
            int at = pc * Bpf.INSTRUCTION;
            int ifTrue = program.get(at + 2);
            int ifFalse = program.get(at + 3);
            long value = Integer.toUnsignedLong(program.getInt(at + 4));
            switch (program.getShort(at)) {
                case 0x20 -> a = load(packet, value, 4);
                case 0x40 -> a = load(packet, (int) (x + value), 4);
                case 0x80 -> a = packet.length;
                case 0x04 -> a = a + value & 0xffff_ffffL;
                case 0x07 -> x = a;
                case 0x15 -> pc += a == value ? ifTrue : ifFalse;
                case 0x1d -> pc += a == x ? ifTrue : ifFalse;
                case 0x06 -> {
                    return value;
                }
                default -> throw new AssertionError("instruction at " + pc);
            }
            if (a < 0) {
                return 0;
            }
        }
        throw new AssertionError("does not end");
    }

    /** RFC 2474, RFC 4594: CS6 is 0xc0, CS7 0xe0, in the second byte of IPv4 and the second and third half byte of IPv6. */
    @ParameterizedTest
    @CsvSource({
        "45c0 0054, 1",
        "45e0 0054, 1",
        "45c3 0054, 1", // ECN is not in it
        "4fff 0054, 1",
        "4500 0054, 0",
        "45b8 0054, 0", // EF
        "45a0 0054, 0", // CS5
        "4580 0054, 0",
        "4540 0054, 0",
        "6c00 0000, 1",
        "6e0f ffff, 1",
        "6c30 0000, 1",
        "6000 0000, 0",
        "60c0 0000, 0", // a flow label
        "6b80 0000, 0",
        "6a00 0000, 0",
        "45, 0",
    })
    void controlTrafficHasTheSecondQueue(String packet, long queue) {
        assertEquals(queue, extended(bytes(packet)));
    }

    @Test
    void everyTrafficClassHasItsQueue() {
        for (int trafficClass = 0; trafficClass < 256; trafficClass++) {
            long queue = trafficClass >= 0xc0 ? 1 : 0;
            assertEquals(queue, extended(new byte[] {0x45, (byte) trafficClass}));
            byte[] inet6 = {(byte) (0x60 | trafficClass >> 4), (byte) (trafficClass << 4 | 0xf)};
            assertEquals(queue, extended(inet6));
        }
    }

    /** RFC 3948 section 2.2 and RFC 7296 section 3.1: a marker, then a header that says its length at byte 24. */
    private static byte[] ike(int length) {
        return ByteBuffer.allocate(4 + length)
                .putLong(4, 0x1122_3344_5566_7788L)
                .putInt(28, length)
                .array();
    }

    private static byte[] joined(byte[]... datagrams) {
        ByteBuffer all = ByteBuffer.allocate(10_000);
        for (byte[] each : datagrams) {
            all.put(each);
        }
        return all.flip().hasRemaining() ? java.util.Arrays.copyOf(all.array(), all.limit()) : new byte[0];
    }

    @ParameterizedTest
    @ValueSource(ints = {28, 76, 1_280})
    void ikeHasTheSecondSocket(int length) {
        assertEquals(1, classic(ike(length)));
        assertEquals(1, classic(joined(ike(length), ike(length), ike(length))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", // empty
                "ff", // keepalive
                "000000", // shorter than a marker
                "00000000", // a marker alone
                "00001001 00000001 0123456789abcdef", // ESP
                "00000000 0011223344556677 8899aabbccddeeff 2e20230800000001 00000030 00", // says that it is longer
            })
    void allElseHasTheFirst(String datagram) {
        assertEquals(0, classic(bytes(datagram)));
    }

    /** What the kernel has joined goes to one socket: never may ESP come with IKE, past ESP that waits. */
    @Test
    void espStaysWithEsp() {
        byte[] esp = bytes("00001001 00000001" + "ab".repeat(80));
        assertEquals(0, classic(joined(ike(88), esp)));
        assertEquals(0, classic(joined(esp, ike(88))));
    }

    @Test
    void lengthsThatAreLiesDoNoHarm() {
        for (int length : new int[] {-4, -1, 0, 27, Integer.MAX_VALUE, Integer.MIN_VALUE, -0x100000}) {
            byte[] datagram = ike(76);
            ByteBuffer.wrap(datagram).putInt(28, length);
            long queue = classic(datagram);
            assertTrue(queue == 0 || queue == 1);
        }
    }
}
