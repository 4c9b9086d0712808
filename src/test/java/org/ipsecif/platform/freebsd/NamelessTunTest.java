package org.ipsecif.platform.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.OffloadSettings;
import org.ipsecif.platform.TunDevice;
import org.ipsecif.platform.freebsd.sim.Network;
import org.ipsecif.platform.freebsd.sim.SimulatedFreeBsd;
import org.ipsecif.platform.freebsd.sim.SimulatedProcess;
import org.ipsecif.platform.posix.LibC;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a daemon leaves that dies while it makes a device, and what the next one takes for that. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class NamelessTunTest {
    private static final int UNIT = 20_000;
    private static final String DEVICE = "tun20000";

    @TempDir
    private Path directory;

    private final SimulatedFreeBsd host = new SimulatedFreeBsd(new Network());

    private FreeBsdPlatform platform(LibC libc) {
        return new FreeBsdPlatform(FreeBsdPlatform.kernel(libc), OffloadSettings.ALL, TunHolder.NONE, directory);
    }

    private FreeBsdPlatform next() {
        return platform(host.process());
    }

    /** SIGKILL comes when the kernel has carried out the first ioctl(2) with this number. */
    private static LibC killedAfter(SimulatedProcess process, long request) {
        return (LibC) Proxy.newProxyInstance(
                LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (proxy, method, arguments) -> {
                    Object result = method.invoke(process, arguments);
                    if (method.getName().equals("ioctl") && arguments[1].equals(request)) {
                        process.kill();
                    }
                    return result;
                });
    }

    @ParameterizedTest
    @ValueSource(longs = {LinkAbi.SIOCIFCREATE2, LinkAbi.TUNSIFHEAD, LinkAbi.SIOCGIFFLAGS, LinkAbi.TUNSIFPID})
    void theNextStartRemovesWhatADaemonMadeThatDiedBeforeItHadItsName(long request) throws Exception {
        host.createTun("tun3");
        FreeBsdPlatform dying = platform(killedAfter(host.process(), request));
        assertThrows(ErrnoException.class, () -> dying.createTun("ipsec0"));
        assertEquals(3, host.interfaceNames().size(), () -> "lo0, tun3 and what it made: " + host.interfaceNames());
        try (TunDevice tun = next().createTun("ipsec0")) {
            assertEquals(List.of("ipsec0", "lo0", "tun3"), sorted());
        }
    }

    @Test
    void soDoesOneThatDoesNotWantTheInterfaceAnyMore() throws Exception {
        FreeBsdPlatform dying = platform(killedAfter(host.process(), LinkAbi.SIOCIFCREATE2));
        assertThrows(ErrnoException.class, () -> dying.createTun("ipsec0"));
        next().abandonTun("ipsec0");
        assertEquals(List.of("lo0"), sorted());
    }

    private List<String> sorted() {
        return host.interfaceNames().stream().sorted().toList();
    }

    /** As if a daemon had died before it made this device, and somebody else had made one of this number. */
    private void makeForeign() throws Exception {
        new NamelessTun(directory, next()::bootIdentity).record(UNIT);
        assertEquals(DEVICE, new Interfaces(FreeBsdPlatform.kernel(host.process())).create(DEVICE));
    }

    private void assertStays() throws Exception {
        next().abandonTun("ipsec0");
        assertEquals(List.of("lo0", DEVICE), sorted());
        assertFalse(Files.exists(directory.resolve("tun-nameless")), "it is asked about again");
    }

    @Test
    void whatSomebodyHasOpenStays() throws Exception {
        makeForeign();
        host.process().open("/dev/" + DEVICE, 2);
        assertStays();
    }

    @Test
    void whatHasAnAddressStays() throws Exception {
        makeForeign();
        host.addAddress(DEVICE, "10.0.0.1/30 10.0.0.2");
        assertStays();
    }

    @Test
    void whatHasADescriptionStays() throws Exception {
        makeForeign();
        new Interfaces(FreeBsdPlatform.kernel(host.process())).setDescription(DEVICE, "another's");
        assertStays();
    }

    @Test
    void anotherDeviceThatWasGivenTheNameStays() throws Exception {
        new NamelessTun(directory, next()::bootIdentity).record(UNIT);
        host.createTun(DEVICE); // tun0, renamed
        assertStays();
    }

    @Test
    void whatAnotherBootRecordedIsNobodys() throws Exception {
        makeForeign();
        Path file = directory.resolve("tun-nameless");
        Files.writeString(file, "00" + Files.readString(file).substring(2));
        next().abandonTun("ipsec0");
        assertEquals(List.of("lo0", DEVICE), sorted());
    }

    @Test
    void whereTheBootIsNotKnownNothingIsRecorded() {
        NamelessTun unknown = new NamelessTun(directory, () -> "");
        unknown.record(UNIT);
        assertEquals(OptionalInt.empty(), unknown.recorded());
        assertFalse(Files.exists(directory.resolve("tun-nameless")));
    }

    @Test
    void nothingIsRecordedOfADeviceThatHasItsName() throws Exception {
        try (TunDevice tun = next().createTun("ipsec0")) {
            assertFalse(Files.exists(directory.resolve("tun-nameless")));
        }
    }
}
