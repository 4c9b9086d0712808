package org.ipsecif.sa;

/** RFC 4301 section 4.1. */
public enum IpsecMode {
    TRANSPORT,
    TUNNEL
}
