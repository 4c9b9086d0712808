package org.ipsecif.daemon;

import org.ipsecif.config.ConfigException;
import org.ipsecif.config.Configuration;
import org.ipsecif.config.SpdAccess;

/** The way to the kernel's SPD that a daemon goes from its start to its end, whatever the files say meanwhile. */
record SpdWay(OperatingSystem system, SpdAccess access) {
    /** @throws ConfigException with its place if the files choose one that the system does not have */
    static SpdWay of(OperatingSystem system, Configuration configuration) throws ConfigException {
        return new SpdWay(system, system.spdAccess(configuration));
    }

    /** Whether the files say now that it is to be another. Likewise. */
    boolean differs(Configuration configuration) throws ConfigException {
        return system.spdAccess(configuration) != access;
    }
}
