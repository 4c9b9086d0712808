package org.ipsecif.platform.freebsd;

import static org.ipsecif.platform.freebsd.ScriptedLibC.bytes;
import static org.ipsecif.platform.freebsd.ScriptedLibC.digits;
import static org.ipsecif.platform.freebsd.ScriptedLibC.fail;
import static org.ipsecif.platform.freebsd.ScriptedLibC.hex;
import static org.ipsecif.platform.freebsd.ScriptedLibC.put;
import static org.ipsecif.platform.freebsd.ScriptedLibC.unhex;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import jnr.ffi.Pointer;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpAddress;
import org.junit.jupiter.api.Test;

/** Answers of sysctl's NET_RT_IFLIST byte by byte, written by hand from the table of FreeBSD's structures (freebsd-abi.md). */
class InterfaceTableTest {
    /** Type, four sizes, link state up, vhid, length 152; MTU 1400, metric; then fourteen counters, two times. */
    private static final String DATA = "17 00 00 00 02 00 9800 78050000 00000000"
            + " 00*8 00*8 00*8 00*8 0300000000000000 00*8 00*8 00*8 00*8 00*8 00*8 0700000000000000 00*8 00*8  00*8 00*16";

    /** 168 and a struct sockaddr_dl of 54, which takes 56: ipsec0, index 9. */
    private static final String IPSEC0 =
            "e000 05 0e 10000000 51800000 0900 0000 " + DATA + " 36 12 0900 17 06 00 00 697073656330 00*40 00*2 ";

    /** Netmask, address, destination. */
    private static final String INET = "4400 05 0c a4000000 05000000 0900 0000 00000000"
            + " 10020000 fffffffc 00*8  10020000 0a010001 00*8  10020000 0a010002 00*8 ";

    private final ScriptedLibC kernel = new ScriptedLibC();

    private static List<InterfaceTable.Entry> parse(String... messages) {
        byte[] all = unhex(String.join(" ", messages));
        ByteBuffer buffer = ByteBuffer.wrap(all).order(ByteOrder.nativeOrder());
        return InterfaceTable.parse(new RoutingMessage(buffer, all.length));
    }

    private static InnerAddress address(String local, int length, String remote) {
        return new InnerAddress(IpAddress.parse(local), length, remote.isEmpty() ? null : IpAddress.parse(remote));
    }

    @Test
    void interfaceAndItsAddress() {
        InterfaceTable.Entry entry = parse(IPSEC0, INET).get(0);
        assertEquals("ipsec0", entry.name());
        assertEquals(9, entry.index());
        assertEquals(0x8051, entry.flags());
        assertEquals(2, entry.linkState());
        assertEquals(1400, entry.mtu());
        assertEquals(10, entry.dropped());
        assertEquals(List.of(address("10.1.0.1", 30, "10.1.0.2")), entry.addresses());
    }

    @Test
    void destinationThatIsTheAddressItselfIsNone() {
        String self = INET.replace("0a010002", "0a010001");
        assertEquals(
                List.of(address("10.1.0.1", 30, "")), parse(IPSEC0, self).get(0).addresses());
    }

    @Test
    void broadcastAddressIsNoDestination() {
        String ethernet = IPSEC0.replace("51800000", "43880000");
        assertEquals(
                List.of(address("10.1.0.1", 30, "")),
                parse(ethernet, INET).get(0).addresses());
    }

    @Test
    void maskMayBeCutShortAndOfNoFamily() {
        String trimmed = "3c00 05 0c a4000000 05000000 0900 0000 00000000"
                + " 06ff0000 ffff 00*2  10020000 0a010001 00*8  10020000 0a010002 00*8 ";
        String none = trimmed.replace("06ff0000 ffff 00*2", "00*8");
        assertEquals(
                List.of(address("10.1.0.1", 16, "10.1.0.2"), address("10.1.0.1", 0, "10.1.0.2")),
                parse(IPSEC0, trimmed, none).get(0).addresses());
    }

