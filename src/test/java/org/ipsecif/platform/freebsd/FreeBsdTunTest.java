package org.ipsecif.platform.freebsd;

import static org.ipsecif.platform.freebsd.ScriptedLibC.digits;
import static org.ipsecif.platform.freebsd.ScriptedLibC.fail;
import static org.ipsecif.platform.freebsd.ScriptedLibC.hex;
import static org.ipsecif.platform.freebsd.ScriptedLibC.put;
import static org.ipsecif.platform.freebsd.ScriptedLibC.unhex;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jnr.ffi.Pointer;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.platform.PacketChannel;
import org.ipsecif.platform.TunDevice;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.wire.Offload;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** tun(4)'s calls in their order, with their numbers and bytes, written by hand from net/if_tun.h and if_tuntap.c. */
class FreeBsdTunTest {
    private static final String IPSEC0 = "697073656330 00*10 ";
    private static final long TUNSIFHEAD = 0x80047460L;
    private static final long TUNSIFMODE = 0x8004745eL;
    private static final long TUNSIFPID = 0x2000745fL;
    private static final long TUNGIFNAME = 0x4020745dL;
    private static final long SIOCIFCREATE2 = 0xc020697cL;
    private static final long SIOCIFDESTROY = 0x80206979L;
    private static final long SIOCSIFNAME = 0x80206928L;
    private static final long SIOCGIFFLAGS = 0xc0206911L;
    private static final int ENXIO = 6;

    /** Writes down what it is told, between the kernel's calls. */
    private static final class RecordingHolder implements TunHolder {
        private final List<String> calls;
        private @Nullable Held held;
        private boolean failing;

        RecordingHolder(List<String> calls) {
            this.calls = calls;
        }

        @Override
        public void keep(String name, int unit, int fd) throws ErrnoException {
            calls.add("keep " + name + " " + unit + " " + fd);
            if (failing) {
                throw new ErrnoException("keep", ErrnoException.EPERM, "no");
            }
        }

        @Override
        public @Nullable Held take(String name) {
            calls.add("take " + name);
            return held;
        }

        @Override
        public @Nullable String nameOf(int unit) {
            return null;
        }

        @Override
        public void drop(String name) {
            calls.add("drop " + name);
        }

        @Override
        public void close() {
            calls.add("end");
        }
    }

    private final ScriptedLibC kernel = new ScriptedLibC();
    private final RecordingHolder holder = new RecordingHolder(kernel.calls());
    private final NamelessTun nameless = new NamelessTun(Path.of("none"), () -> "");
    private final TunOpener opener = new TunOpener(kernel.posix(), holder, nameless, () -> 12);
    private String flags = "10800000";
    private String nameOfOpen = IPSEC0;
    private String driver = "74756e3132 00";

    FreeBsdTunTest() {
        kernel.on("kqueue", arguments -> 5);
        kernel.on("kevent", arguments -> 0);
        kernel.on("if_nametoindex", arguments -> "ipsec0".equals(arguments[0]) ? 9 : 0);
        kernel.on("open", arguments -> 77);
        kernel.on("sysctl", arguments -> {
            put(arguments[2], 0, unhex(driver));
            return 0;
        });
        kernel.accept(TUNSIFHEAD, TUNSIFMODE, TUNSIFPID, SIOCIFDESTROY, SIOCSIFNAME);
        kernel.onIoctl(SIOCIFCREATE2, arguments -> write(arguments, 0, "74756e3132 00*11"));
        kernel.onIoctl(SIOCGIFFLAGS, arguments -> write(arguments, 16, flags));
        kernel.onIoctl(TUNGIFNAME, arguments -> write(arguments, 0, nameOfOpen));
    }

    private static int write(Object[] arguments, int offset, String bytes) {
        put(arguments[2], offset, unhex(bytes));
        return 0;
    }

    private FreeBsdTun create() throws ErrnoException {
        return FreeBsdTun.create(kernel.posix(), opener, "ipsec0");
    }

    private FreeBsdTun adopt() throws ErrnoException {
        return FreeBsdTun.adopt(kernel.posix(), opener, "ipsec0");
    }

