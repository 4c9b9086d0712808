package org.ipsecif.ike;

import java.security.SecureRandom;
import java.util.List;
import java.util.function.Consumer;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/** What IKE asks of the process around it. All is called on IKE's thread, and answers come there. */
public interface IkeHost {
    /** Sends a message, without the non-ESP marker, which a floated path needs. Loss is no error. */
    void send(Path path, byte[] message);

    /** Has a NAT before this end keep its mapping, by one byte that means nothing (RFC 3948 section 2.3). The path is floated. */
    void keepAlive(Path path);

    SecureRandom random();

    /**
     * Looks up an address of a host.
     *
     * @param done called later or at once: with one of them, or null if there is none now
     */
    void resolve(String name, Family family, Consumer<@Nullable IpAddress> done);

    /**
     * A peer has shown who it is. Where peers of its kind get an interface each, that is made now, and configured under a name of its own.
     *
     * @param done called later or at once with what became of it
     */
    void admit(PeerConfig peer, Identity remote, Consumer<Admission> done);

    /**
     * Under which configuration a peer goes on.
     *
     * @param name of the peer's configuration
     * @param refusal why there is none; null if there is
     */
    record Admission(String name, @Nullable String refusal) {}

    /**
     * The peer has assigned inner addresses to this end, which asked for them.
     *
     * @param addresses one of each family at most; none if it would not
     */
    void assigned(String name, List<IpAddress> addresses);

    /** The last IKE SA with a peer is gone. */
    void idle(String name);

    /** The SAD. */
    ChildSaSink childSas();

    /** Secrets and certificates. */
    Credentials credentials();

    /** What an administrator is to know. */
    IkeEvents events();
}
