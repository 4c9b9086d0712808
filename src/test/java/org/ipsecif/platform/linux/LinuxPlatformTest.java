package org.ipsecif.platform.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.File;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.OffloadSettings;
import org.junit.jupiter.api.Test;

class LinuxPlatformTest {
    @Test
    void kernelWithoutXfrmHasNoSpdAndAnyOtherFailureIsOne() {
        assertTrue(LinuxSpd.saysNoXfrm(new ErrnoException("socket", 93, "Protocol not supported")));
        assertFalse(LinuxSpd.saysNoXfrm(new ErrnoException("socket", ErrnoException.EPERM, "Operation not permitted")));
    }

    @Test
    void kernelWithoutPfKeyIsAnErrorForWhoeverAskedForIt() {
        boolean there = new File("/proc/net/pfkey").exists(); // net/key/af_key.c pfkey_init_proc
        LinuxPlatform platform = new LinuxPlatform(OffloadSettings.NONE, LinuxSpd.PFKEY);
        assumeFalse(there, "the kernel has af_key");
        String expected =
                "kernel-spd = pfkey: the kernel has no PF_KEY sockets (CONFIG_NET_KEY, module af_key), but may have xfrm";
        ErrnoException installer = assertThrows(ErrnoException.class, platform::openPolicyInstaller);
        ErrnoException monitor = assertThrows(ErrnoException.class, platform::openKernelMonitor);
        assertEquals(expected, installer.getMessage());
        assertEquals(expected, monitor.getMessage());
    }

    @Test
    void reqidsAreThoseThatTheWayCanSay() {
        LinuxPlatform xfrm = new LinuxPlatform(OffloadSettings.NONE);
        LinuxPlatform pfkey = new LinuxPlatform(OffloadSettings.NONE, LinuxSpd.PFKEY);
        assertTrue(xfrm.reqids().allows(-1));
        assertTrue(pfkey.reqids().allows(0x3fff));
        assertFalse(pfkey.reqids().allows(0x4000));
        assertTrue(pfkey.reqids().allows(pfkey.reqids().lastAutomatic()));
    }

    @Test
    void bootHasAnIdentity() {
        LinuxPlatform platform = new LinuxPlatform(OffloadSettings.NONE);
        assertTrue(
                platform.bootIdentity().matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), platform.bootIdentity());
        assertEquals(platform.bootIdentity(), platform.bootIdentity());
    }
}
