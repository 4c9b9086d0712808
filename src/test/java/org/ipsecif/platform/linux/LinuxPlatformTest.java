package org.ipsecif.platform.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.OffloadSettings;
import org.junit.jupiter.api.Test;

class LinuxPlatformTest {
    @Test
    void kernelWithoutXfrmHasNoSpdAndAnyOtherFailureIsOne() throws ErrnoException {
        assertNull(LinuxPlatform.whereThereIsXfrm(new ErrnoException("socket", 93, "Protocol not supported")));
        ErrnoException denied = new ErrnoException("socket", ErrnoException.EPERM, "Operation not permitted");
        assertSame(denied, assertThrows(ErrnoException.class, () -> LinuxPlatform.whereThereIsXfrm(denied)));
    }

    @Test
    void bootHasAnIdentity() {
        LinuxPlatform platform = new LinuxPlatform(OffloadSettings.NONE);
        assertTrue(
                platform.bootIdentity().matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), platform.bootIdentity());
        assertEquals(platform.bootIdentity(), platform.bootIdentity());
    }
}