    /** The calls that matter, without sockets and their ends. */
    private List<String> calls() {
        return kernel.calls().stream()
                .filter(each -> each.matches("(ioctl|open|keep|take|drop) .*|close 77"))
                .map(each -> each.replaceFirst("^(ioctl 80206928 .{32}).*", "$1"))
                .toList();
    }

    private static String ioctl(long request, String argument) {
        return "ioctl " + Long.toHexString(request) + " " + digits(argument);
    }

    @Test
    void createIsMadeOpenedPreparedRenamedAndKept() throws Exception {
        FreeBsdTun tun = create();
        assertEquals("ipsec0", tun.name());
        assertEquals(9, tun.index());
        assertEquals(
                List.of(
                        ioctl(SIOCIFCREATE2, "74756e3132 00*27"),
                        "open /dev/tun12 1048582",
                        ioctl(TUNSIFHEAD, "01000000"),
                        ioctl(SIOCGIFFLAGS, "74756e3132 00*27"),
                        "ioctl 2000745f",
                        ioctl(SIOCSIFNAME, "74756e3132 00*11"),
                        "keep ipsec0 12 77"),
                calls());
    }

    @Test
    void otherModeIsMadePointToPointWithMulticast() throws Exception {
        flags = "02800000";
        create();
        assertTrue(calls().contains(ioctl(TUNSIFMODE, "10800000")), calls().toString());
    }

    @Test
    void nameThatIsTakenLeavesNothingBehind() {
        nameOfOpen = "74756e3132 00*11";
        kernel.onIoctl(SIOCSIFNAME, arguments -> fail(17));
        assertEquals(17, assertThrows(ErrnoException.class, this::create).errno());
        List<String> calls = calls();
        assertEquals(
                List.of("close 77", ioctl(SIOCIFDESTROY, "74756e3132 00*27")),
                calls.subList(calls.size() - 2, calls.size()));
    }

    @Test
    void holderThatFailsLeavesNothingBehind() {
        holder.failing = true;
        assertThrows(ErrnoException.class, this::create);
        List<String> calls = calls();
        assertEquals(
                List.of("close 77", ioctl(SIOCIFDESTROY, IPSEC0 + "00*16")),
                calls.subList(calls.size() - 2, calls.size()));
    }

    @Test
    void waitThatFailsLeavesNothingBehind() {
        kernel.on("kqueue", arguments -> fail(24));
        assertEquals(24, assertThrows(ErrnoException.class, this::create).errno());
        List<String> calls = calls();
        assertEquals(
                List.of("close 77", "drop ipsec0", ioctl(SIOCIFDESTROY, IPSEC0 + "00*16")),
                calls.subList(calls.size() - 3, calls.size()));
    }

    /** Destroying it would wait until whoever was faster closes it. */
    @Test
    void deviceThatAnotherOpenedFirstIsLeftToThem() {
        kernel.on("open", arguments -> fail(16));
        assertEquals(16, assertThrows(ErrnoException.class, this::create).errno());
        assertFalse(calls().stream().anyMatch(each -> each.startsWith("ioctl 80206979")));
    }

    @Test
    void deviceThatCannotBeOpenedIsDestroyed() {
        kernel.on("open", arguments -> fail(13));
        assertEquals(13, assertThrows(ErrnoException.class, this::create).errno());
        assertTrue(calls().contains(ioctl(SIOCIFDESTROY, "74756e3132 00*27")));
    }

    @Test
    void removeIsDoneByCloseOnceNobodyHasTheDevice() throws Exception {
        FreeBsdTun tun = create();
        kernel.calls().clear();
        tun.remove();
        assertEquals(List.of("drop ipsec0"), calls());
        tun.close();
        assertEquals(
                List.of("drop ipsec0", ioctl(TUNGIFNAME, "00*32"), "close 77", ioctl(SIOCIFDESTROY, IPSEC0 + "00*16")),
                calls());
    }

