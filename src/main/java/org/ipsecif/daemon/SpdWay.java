package org.ipsecif.daemon;

import org.ipsecif.config.ConfigException;
import org.ipsecif.config.Configuration;
import org.ipsecif.config.SpdAccess;

/** The way to the kernel's SPD that a daemon goes from its start to its end, whatever the files say meanwhile. */
record SpdWay(Choice choice, SpdAccess access) {
    /** What the files come to on this system. */
    interface Choice {
        /** @throws ConfigException with its place if the system does not have that way */
        SpdAccess of(Configuration configuration) throws ConfigException;
    }

    /** @throws ConfigException with its place if the files choose one that the system does not have */
    static SpdWay of(Choice choice, Configuration configuration) throws ConfigException {
        return new SpdWay(choice, choice.of(configuration));
    }

    /** Whether the files say now that it is to be another. Likewise. */
    boolean differs(Configuration configuration) throws ConfigException {
        return choice.of(configuration) != access;
    }
}
