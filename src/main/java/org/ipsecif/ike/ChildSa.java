package org.ipsecif.ike;

import java.util.List;
import org.ipsecif.ike.message.AddressRange;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.sa.SaParameters;
import org.jspecify.annotations.Nullable;

/** A pair of ESP SAs (RFC 7296 section 1.3). Owned by the IKE SA that made it, or that took over from that one. */
public final class ChildSa {
    /** How far it is. */
    enum State {
        /** Both ends have agreed; the SAD is taking it. */
        ADDING,
        /** Carries traffic, as far as no younger one does. */
        ACTIVE,
        /** A younger one has taken its place, and the peer is about to be told. */
        REPLACED,
        /** Out of the SAD. */
        GONE
    }

    private ChildConfig config;
    private volatile Path path;
    private volatile boolean inUdp;
    private SaParameters inbound;
    private SaParameters outbound;
    private final List<AddressRange> local;
    private final List<AddressRange> remote;
    private final String algorithms;
    private final Octets lowestNonce;

    State state = State.ADDING;
    boolean outboundAdded;

    /** The IKE SA that has it. */
    @Nullable
    IkeSa owner;

    /** When it is to be replaced; null if that is not planned. */
    Timers.@Nullable Timer rekeyTimer;

    /** On the clock of {@link Timers}. */
    long madeNanos;

    /** Whether the peer is known to have it: it made it, or has gone on since. */
    boolean confirmed;

    /** Whether this end has asked the peer to replace it. */
    boolean rekeying;

    /** Whether the peer has agreed to that, and IKE_FOLLOWUP_KE exchanges are under way (RFC 9370 section 2.2.4). */
    boolean followingUp;

    /** What the peer made to take its place, perhaps while this end was doing the same. */
    @Nullable
    ChildSa replacedByPeer;

    ChildSa(Agreement agreement, Path path, boolean inUdp, SaParameters inbound, SaParameters outbound) {
        this.config = agreement.config();
        this.path = path;
        this.inUdp = inUdp;
        this.inbound = inbound;
        this.outbound = outbound;
        this.local = agreement.local();
        this.remote = agreement.remote();
        this.algorithms = agreement.chosen().text();
        this.lowestNonce = agreement.lowestNonce();
    }

    /** What is configured has changed, and has this still. */
    void setConfig(ChildConfig next) {
        config = next;
    }

    public ChildConfig config() {
        return config;
    }

    /** The ends are there from now on. */
    void move(Path next, boolean encapsulated) {
        path = next;
        inUdp = encapsulated;
    }

    /** Likewise in its SAs. */
    void readdress(SaParameters in, SaParameters out) {
        inbound = in;
        outbound = out;
    }

    /** Where the peer was when it was made, or has gone. */
    public Path path() {
        return path;
    }

    /** Whether ESP goes in UDP (RFC 3948). */
    public boolean inUdp() {
        return inUdp;
    }

    public SaParameters inbound() {
        return inbound;
    }

    public SaParameters outbound() {
        return outbound;
    }

    /** What it carries, of this end's addresses. */
    public List<AddressRange> local() {
        return local;
    }

    public List<AddressRange> remote() {
        return remote;
    }

    /** For people: {@code AES_GCM_16_256/ESN}. */
    public String algorithms() {
        return algorithms;
    }

    /** Whether it carries, or is about to. */
    boolean isThere() {
        return state == State.ADDING || state == State.ACTIVE;
    }

    /** Whether all that {@code other} carries is among what it carries. */
    boolean contains(ChildSa other) {
        return Narrowing.isWithin(other.local, local) && Narrowing.isWithin(other.remote, remote);
    }

    /** Whether some of what it carries is what {@code other} carries. */
    boolean meets(ChildSa other) {
        return local.stream()
                .anyMatch(here -> remote.stream()
                        .anyMatch(there -> new SelectorPair(here, there).meets(other.local, other.remote)));
    }

    /** Of the exchange that made it. */
    Octets lowestNonce() {
        return lowestNonce;
    }

    /** {@code ipsec0 c1a4f00d_i 0a2b3c4d_o 10.0.0.0/24 === 10.1.0.0/24}. */
    @Override
    public String toString() {
        return String.format(
                "%s %08x_i %08x_o %s === %s", config.name(), inbound.spi(), outbound.spi(), text(local), text(remote));
    }

    static String text(List<AddressRange> selectors) {
        return String.join(" ", selectors.stream().map(AddressRange::text).toList());
    }
}
