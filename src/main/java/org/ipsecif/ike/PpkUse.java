package org.ipsecif.ike;

/** What there is of post-quantum preshared keys (RFC 8784) with a peer. */
public enum PpkUse {
    /** No keys. */
    NONE,
    /** Done without if the peer has none. */
    OPTIONAL,
    /** No IKE SA without. */
    REQUIRED
}
