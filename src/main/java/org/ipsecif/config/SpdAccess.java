package org.ipsecif.config;

import java.util.Locale;

/** {@code kernel-spd}: by which of its interfaces the kernel's SPD is reached. */
public enum SpdAccess {
    /** Linux: netlink, NETLINK_XFRM. */
    XFRM,
    /** PF_KEY sockets; FreeBSD has no other. */
    PFKEY;

    static final String KEY = "kernel-spd";

    /** As the file writes it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static SpdAccess parse(String value) throws ConfigException {
        for (SpdAccess each : values()) {
            if (each.word().equals(value)) {
                return each;
            }
        }
        throw new ConfigException("\"" + value + "\" is neither xfrm nor pfkey");
    }
}
