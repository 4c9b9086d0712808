package org.ipsecif.platform.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Proxy;
import java.util.Arrays;
import jnr.ffi.Pointer;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.platform.posix.Posix;
import org.junit.jupiter.api.Test;

class BootIdentityTest {
    /** One that answers {@code sysctlbyname} so, and knows no other call. */
    private static Posix kernel(int result, int length) {
        LibC libc = (LibC) Proxy.newProxyInstance(
                LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (proxy, method, arguments) -> {
                    assertEquals("sysctlbyname", method.getName());
                    assertEquals("kern.boot_id", arguments[0]);
                    assertEquals(16, ((Pointer) arguments[2]).getLong(0));
                    byte[] value = new byte[16];
                    Arrays.fill(value, (byte) 0xa5);
                    value[15] = 0x0b;
                    ((Pointer) arguments[1]).put(0, value, 0, value.length);
                    ((Pointer) arguments[2]).putLong(0, length);
                    return result;
                });
        return new Posix(libc, (fd, other) -> {
            throw new AssertionError("nobody waits");
        });
    }

    @Test
    void isSixteenBytesInHexadecimal() {
        assertEquals("a5".repeat(15) + "0b", BootIdentity.of(kernel(0, 16)));
    }

    @Test
    void isUnknownWhereTheKernelDoesNotSay() {
        assertEquals("", BootIdentity.of(kernel(-1, 16)));
        assertEquals("", BootIdentity.of(kernel(0, 8)));
    }
}
