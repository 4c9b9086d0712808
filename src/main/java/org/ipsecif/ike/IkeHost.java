package org.ipsecif.ike;

import java.security.SecureRandom;

/** What IKE asks of the process around it. All is called on IKE's thread, and answers come there. */
public interface IkeHost {
    /** Sends a message, without the non-ESP marker, which a floated path needs. Loss is no error. */
    void send(Path path, byte[] message);

    /** Has a NAT before this end keep its mapping, by one byte that means nothing (RFC 3948 section 2.3). The path is floated. */
    void keepAlive(Path path);

    SecureRandom random();

    /** The SAD. */
    ChildSaSink childSas();

    /** Secrets and certificates. */
    Credentials credentials();

    /** What an administrator is to know. */
    IkeEvents events();
}
