package org.ipsecif.config;

/** {@code ipsecif_IF_encap}: how ESP travels between the tunnel endpoints. */
public enum Encap {
    /** IP protocol 50. */
    NO,
    /** RFC 3948, UDP port 4500. */
    UDP
}
