package org.ipsecif.ike;

import java.util.function.Consumer;
import org.ipsecif.sa.SaParameters;
import org.jspecify.annotations.Nullable;

/** The SAD, as IKE sees it: keyed SAs go there and nowhere else. */
public interface ChildSaSink {
    /** An SPI that no inbound SA has, and that is not given out again soon. */
    int allocateSpi();

    /**
     * Adds an SA.
     *
     * @param done called on IKE's thread, later or at once: with null when the SA serves packets, else with why it cannot be
     */
    void add(ChildSa child, SaParameters sa, Consumer<@Nullable String> done);

    /** Removes an SA. */
    void remove(ChildSa child, SaParameters sa);

    /** Removes an inbound SA when what is on its way has come: the peer sends no more with it (RFC 7296 section 2.8). */
    void retire(ChildSa child, SaParameters sa);

    /** @param done called on IKE's thread when packets see all that was asked for before */
    void settled(Runnable done);

    /** An SA goes on with its keys and numbers under other addresses. */
    void readdress(SaParameters before, SaParameters after);

    /** Packets that an SA of the SAD has sent or accepted; 0 while it is not there. Asked now and then, never for a packet. */
    long packets(SaParameters sa);

    /** The peer is elsewhere from now on, by the same NAT or another: ESP goes where the messages go. */
    void moved(ChildSa child, Path path);
}
