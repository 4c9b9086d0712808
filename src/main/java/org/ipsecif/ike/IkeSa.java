package org.ipsecif.ike;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.ipsecif.crypto.IkeKeys;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.crypto.PseudorandomFunction;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * The state of one IKE SA (RFC 7296 section 1.1). What is done with it is in the exchanges' classes; IKE's thread alone touches it.
 */
final class IkeSa {
    /** How far it is. */
    enum State {
        /** Up to the end of IKE_AUTH. */
        CONNECTING,
        ESTABLISHED,
        /** A younger one has its Child SAs; it is about to be deleted. */
        REPLACED,
        /** By the peer, which may not have our answer yet: nothing but that is left of it. */
        DELETED,
        CLOSED
    }

    private final boolean initiator;
    private final long initiatorSpi;
    private long responderSpi;
    private PeerConfig peer;
    private Path path;
    private @Nullable Chosen chosen;
    private @Nullable IkeKeys keys;
    private @Nullable IkeKeys mixed;
    private @Nullable Protection protection;
    private @Nullable Messenger messenger;

    State state = State.CONNECTING;

    /** As long as nobody has begun anything, the first. */
    Lineage lineage = new Lineage(0, false, null);

    NatDetection nat = NatDetection.NONE;
    boolean peerFragments;

    /** Whether the peer does IKE_INTERMEDIATE (RFC 9242). */
    boolean peerIntermediates;

    /** Whether it was told that the peer sends this end elsewhere. */
    boolean redirectTold;

    /** Whether the peer takes an IKE_AUTH exchange without a Child SA (RFC 6023). */
    boolean peerChildless;

    /** Whether both ends have post-quantum preshared keys (RFC 8784). */
    boolean usesPpk;

    Set<Integer> peerHashes = Set.of();

    @Nullable
    Identity remoteId;

    /** On the clock of {@link Timers}. */
    long establishedNanos;

    long lastHeardNanos;

    /** Whether the peer has shown that it has this IKE SA: one that was just made in another's place it may not know of yet. */
    boolean shared;

    /** Whether the peer has shown that it is up at its end too. */
    boolean complete;

    /** What has taken its place. */
    @Nullable
    IkeSa next;

    /** What has taken its place by now: itself, or the last of those that replaced one another. */
    IkeSa newest() {
        IkeSa newest = this;
        while (newest.next != null) {
            newest = newest.next;
        }
        return newest;
    }

    /** Whether its addresses may change: both ends do MOBIKE. */
    boolean mobile;

    /** Where the peer says that it is reached too (RFC 4555 section 3.6). */
    final Set<IpAddress> addresses = new LinkedHashSet<>();

    /** Where the newest request came from. */
    @Nullable
    Path requestedFrom;

    /** When the peer was told last of ESP that this end cannot read; 0 for never. */
    long noticedNanos;

    /** When the peer was told last of a packet that is none of its SA's; 0 for never. */
    long mismatchNanos;

    /** When somebody last said that the peer has forgotten it; 0 for never. */
    long suspectedNanos;

    /** When this end replaces it; null if that is not planned. */
    Timers.@Nullable Timer rekeyTimer;

    /** ESP packets of its Child SAs that had come when somebody last looked. */
    long packetsHeard;

    /** Datagrams that had gone to the peer when somebody last looked, and when the newest did. */
    long sentBefore;

    long lastSentNanos;

    /** Whether this end has asked the peer to replace it. */
    boolean rekeying;

    /** Whether the peer has agreed to that, and IKE_FOLLOWUP_KE exchanges are under way (RFC 9370 section 2.2.4). */
    boolean followingUp;

    /** Child SAs that this end is making or replacing. */
    int creating;

    /** STATE_NOT_FOUND answers of the peer, one after another. */
    int statesLost;

    /** What the peer is making with several exchanges. */
    final FollowUps followUps = new FollowUps();

    /** What the peer made to take its place while this end was doing the same. */
    @Nullable
    Successor replacedByPeer;

    /** What is still to be made. */
    Wants wants = new Wants();

    final List<ChildSa> children = new ArrayList<>();
    final List<Timers.Timer> timers = new ArrayList<>();