    @Test
    void inet6AddressesWithoutLinkLocal() {
        String message = "5c00 05 0c a4000000 05000000 0900 0000 00000000"
                + " 1c1c0000 00*4 ff*8 00*8 00*4 00*4  1c1c0000 00*4 20010db8 00*11 01 00*4 00*4  00*8";
        String linkLocal = message.replace("20010db8 00*11 01", "fe800009 00*11 01");
        assertEquals(
                List.of(address("2001:db8::1", 64, "")),
                parse(IPSEC0, linkLocal, message).get(0).addresses());
    }

    @Test
    void addressOfAnotherInterfaceIsNotThisOnes() {
        String other = INET.replace("0900", "0800");
        assertEquals(List.of(), parse(IPSEC0, other).get(0).addresses());
    }

    @Test
    void messagesOfOtherVersionsAndTypesAreSkipped() {
        String version = IPSEC0.replace("e000 05", "e000 06");
        String type = IPSEC0.replace("e000 05 0e", "e000 05 14");
        assertEquals(List.of(), parse(version, type, "0400 05 0e"));
        assertEquals(1, parse(version, IPSEC0, type, INET).size());
    }

    @Test
    void lengthThatLeadsNowhereEnds() {
        assertEquals(1, parse(IPSEC0, "0000 05 0e 00*200").size());
        assertEquals(1, parse(IPSEC0, "ffff 05 0e 00*200").size());
        assertEquals(1, parse(IPSEC0, "0300 05").size());
    }

    /** Whatever a byte is, nothing is read outside of a message and nothing is thrown. */
    @Test
    void anyByteMayBeWrong() {
        byte[] all = unhex(IPSEC0 + INET);
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = all.clone();
            for (int changes = random.nextInt(4); changes >= 0; changes--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
            InterfaceTable.parse(new RoutingMessage(buffer, random.nextInt(bytes.length + 1)));
        }
    }

    @Test
    void oneInterfaceIsAskedForByItsIndex() throws Exception {
        List<String> names = new ArrayList<>();
        answer(names, unhex(IPSEC0 + INET));
        assertEquals("ipsec0", new InterfaceTable(kernel.posix()).of(9).name());
        String name = digits("04000000 11000000 00*4 00*4 03000000 09000000");
        assertEquals(List.of(name, name), names);
    }

    private void answer(List<String> names, byte[] value) {
        kernel.on("sysctl", arguments -> {
            names.add(hex(bytes(arguments[0], 4 * (Integer) arguments[1])));
            Pointer length = (Pointer) arguments[3];
            if (arguments[2] != null) {
                if (length.getLongLong(0) < value.length) {
                    return fail(12);
                }
                put(arguments[2], 0, value);
            }
            length.putLongLong(0, value.length);
            return 0;
        });
    }

    @Test
    void noSuchInterfaceIsNull() throws Exception {
        answer(new ArrayList<>(), new byte[0]);
        InterfaceTable table = new InterfaceTable(kernel.posix());
        assertNull(table.of(9));
        assertNull(table.of(0));
    }

    @Test
    void tableThatGrowsBetweenTwoCallsIsAskedForAgain() throws Exception {
        byte[] value = unhex(IPSEC0 + INET);
        int[] asked = new int[1];
        kernel.on("sysctl", arguments -> {
            asked[0]++;
            if (asked[0] == 2) {
                return fail(12);
            }
            if (arguments[2] != null) {
                put(arguments[2], 0, value);
            }
            ((Pointer) arguments[3]).putLongLong(0, value.length);
            return 0;
        });
        assertEquals(1, new InterfaceTable(kernel.posix()).all().size());
        assertEquals(4, asked[0]);
    }

    @Test
    void refusalIsSaid() {
        kernel.on("sysctl", arguments -> fail(1));
        ErrnoException e = assertThrows(ErrnoException.class, () -> new InterfaceTable(kernel.posix()).all());
        assertEquals("sysctl NET_RT_IFLIST: errno 1", e.getMessage());
    }
}
