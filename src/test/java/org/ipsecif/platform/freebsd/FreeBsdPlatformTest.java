package org.ipsecif.platform.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Objects;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.platform.IcmpReceiver;
import org.ipsecif.platform.LinkConfigurer;
import org.ipsecif.platform.LinkMonitor;
import org.ipsecif.platform.OffloadSettings;
import org.ipsecif.platform.PacketSender;
import org.ipsecif.platform.Platform;
import org.ipsecif.platform.TunDevice;
import org.ipsecif.platform.freebsd.sim.Network;
import org.ipsecif.platform.freebsd.sim.SimulatedFreeBsd;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** All parts of the platform, on the simulated kernel. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class FreeBsdPlatformTest {
    private static final int EPERM = 1;

    private final SimulatedFreeBsd host = new SimulatedFreeBsd(new Network());
    private final Platform platform = platform(host.process());

    private static Platform platform(LibC libc) {
        return new FreeBsdPlatform(FreeBsdPlatform.kernel(libc), OffloadSettings.ALL, TunHolder.NONE, Path.of("none"));
    }

    @Test
    void everyPartOpensOnOneKernel() throws Exception {
        host.addEthernet("em0", "192.0.2.1/24");
        IpAddress local = IpAddress.parse("192.0.2.1");
        try (TunDevice tun = platform.createTun("ipsec0");
                LinkConfigurer links = platform.openLinkConfigurer();
                LinkMonitor monitor = platform.openLinkMonitor();
                EspTransport raw = platform.openTransport(local, Encapsulation.NO);
                EspTransport udp = platform.openTransport(local, Encapsulation.UDP);
                EspTransport ike = platform.openUdp(local, 500);
                PacketSender sender = platform.openPacketSender();
                IcmpReceiver inet = platform.openIcmpReceiver(Family.INET);
                IcmpReceiver inet6 = platform.openIcmpReceiver(Family.INET6)) {
            assertEquals(tun.index(), links.indexOf("ipsec0"));
            assertEquals(
                    ErrnoException.EBUSY,
                    assertThrows(ErrnoException.class, () -> platform.adoptTun("ipsec0"))
                            .errno());
        }
        platform.adoptTun("ipsec0").close();
    }

    @Test
    void kernelWithoutPfKeyHasNoSpd() throws Exception {
        assertNull(platform.openPolicyInstaller());
        assertNull(platform.openKernelMonitor());
        assertTrue(platform.spdRequirement().contains("options IPSEC"));
    }

    @Test
    void otherRefusalsOfPfKeyAreNoAbsence() {
        ScriptedLibC refusing = new ScriptedLibC();
        refusing.on("socket", arguments -> ScriptedLibC.fail(EPERM));
        Platform unprivileged = platform(refusing.libc());
        assertEquals(
                EPERM,
                assertThrows(ErrnoException.class, unprivileged::openPolicyInstaller)
                        .errno());
        assertEquals(
                EPERM,
                assertThrows(ErrnoException.class, unprivileged::openKernelMonitor)
                        .errno());
    }

    @Test
    void kernelsOwnIpsecInterfaceIsToldFromOthers() throws Exception {
        host.addInterface("ipsec7", "ipsec");
        host.createTun("ipsec8");
        String told = Objects.requireNonNull(platform.kernelIpsec("ipsec7"));
        assertTrue(told.contains("ipsecif_interfaces") && told.contains("ifconfig ipsec7 destroy"), told);
        assertNull(platform.kernelIpsec("ipsec8"));
        assertNull(platform.kernelIpsec("ipsec9"));
    }

    @Test
    void factsAreFreeBsds() {
        assertEquals("freebsd", platform.system());
        assertEquals(15, platform.maxInterfaceNameLength());
        assertTrue(platform.reqids().allows(16_383));
        assertFalse(platform.reqids().allows(16_384));
        assertEquals(32, platform.bootIdentity().length());
        assertEquals(1234 * 4096L, platform.residentBytes());
    }
}
