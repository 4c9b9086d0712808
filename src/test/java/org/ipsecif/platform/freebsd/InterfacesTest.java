package org.ipsecif.platform.freebsd;

import static org.ipsecif.platform.freebsd.ScriptedLibC.bytes;
import static org.ipsecif.platform.freebsd.ScriptedLibC.digits;
import static org.ipsecif.platform.freebsd.ScriptedLibC.fail;
import static org.ipsecif.platform.freebsd.ScriptedLibC.hex;
import static org.ipsecif.platform.freebsd.ScriptedLibC.put;
import static org.ipsecif.platform.freebsd.ScriptedLibC.unhex;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import jnr.ffi.Pointer;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpAddress;
import org.junit.jupiter.api.Test;

/** Requests and arguments byte by byte, written by hand from the table of FreeBSD's structures (freebsd-abi.md). */
class InterfacesTest {
    private static final String IPSEC0 = "697073656330 00*10 ";

    private final ScriptedLibC kernel = new ScriptedLibC();
    private final Interfaces interfaces = new Interfaces(kernel.posix());

    private static InnerAddress address(String local, int length, String remote) {
        return new InnerAddress(IpAddress.parse(local), length, remote.isEmpty() ? null : IpAddress.parse(remote));
    }

    private void assertOneIoctl(String request, String argument) {
        assertEquals(List.of("ioctl " + request + " " + digits(argument)), kernel.calls("ioctl"));
        assertEquals(1, kernel.calls("socket").size());
        assertEquals(List.of("close 10"), kernel.calls("close"));
    }

    @Test
    void interfaceIsMadeAndItsNameRead() throws Exception {
        kernel.onIoctl(0xc020697cL, arguments -> {
            put(arguments[2], 0, unhex("74756e3132 00*11"));
            return 0;
        });
        assertEquals("tun12", interfaces.create("tun"));
        assertOneIoctl("c020697c", "74756e 00*13 00*16");
        assertEquals(List.of("socket 2 268435458 0"), kernel.calls("socket"));
    }

    @Test
    void missingDriverIsSaid() {
        kernel.onIoctl(0xc020697cL, arguments -> fail(22));
        ErrnoException e = assertThrows(ErrnoException.class, () -> interfaces.create("tun20000"));
        assertEquals(ErrnoException.ENOENT, e.errno());
        assertTrue(e.getMessage().contains("the kernel has no tun(4): kldload if_tuntap"), e.getMessage());
    }

    @Test
    void destroy() throws Exception {
        kernel.accept(0x80206979L);
        interfaces.destroy("ipsec0");
        assertOneIoctl("80206979", IPSEC0 + "00*16");
    }

    @Test
    void renamePointsToTheNewName() throws Exception {
        List<String> seen = new ArrayList<>();
        kernel.onIoctl(0x80206928L, arguments -> {
            seen.add(hex(bytes(arguments[2], 16)));
            long name = ((Pointer) arguments[2]).getLongLong(16);
            seen.add(hex(bytes(Pointer.wrap(LibC.RUNTIME, name), 16)));
            seen.add(hex(bytes(arguments[2], 32)).substring(48));
            return 0;
        });
        interfaces.rename("tun12", "ipsec0");
        assertEquals(List.of(digits("74756e3132 00*11"), digits(IPSEC0), digits("00*8")), seen);
    }

    @Test
    void nameThatIsTooLongGoesNowhere() {
        ErrnoException e = assertThrows(ErrnoException.class, () -> interfaces.destroy("ipsec01234567890"));
        assertEquals(63, e.errno());
        assertEquals(List.of(), kernel.calls("ioctl"));
    }

    @Test
    void upChangesOneFlagAndKeepsTheHighOnes() throws Exception {
        kernel.onIoctl(0xc0206911L, arguments -> {
            put(arguments[2], 16, unhex("50801200"));
            return 0;
        });
        kernel.accept(0x80206910L);
        interfaces.setUp("ipsec0", true);
        assertEquals(
                "ioctl 80206910 " + digits(IPSEC0 + "51801200 00*12"),
                kernel.calls("ioctl").get(1));
        assertEquals(0x128050, interfaces.flags("ipsec0"));
    }

    @Test
    void downTakesTheFlagAway() throws Exception {
        kernel.onIoctl(0xc0206911L, arguments -> {
            put(arguments[2], 16, unhex("51800000"));
            return 0;
        });
        kernel.accept(0x80206910L);
        interfaces.setUp("ipsec0", false);
        assertEquals(
                "ioctl 80206910 " + digits(IPSEC0 + "50800000 00*12"),
                kernel.calls("ioctl").get(1));
    }

    @Test
    void mtu() throws Exception {
        kernel.accept(0x80206934L);
        interfaces.setMtu("ipsec0", 1400);
        assertOneIoctl("80206934", IPSEC0 + "78050000 00*12");
    }

