package org.ipsecif.daemon;

import org.ipsecif.crypto.Accelerators;
import org.ipsecif.platform.ipsecmb.IpsecMb;
import org.ipsecif.platform.ipsecmb.UnusableException;

/** Looks, once at start, for a library that seals many packets a call. Without one the JDK's ciphers do. */
final class Acceleration {
    private static volatile String line = "AES-GCM by the JDK";

    private Acceleration() {}

    /** What was chosen and why, for the log when the daemon is ready: a start that is refused says only why. */
    static String line() {
        return line;
    }

    /** @param wanted whether it may be used */
    static void choose(boolean wanted) {
        if (!wanted) {
            line = "AES-GCM by the JDK, as was asked for";
            return;
        }
        try {
            IpsecMb library = IpsecMb.load();
            Accelerators.use(library);
            line = "AES-GCM by " + library.name();
        } catch (UnusableException e) {
            line = "AES-GCM by the JDK: libIPSec_MB is " + e.getMessage();
        }
    }
}
