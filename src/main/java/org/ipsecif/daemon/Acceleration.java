package org.ipsecif.daemon;

import org.ipsecif.crypto.Accelerators;
import org.ipsecif.platform.ipsecmb.IpsecMb;
import org.ipsecif.platform.ipsecmb.UnusableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks, once at start, for a library that seals many packets a call. Without one the JDK's ciphers do. */
final class Acceleration {
    private static final Logger LOG = LoggerFactory.getLogger(Acceleration.class);

    private Acceleration() {}

    /** @param wanted whether it may be used */
    static void choose(boolean wanted) {
        if (!wanted) {
            LOG.info("AES-GCM by the JDK, as was asked for");
            return;
        }
        try {
            IpsecMb library = IpsecMb.load();
            Accelerators.use(library);
            LOG.info("AES-GCM by {}", library.name());
        } catch (UnusableException e) {
            LOG.info("AES-GCM by the JDK: libIPSec_MB is {}", e.getMessage());
        }
    }
}