    @Test
    void deviceThatWasRenamedMeanwhileIsDestroyedUnderItsNewName() throws Exception {
        FreeBsdTun tun = create();
        nameOfOpen = "6f74686572 00*11";
        tun.remove();
        tun.close();
        assertTrue(calls().contains(ioctl(SIOCIFDESTROY, "6f74686572 00*27")));
    }

    @Test
    void closeAloneLeavesTheInterface() throws Exception {
        FreeBsdTun tun = create();
        kernel.calls().clear();
        tun.close();
        assertEquals(List.of("close 77"), calls());
    }

    /** Else whoever made it could not destroy it. */
    @Test
    void releaseLeavesTheDeviceOpenNowhere() throws Exception {
        FreeBsdTun tun = adopt();
        kernel.calls().clear();
        tun.release();
        tun.close();
        assertEquals(List.of("drop ipsec0", "close 77"), calls());
    }

    @Test
    void whatAnEarlierProcessLeftIsDroppedIfNobodyWantsIt() throws Exception {
        opener.abandon("ipsec0");
        assertEquals(List.of("take ipsec0"), calls());
        kernel.calls().clear();
        holder.held = new TunHolder.Held(12, 77);
        opener.abandon("ipsec0");
        assertEquals(List.of("take ipsec0", "close 77", "drop ipsec0"), calls());
    }

    @Test
    void adoptFindsTheNodeOfARenamedInterface() throws Exception {
        adopt();
        List<String> calls = calls();
        assertEquals(
                List.of(
                        "take ipsec0",
                        "open /dev/tun12 1048582",
                        ioctl(TUNGIFNAME, "00*32"),
                        ioctl(TUNSIFHEAD, "01000000"),
                        ioctl(SIOCGIFFLAGS, IPSEC0 + "00*16"),
                        "ioctl 2000745f",
                        "keep ipsec0 12 77"),
                calls);
    }

    @Test
    void adoptTakesWhatIsHeld() throws Exception {
        holder.held = new TunHolder.Held(12, 77);
        adopt();
        assertEquals(
                List.of(
                        "take ipsec0",
                        ioctl(TUNGIFNAME, "00*32"),
                        ioctl(TUNSIFHEAD, "01000000"),
                        ioctl(SIOCGIFFLAGS, IPSEC0 + "00*16"),
                        "ioctl 2000745f"),
                calls());
    }

    @Test
    void heldDeviceOfAnotherInterfaceIsNotTaken() throws Exception {
        holder.held = new TunHolder.Held(3, 78);
        kernel.onIoctl(
                TUNGIFNAME, arguments -> write(arguments, 0, (int) arguments[0] == 78 ? "74756e33 00*12" : IPSEC0));
        adopt();
        assertTrue(kernel.calls().contains("close 78"));
        assertTrue(calls().contains("open /dev/tun12 1048582"));
    }

    @Test
    void adoptOfADeviceThatIsReadIsBusy() {
        kernel.on("open", arguments -> fail(16));
        assertEquals(
                ErrnoException.EBUSY,
                assertThrows(ErrnoException.class, this::adopt).errno());
    }

    @Test
    void interfaceThatWasRenamedInBetweenIsNotTaken() {
        nameOfOpen = "6f74686572 00*11";
        assertEquals(ENXIO, assertThrows(ErrnoException.class, this::adopt).errno());
        assertTrue(calls().contains("close 77"));
    }

    @Test
    void kernelsOwnIpsecInterfaceIsRefusedWithTheWayOut() {
        driver = "697073656330 00";
        ErrnoException e = assertThrows(ErrnoException.class, this::adopt);
        assertEquals(ErrnoException.EINVAL, e.errno());
        assertTrue(e.getMessage().contains("if_ipsec(4)"), e.getMessage());
        assertTrue(e.getMessage().contains("cloned_interfaces"), e.getMessage());
        assertTrue(e.getMessage().contains("ipsecif_interfaces"), e.getMessage());
        assertTrue(e.getMessage().contains("ifconfig ipsec0 destroy"), e.getMessage());
        assertEquals(List.of(), kernel.calls("open"));
    }

    @Test
    void ethernetTunnelIsRefused() {
        driver = "74617033 00";
        ErrnoException e = assertThrows(ErrnoException.class, this::adopt);
        assertEquals(ErrnoException.EINVAL, e.errno());
        assertTrue(e.getMessage().contains("it is tap3"), e.getMessage());
    }

