package org.ipsecif.config;

/** What an interface does about a connection that is not there. */
public enum IkeAction {
    /** Waits for the peer. */
    NONE,
    /** Connects when there is a packet to send. */
    TRAP,
    /** Connects at once. */
    START
}
