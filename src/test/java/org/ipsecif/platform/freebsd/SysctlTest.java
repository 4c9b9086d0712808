package org.ipsecif.platform.freebsd;

import static org.ipsecif.platform.freebsd.ScriptedLibC.bytes;
import static org.ipsecif.platform.freebsd.ScriptedLibC.digits;
import static org.ipsecif.platform.freebsd.ScriptedLibC.fail;
import static org.ipsecif.platform.freebsd.ScriptedLibC.hex;
import static org.ipsecif.platform.freebsd.ScriptedLibC.put;
import static org.ipsecif.platform.freebsd.ScriptedLibC.unhex;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SysctlTest {
    /** kern.proc.pid.4711 and hw.pagesize. */
    private static final String PROCESS = digits("01000000 0e000000 01000000 67120000");

    private static final String PAGE = digits("06000000 07000000");

    /** struct kinfo_proc: its size, 68 bytes, the process, 188 bytes, 3 pages, the rest. */
    private static final String RECORD = "40040000 00*68 67120000 00*188 0300000000000000 00*816";

    private final Map<String, byte[]> values = new HashMap<>();
    private final Sysctl sysctl;

    SysctlTest() {
        ScriptedLibC kernel = new ScriptedLibC();
        kernel.on("sysctl", arguments -> {
            byte[] value = values.get(hex(bytes(arguments[0], 4 * (Integer) arguments[1])));
            if (value == null) {
                return fail(2);
            }
            put(arguments[2], 0, value);
            return 0;
        });
        sysctl = new Sysctl(kernel.posix());
    }

    @Test
    void residentBytesArePagesOfThisProcess() {
        values.put(PROCESS, unhex(RECORD));
        values.put(PAGE, unhex("00400000"));
        assertEquals(3 * 16384L, sysctl.residentBytes());
    }

    @Test
    void recordOfAnotherFormSaysNothing() {
        values.put(PAGE, unhex("00100000"));
        assertNull(sysctl.residentBytes());
        values.put(PROCESS, unhex(RECORD.replace("40040000", "48040000")));
        assertNull(sysctl.residentBytes());
        values.put(PROCESS, unhex(RECORD.replace("67120000", "68120000")));
        assertNull(sysctl.residentBytes());
        values.put(PROCESS, unhex(RECORD));
        values.remove(PAGE);
        assertNull(sysctl.residentBytes());
    }

    @Test
    void driverKeepsItsNameForAnInterface() {
        values.put(digits("04000000 12000000 00*4 02000000 09000000 03000000"), unhex("74756e3132 00"));
        assertEquals("tun12", sysctl.driverName(9));
        assertNull(sysctl.driverName(8));
    }
}
