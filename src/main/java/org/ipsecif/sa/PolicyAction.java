package org.ipsecif.sa;

/** RFC 4301 section 4.4.1: what happens to a packet that a policy selects. */
public enum PolicyAction {
    PROTECT,
    BYPASS,
    DISCARD
}