    @Test
    void broadcastInterfaceThatIsUpIsRefusedWithTheWayOut() {
        flags = "03800000";
        kernel.onIoctl(TUNSIFMODE, arguments -> fail(16));
        ErrnoException e = assertThrows(ErrnoException.class, this::adopt);
        assertEquals(ErrnoException.EINVAL, e.errno());
        assertTrue(e.getMessage().contains("ifconfig ipsec0 down"), e.getMessage());
        assertTrue(calls().contains("close 77"));
    }

    @Test
    void noInterfaceIsAnError() {
        kernel.on("if_nametoindex", arguments -> 0);
        assertEquals(ENXIO, assertThrows(ErrnoException.class, this::adopt).errno());
    }

    @Test
    void readTakesTheFamilyAway() throws Exception {
        FreeBsdTun tun = create();
        PacketBuffer buffer = tun.newBuffer(TunDevice.BUFFER);
        kernel.on("read", arguments -> {
            put(arguments[1], 0, unhex("00000002 45112233"));
            return 8;
        });
        Offload offload = new Offload();
        assertEquals(4, tun.read(buffer, offload));
        assertEquals(0x45, buffer.bytes().get(TunDevice.HEADROOM));
        assertEquals(
                List.of("read 77 " + (buffer.address() + 12) + " " + (TunDevice.BUFFER - 12)), kernel.calls("read"));
    }

    @Test
    void readOfNothingAndOfTheEnd() throws Exception {
        FreeBsdTun tun = create();
        PacketBuffer buffer = tun.newBuffer(TunDevice.BUFFER);
        for (int errno : new int[] {35, 4, 64}) {
            kernel.on("read", arguments -> fail(errno));
            assertEquals(PacketChannel.NOTHING, tun.read(buffer, new Offload()));
        }
        kernel.on("read", arguments -> 4);
        assertEquals(PacketChannel.NOTHING, tun.read(buffer, new Offload()));
        kernel.on("read", arguments -> fail(ENXIO));
        assertEquals(PacketChannel.GONE, tun.read(buffer, new Offload()));
    }

    @Test
    void writePutsTheFamilyBefore() throws Exception {
        FreeBsdTun tun = create();
        PacketBuffer buffer = tun.newBuffer(TunDevice.BUFFER);
        List<String> written = new ArrayList<>();
        kernel.on("write", arguments -> {
            int length = ((Number) arguments[2]).intValue();
            written.add(hex(ScriptedLibC.bytes(Pointer.wrap(LibC.RUNTIME, (Long) arguments[1]), length)));
            return length;
        });
        buffer.bytes().putInt(12, -1).put(16, (byte) 0x45).put(17, (byte) 0x11);
        assertTrue(tun.write(buffer, 2, new Offload()));
        buffer.bytes().putInt(12, -1).put(16, (byte) 0x60);
        assertTrue(tun.write(buffer, 2, new Offload()));
        assertEquals(List.of("000000024511", "0000001c6011"), written);
    }

    @Test
    void writeIsNotTakenWhenTheInterfaceIsDownOrItIsNoPacket() throws Exception {
        FreeBsdTun tun = create();
        PacketBuffer buffer = tun.newBuffer(TunDevice.BUFFER);
        kernel.on("write", arguments -> 0);
        buffer.bytes().put(16, (byte) 0x45);
        assertFalse(tun.write(buffer, 2, new Offload()));
        kernel.on("write", arguments -> ((Number) arguments[2]).intValue());
        buffer.bytes().put(16, (byte) 0x55);
        assertFalse(tun.write(buffer, 2, new Offload()));
        assertFalse(tun.write(buffer, 0, new Offload()));
    }

    @Test
    void nothingIsJoined() throws Exception {
        FreeBsdTun tun = create();
        tun.stopJoining();
        tun.setCarrier(true);
        for (Offload.Kind kind : Offload.Kind.values()) {
            assertFalse(tun.joins(kind));
        }
    }
}
