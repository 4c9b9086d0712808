package org.ipsecif.config;

/** How many Child SAs this end asks for. */
public enum IkeChildren {
    /** One for all policies, as far as one can hold them and the peer takes it so. */
    ALL,
    /** One for each pair of networks. */
    PAIR
}