    @Test
    void descriptionIsGivenWithItsNul() throws Exception {
        List<String> seen = new ArrayList<>();
        kernel.onIoctl(0x80206929L, arguments -> {
            Pointer argument = (Pointer) arguments[2];
            int length = (int) argument.getLongLong(16);
            seen.add(hex(bytes(Pointer.wrap(LibC.RUNTIME, argument.getLongLong(24)), length)));
            return 0;
        });
        interfaces.setDescription("ipsec0", "Zürich");
        assertEquals(List.of("5ac3bc7269636800"), seen);
    }

    @Test
    void emptyDescriptionRemovesIt() throws Exception {
        kernel.accept(0x80206929L);
        interfaces.setDescription("ipsec0", "");
        assertOneIoctl("80206929", IPSEC0 + "00*16");
    }

    @Test
    void descriptionIsReadAgainWithMoreRoomIfTheKernelSaysSo() throws Exception {
        String text = "x".repeat(700);
        kernel.onIoctl(0xc020692aL, arguments -> {
            Pointer argument = (Pointer) arguments[2];
            if (argument.getLongLong(16) < 701) {
                argument.putLongLong(24, 0);
            } else {
                put(argument.getLongLong(24), 0, (text + "\0").getBytes(java.nio.charset.StandardCharsets.UTF_8));
            }
            argument.putLongLong(16, 701);
            return 0;
        });
        assertEquals(text, interfaces.description("ipsec0"));
        assertEquals(2, kernel.calls("ioctl").size());
    }

    @Test
    void noDescriptionIsAnEmptyOne() throws Exception {
        kernel.onIoctl(0xc020692aL, arguments -> fail(83));
        assertEquals("", interfaces.description("ipsec0"));
    }

    @Test
    void inetAddressWithDestination() throws Exception {
        kernel.accept(0x8044692bL);
        interfaces.addAddress("ipsec0", address("10.1.0.1", 30, "10.1.0.2"));
        assertOneIoctl(
                "8044692b", IPSEC0 + "10020000 0a010001 00*8  10020000 0a010002 00*8  10020000 fffffffc 00*8  00*4");
    }

    @Test
    void inetAddressWithoutDestinationHasItselfAsOne() throws Exception {
        kernel.accept(0x8044692bL);
        interfaces.addAddress("ipsec0", address("10.1.0.1", 24, ""));
        assertOneIoctl(
                "8044692b", IPSEC0 + "10020000 0a010001 00*8  10020000 0a010001 00*8  10020000 ffffff00 00*8  00*4");
    }

    @Test
    void inet6AddressIsForEverAndNotProbed() throws Exception {
        kernel.accept(0x8088691bL);
        interfaces.addAddress("ipsec0", address("2001:db8::1", 65, ""));
        assertOneIoctl(
                "8088691b",
                IPSEC0 + "1c1c0000 00*4 20010db8 00*11 01 00*4  00*28  1c1c0000 00*4 ff*8 80 00*7 00*4"
                        + "  20000000  00*16 ff*4 ff*4  00*4  00*4");
        assertEquals(List.of("socket 28 268435458 0"), kernel.calls("socket"));
    }

    @Test
    void inet6AddressWithDestination() throws Exception {
        kernel.accept(0x8088691bL);
        interfaces.addAddress("ipsec0", address("2001:db8::1", 128, "2001:db8::2"));
        assertOneIoctl(
                "8088691b",
                IPSEC0 + "1c1c0000 00*4 20010db8 00*11 01 00*4  1c1c0000 00*4 20010db8 00*11 02 00*4"
                        + "  1c1c0000 00*4 ff*16 00*4  20000000  00*16 ff*4 ff*4  00*4  00*4");
    }

    @Test
    void prefixLengthThatTheKernelRefusesIsExplained() {
        kernel.onIoctl(0x8088691bL, arguments -> fail(22));
        ErrnoException e = assertThrows(
                ErrnoException.class, () -> interfaces.addAddress("ipsec0", address("2001:db8::1", 64, "2001:db8::2")));
        assertEquals(ErrnoException.EINVAL, e.errno());
        assertTrue(e.getMessage().contains("prefix length 128"), e.getMessage());
    }

    @Test
    void removeInetAddress() throws Exception {
        kernel.accept(0x80206919L);
        interfaces.removeAddress("ipsec0", IpAddress.parse("192.0.2.255"));
        assertOneIoctl("80206919", IPSEC0 + "10020000 c00002ff 00*8");
    }

    @Test
    void removeInet6Address() throws Exception {
        kernel.accept(0x81206919L);
        interfaces.removeAddress("ipsec0", IpAddress.parse("2001:db8::ff"));
        assertOneIoctl("81206919", IPSEC0 + "1c1c0000 00*4 20010db8 00*11 ff 00*4 00*244");
    }

    @Test
    void refusalNamesCallInterfaceAndReasonAndClosesTheSocket() {
        kernel.onIoctl(0x80206934L, arguments -> fail(1));
        ErrnoException e = assertThrows(ErrnoException.class, () -> interfaces.setMtu("ipsec0", 1400));
        assertEquals("SIOCSIFMTU ipsec0 1400: errno 1", e.getMessage());
        assertEquals(List.of("close 10"), kernel.calls("close"));
    }
}