    /**
     * An IKE SA that was made to take another's place.
     *
     * @param lowestNonce of the exchange that made it, by which two are told apart (RFC 7296 section 2.8.2)
     */
    record Successor(IkeSa sa, org.ipsecif.ike.message.Octets lowestNonce) {}

    /** @param peer who it is, or who it might be until it has authenticated itself */
    IkeSa(PeerConfig peer, boolean initiator, long initiatorSpi, long responderSpi, Path path) {
        this.peer = peer;
        this.initiator = initiator;
        this.initiatorSpi = initiatorSpi;
        this.responderSpi = responderSpi;
        this.path = path;
    }

    /** Takes over the keys. */
    void secure(Chosen algorithms, IkeKeys secrets, Messenger messages) {
        chosen = algorithms;
        keys = secrets;
        protection = new Protection(algorithms.suite(), secrets, initiator);
        messenger = messages;
    }

    /** After an additional key exchange (RFC 9370 section 2.2.2). */
    void replaceKeys(IkeKeys secrets) {
        protection().close();
        keys().close();
        keys = secrets;
        protection = new Protection(chosen().suite(), secrets, initiator);
    }

    /** With a post-quantum preshared key SK_d, SK_pi and SK_pr are others (RFC 8784 section 3), if {@link #settlePpk} says so. */
    IkeKeys mix(KeyMaterial ppk) {
        settlePpk(false);
        IkeKeys next = keys().withPpk(prf(), ppk);
        mixed = next;
        return next;
    }

    /** @param used whether both ends have that key */
    void settlePpk(boolean used) {
        IkeKeys other = mixed;
        if (other != null) {
            IkeKeys gone = used ? keys() : other;
            keys = used ? other : keys;
            mixed = null;
            gone.skD().close();
            gone.skPi().close();
            gone.skPr().close();
        }
    }

    boolean isInitiator() {
        return initiator;
    }

    long initiatorSpi() {
        return initiatorSpi;
    }

    long responderSpi() {
        return responderSpi;
    }

    void setResponderSpi(long spi) {
        responderSpi = spi;
    }

    /** By which messages to this end name it. */
    long localSpi() {
        return initiator ? initiatorSpi : responderSpi;
    }

    PeerConfig peer() {
        return peer;
    }

    void setPeer(PeerConfig known) {
        peer = known;
    }

    String name() {
        return peer.name();
    }

    IkeTimes times() {
        return peer.times();
    }

    Path path() {
        return path;
    }

    void setPath(Path next) {
        path = next;
    }

    boolean fragments() {
        return peerFragments && peer.fragmentation();
    }

    boolean isClosed() {
        return state == State.CLOSED;
    }

    Chosen chosen() {
        return required(chosen);
    }

    PseudorandomFunction prf() {
        return chosen().requirePrf();
    }

    IkeKeys keys() {
        return required(keys);
    }

    boolean isSecured() {
        return protection != null;
    }

    Protection protection() {
        return required(protection);
    }

    Messenger messenger() {
        return required(messenger);
    }

    /** SK_pi or SK_pr. */
    KeyMaterial authenticationKey(boolean ofInitiator) {
        return ofInitiator ? keys().skPi() : keys().skPr();
    }

    private static <T> T required(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("before the end of IKE_SA_INIT");
        }
        return value;
    }

    @Nullable
    ChildSa childByOutboundSpi(int spi) {
        return children.stream()
                .filter(each -> each.outbound().spi() == spi)
                .findFirst()
                .orElse(null);
    }

    /** Wipes the keys. */
    void close() {
        state = State.CLOSED;
        followUps.clear();
        timers.forEach(Timers.Timer::cancel);
        timers.clear();
        if (messenger != null) {
            messenger.stop();
        }
        if (protection != null) {
            protection.close();
        }
        settlePpk(false);
        if (keys != null) {
            keys.close();
        }
    }

    /** {@code ipsec0[c0ffee..._i 0123..._r]}. */
    @Override
    public String toString() {
        return String.format("%016x_i %016x_r", initiatorSpi, responderSpi);
    }
}
