package org.ipsecif.config;

/** Where an interface's SAs come from. */
public enum Keying {
    /** From its {@code sa_file}, or from setkey(8)'s words at run time. */
    MANUAL,
    /** From IKEv2. */
    IKE
}
