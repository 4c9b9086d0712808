package org.ipsecif.platform.freebsd;

import static org.ipsecif.platform.freebsd.ScriptedLibC.fail;
import static org.ipsecif.platform.freebsd.ScriptedLibC.put;
import static org.ipsecif.platform.freebsd.ScriptedLibC.unhex;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import jnr.ffi.Pointer;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.LinkConfigurer;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpAddress;
import org.junit.jupiter.api.Test;

/** What the contract asks for and the kernel does not do by itself. The table is as in {@link InterfaceTableTest}. */
class IoctlLinkConfigurerTest {
    private static final String DATA = "17 00 00 00 02 00 9800 78050000 00000000 00*136";
    private static final String IPSEC0 =
            "e000 05 0e 10000000 50800000 0900 0000 " + DATA + " 36 12 0900 17 06 00 00 697073656330 00*40 00*2 ";
    private static final String INET = "4400 05 0c a4000000 05000000 0900 0000 00000000"
            + " 10020000 fffffffc 00*8  10020000 0a010001 00*8  10020000 0a010002 00*8 ";
    private static final InnerAddress PRESENT =
            new InnerAddress(IpAddress.parse("10.1.0.1"), 30, IpAddress.parse("10.1.0.2"));
    private static final InnerAddress OTHER = new InnerAddress(IpAddress.parse("10.1.0.5"), 30, null);

    private final ScriptedLibC kernel = new ScriptedLibC();
    private final LinkConfigurer links = new IoctlLinkConfigurer(kernel.posix());
    private String table = IPSEC0 + INET;
    private String flags = "50800000";

    IoctlLinkConfigurerTest() {
        kernel.on("sysctl", arguments -> {
            byte[] value = unhex(table);
            if (arguments[2] != null) {
                put(arguments[2], 0, value);
            }
            ((Pointer) arguments[3]).putLongLong(0, value.length);
            return 0;
        });
        kernel.onIoctl(0xc0206911L, arguments -> {
            put(arguments[2], 16, unhex(flags));
            return 0;
        });
        kernel.onIoctl(0xc020692aL, arguments -> fail(83));
        kernel.accept(0x8044692bL, 0x80206919L, 0x80206910L);
    }

    private boolean called(String request) {
        return kernel.calls("ioctl").stream().anyMatch(each -> each.startsWith("ioctl " + request));
    }

    @Test
    void addressThatIsThereIsRefusedAndNotChanged() {
        ErrnoException e = assertThrows(ErrnoException.class, () -> links.addAddress(9, PRESENT));
        assertEquals(ErrnoException.EEXIST, e.errno());
        InnerAddress sameWithOtherLength = new InnerAddress(PRESENT.local(), 24, null);
        assertEquals(
                ErrnoException.EEXIST,
                assertThrows(ErrnoException.class, () -> links.addAddress(9, sameWithOtherLength))
                        .errno());
        assertFalse(called("8044692b"));
    }

    /** Else whoever adds it would take it to be there. */
    @Test
    void kernelsOtherUseOfEexistIsToldApart() {
        kernel.onIoctl(0x8044692bL, arguments -> fail(17));
        ErrnoException e = assertThrows(ErrnoException.class, () -> links.addAddress(9, OTHER));
        assertEquals(48, e.errno());
        assertTrue(e.getMessage().contains("no_same_prefix"), e.getMessage());
    }

    @Test
    void addressThatCameMeanwhileIsThere() {
        kernel.onIoctl(0x8044692bL, arguments -> {
            table = table.replace("0a010001", "0a010005").replace("0a010002", "0a010005");
            return fail(17);
        });
        assertEquals(
                ErrnoException.EEXIST,
                assertThrows(ErrnoException.class, () -> links.addAddress(9, OTHER))
                        .errno());
    }

    @Test
    void interfaceThatWasDownIsDownAfterItGotAnAddress() throws Exception {
        flags = "51800000"; // tun(4) goes up with it
        links.addAddress(9, OTHER);
        assertTrue(called("8044692b"));
        assertTrue(kernel.calls("ioctl").stream().anyMatch(each -> each.matches("ioctl 80206910 .{32}50800000.*")));
    }

    @Test
    void interfaceThatWasUpStaysUp() throws Exception {
        table = table.replace("50800000", "51800000");
        flags = "51800000";
        links.addAddress(9, OTHER);
        assertFalse(called("80206910"));
    }

    @Test
    void onlyTheVeryAddressIsRemoved() throws Exception {
        assertFalse(links.removeAddress(9, new InnerAddress(PRESENT.local(), 24, null)));
        assertFalse(links.removeAddress(9, OTHER));
        assertFalse(called("80206919"));
        assertTrue(links.removeAddress(9, PRESENT));
        assertTrue(called("80206919"));
    }

    @Test
    void addressThatGoesMeanwhileIsNotThere() throws Exception {
        kernel.onIoctl(0x80206919L, arguments -> fail(49));
        assertFalse(links.removeAddress(9, PRESENT));
    }

    @Test
    void linkSaysFlagsCarrierMtu() throws Exception {
        assertEquals(new LinkConfigurer.Link(false, true, 1400, "", 0), links.link(9));
        table = table.replace("17 00 00 00 02", "17 00 00 00 01").replace("50800000", "51800000");
        assertEquals(new LinkConfigurer.Link(true, false, 1400, "", 0), links.link(9));
    }

    @Test
    void linkOfWhichNothingIsKnownIsDownIfItsDriverWouldSay() throws Exception {
        table = table.replace("17 00 00 00 02", "17 00 00 00 00");
        kernel.onIoctl(0xc020691fL, arguments -> {
            put(arguments[2], 16, unhex("00000800 00000800"));
            return 0;
        });
        assertFalse(links.link(9).carrier());
        kernel.onIoctl(0xc020691fL, arguments -> 0);
        assertTrue(links.link(9).carrier());
    }

    @Test
    void interfacesAndAddressesByIndex() throws Exception {
        assertEquals(Map.of("ipsec0", 9), links.indices());
        assertEquals(Map.of(9, List.of(PRESENT)), links.addresses());
        assertEquals(List.of(PRESENT), links.addresses(9));
    }

    @Test
    void interfaceThatIsNotThereIsAnError() throws Exception {
        table = "";
        assertEquals(6, assertThrows(ErrnoException.class, () -> links.link(9)).errno());
        assertEquals(List.of(), links.addresses(9));
        kernel.on("if_indextoname", arguments -> null);
        assertEquals(
                6,
                assertThrows(ErrnoException.class, () -> links.setUp(9, true)).errno());
    }
}
