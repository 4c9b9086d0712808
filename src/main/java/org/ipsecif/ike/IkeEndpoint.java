package org.ipsecif.ike;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.IkeHeader;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.sa.Flow;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * All IKE SAs of this process: finds the one that a message belongs to, makes and ends them. One thread calls; time is what it
 * says to {@link #timers()}.
 */
public final class IkeEndpoint {
    private final IkeHost host;
    private final Timers timers;
    private final ChildSas childSas;
    private final InitResponder responder;
    private final Lifecycle lifecycle;
    private final Coverage coverage;
    private final Closing closing;
    private final Locator locator;
    private final Strangers strangers;
    private final Duplicates duplicates;
    private final Mobility mobility;
    private final Rekeying rekeying;
    private final SelectorNotices selectorNotices;
    private final PeerTable peers = new PeerTable();
    private final SaTable sas = new SaTable();
    private final Map<Long, InitInitiator> initiating = new HashMap<>();
    private long malformed;

    /** Numbers what happens, for things that happen at once by the clock. */
    private long moment;

    public IkeEndpoint(IkeHost host, Timers timers) {
        this.host = host;
        this.timers = timers;
        this.childSas = new ChildSas(this);
        this.closing = new Closing(this);
        this.locator = new Locator(this);
        this.strangers = new Strangers(this);
        this.duplicates = new Duplicates(this);
        this.mobility = new Mobility(this);
        this.rekeying = new Rekeying(this);
        this.selectorNotices = new SelectorNotices(this);
        this.responder = new InitResponder(this);
        this.lifecycle = new Lifecycle(this);
        this.coverage = new Coverage(this);
    }

    IkeHost host() {
        return host;
    }

    /** The clock, which moves as the owner says. */
    public Timers timers() {
        return timers;
    }

    /** What those say who are not authenticated. */
    Strangers strangers() {
        return strangers;
    }

    ChildSas childSas() {
        return childSas;
    }

    /** Asks for Child SAs. */
    Coverage coverage() {
        return coverage;
    }

    Lifecycle lifecycle() {
        return lifecycle;
    }

    /** Ends IKE SAs. */
    Closing closing() {
        return closing;
    }

    // What the owner asks for

    /** Adds a peer, or changes what is agreed to with it from now on. One that is to be connected always is connected. */
    public void configure(PeerConfig peer) {
        peers.put(peer);
        for (IkeSa sa : sas.of(peer.name())) {
            PeerConfig before = sa.peer();
            sa.setPeer(peer);
            mobility.configured(sa);
            lifecycle.configured(sa, before);
            coverage.configured(sa);
        }
        if (peer.start()) {
            connect(peer.name());
        }
    }

    /** Secrets or certificates are others than those with which the peer was authenticated. */
    public void credentialsChanged(String name) {
        IkeSa sa = established(name);
        if (sa != null) {
            lifecycle.otherCredentials(sa, "the credential");
        }
    }

    /** Forgets a peer, and deletes what there is with it. */
    public void remove(String name) {
        peers.remove(name);
        locator.forget(name);
        disconnect(name);
    }

    /** Connects, unless that is being done or has been. @return false if no such peer with an address is known */
    public boolean connect(String name) {
        sas.of(name).stream().filter(IkeEndpoint::isConnection).forEach(sa -> {
            sa.wants.everything = true;
            coverage.complete(sa);
        });
        Wants everything = new Wants();
        everything.everything = true;
        return connect(name, everything);
    }

    /**
     * A packet of this end's waits for a Child SA.
     *
     * @param connect whether that is a reason to connect
     */
    public void acquire(String name, Flow packet, boolean connect) {
        IkeSa sa = established(name);
        if (sa != null) {
            coverage.acquire(sa, packet);
            return;
        }
        sas.of(name).stream().filter(IkeEndpoint::isConnection).forEach(each -> each.wants.await(packet));
        if (connect) {
            Wants wants = new Wants();
            wants.await(packet);
            connect(name, wants);
        }
    }

    private boolean connect(String name, Wants wants) {
        PeerConfig peer = peers.find(name);
        if (peer != null && sas.of(name).stream().noneMatch(IkeEndpoint::isConnection)) {
            locator.connect(peer, wants);
        }
        return peer != null && peer.isSomewhere();
    }

    void connectTo(PeerConfig peer, IpAddress remote, Wants wants) {
        if (sas.of(peer.name()).stream().noneMatch(IkeEndpoint::isConnection)) {
            host.events().log(peer.name(), "connecting to " + remote);
            initiate(peer, new Path(peer.local(), Path.IKE_PORT, remote, Path.IKE_PORT), lineage(true), wants);
        }
    }

    private void initiate(PeerConfig peer, Path path, Lineage lineage, Wants wants) {
        IkeSa sa = new IkeSa(peer, true, freshSpi(), 0, path);
        sa.lineage = lineage;
        sa.wants = wants;
        sas.add(sa);
        InitInitiator init = new InitInitiator(this, sa);
        initiating.put(sa.initiatorSpi(), init);
        init.start();
    }

    /** Makes another IKE SA beside this one, which is to go then. Where the peer is now, a NAT lets it pass. */
    void reauthenticate(IkeSa sa) {
        host.events().log(sa.name(), "authenticating again, in place of IKE_SA " + sa);
        Wants wants = new Wants();
        wants.everything = sa.wants.everything;
        initiate(sa.peer(), sa.path(), new Lineage(++moment, true, sa.lineage), wants);
    }

    /** What the peer has begun is none until it has said who it is: anybody could keep us from connecting. */
    private static boolean isConnection(IkeSa sa) {
        return sa.state == IkeSa.State.ESTABLISHED || (sa.state == IkeSa.State.CONNECTING && sa.isInitiator());
    }

    /**
     * Connects, or where there is an IKE SA already makes the Child SAs that are missing.
     *
     * @return false if no such peer with an address is known, and none has connected
     */
    public boolean complete(String name) {
        IkeSa sa = established(name);
        if (sa == null) {
            lifecycle.forget(name); // now, not at its next turn
            return connect(name);
        }
        sa.wants.everything = true;
        sa.wants.problem = null;
        coverage.complete(sa);
        return true;
    }

    /** Whether all Child SAs are there that are configured and that the peer has not refused. */
    public boolean isComplete(String name) {
        IkeSa sa = established(name);
        return sa != null && coverage.isComplete(sa);
    }

    /** Why something is missing that was asked for since {@link #complete} was called last; null if nothing is, or it may still come. */
    public @Nullable String problem(String name) {
        IkeSa sa = established(name);
        return sa == null || !coverage.isSettled(sa) ? null : sa.wants.problem;
    }

    /** What there is, at this moment. @param name of a peer, or null for all */
    public List<IkeStatus> snapshot(@Nullable String name) {
        Snapshots snapshots = new Snapshots(timers.now());
        return (name == null ? sas.all() : sas.of(name))
                .stream()
                        .sorted(Comparator.comparing(IkeSa::name).thenComparing(each -> each.establishedNanos))
                        .map(snapshots::of)
                        .toList();
    }

    /**
     * The keys of a peer's IKE SAs, as lines of Wireshark's {@code ikev2_decryption_table}.
     *
     * @return a line for each IKE SA that has keys, the caller's to wipe; empty where Wireshark has no name for an algorithm
     */
    public List<Optional<byte[]>> keyTable(String name) {
        return sas.of(name).stream()
                .filter(IkeSa::isSecured)
                .map(Snapshots::keys)
                .toList();
    }

    /** Deletes all IKE SAs with a peer, which is told. It is not connected again until somebody asks for it. */
    public void disconnect(String name) {
        lifecycle.forget(name);
        for (IkeSa sa : sas.of(name)) {
            if (sa.state == IkeSa.State.ESTABLISHED) {
                closing.delete(sa);
            } else {
                closing.drop(sa);
            }
        }
    }

    /** Replaces the IKE SA. @return false if there is none */
    public boolean rekeyIke(String name, Attempt attempt) {
        return rekeying.ike(name, attempt);
    }

    boolean rekeyIke(String name) {
        return rekeyIke(name, new Attempt());
    }

    /** Replaces all Child SAs. @return false if there is none */
    public boolean rekeyChildren(String name, Attempt attempt) {
        return rekeying.children(name, attempt);
    }

    boolean rekeyChildren(String name) {
        return rekeyChildren(name, new Attempt());
    }

    /** An SA of the SAD has carried so much that it is to be replaced, or so much that it has ended there before it was. */
    public void expiring(int spi) {
        rekeying.expiring(spi);
    }

    Rekeying rekeying() {
        return rekeying;
    }

    /**
     * ESP came with an SPI that the SAD does not have.
     *
     * @param path by which IKE would reach its sender
     */
    public void unknownEsp(Path path, int spi) {
        strangers.unknownEsp(path, spi);
    }

    /**
     * Authentic ESP came from elsewhere than it is sent to.
     *
     * @param from by which IKE would reach its sender
     * @param spi of the inbound SA
     */
    public void peerMoved(Path from, int spi) {
        for (IkeSa sa : all()) {
            if (sa.state == IkeSa.State.ESTABLISHED
                    && sa.children.stream().anyMatch(each -> each.inbound().spi() == spi)) {
                lifecycle.presence().heardFrom(sa, from);
            }
        }
    }

    /**
     * A packet came with an SA whose selectors or policy do not take it; the peer is told, if that is due.
     *
     * @param spi of the inbound SA
     * @param start first bytes of the packet
     */
    public void selectorMismatch(int spi, byte[] start) {
        selectorNotices.tell(spi, Octets.of(start));
    }

    SelectorNotices selectorNotices() {
        return selectorNotices;
    }

    /** One that is up; null if there is none. */
    @Nullable
    IkeSa established(String name) {
        return sas.of(name).stream()
                .filter(sa -> sa.state == IkeSa.State.ESTABLISHED)
                .findFirst()
                .orElse(null);
    }

    /** All that there are; to go through them takes as long as they are many. */
    List<IkeSa> all() {
        return sas.all();
    }

    /** Those with one peer. */
    List<IkeSa> all(String name) {
        return sas.of(name);
    }

    int halfOpen() {
        return responder.halfOpen();
    }

    /** Messages that were no IKEv2. */
    public long malformed() {
        return malformed;
    }

    // Messages

    /** Takes a message, without the non-ESP marker. Never throws, whatever it is. */
    public void receive(Path path, byte[] bytes, int offset, int length) {
        IkeMessage message;
        try {
            message = IkeMessage.parse(bytes, offset, length);
        } catch (IkeException e) {
            malformed++;
            if (e.kind() == NotifyType.INVALID_MAJOR_VERSION) {
                strangers.otherVersion(bytes, offset, length, path);
            }
            return;
        }
        IkeHeader header = message.header();
        byte[] alone = Arrays.copyOfRange(bytes, offset, offset + length);
        if (header.is(ExchangeType.IKE_SA_INIT)) {
            receiveInit(message, alone, path);
            return;
        }
        IkeSa sa = sas.find(header.initiator() ? header.responderSpi() : header.initiatorSpi());
        if (sa != null
                && sa.isSecured()
                && sa.initiatorSpi() == header.initiatorSpi()
                && sa.responderSpi() == header.responderSpi()) {
            if (!strangers.isHint(sa, message, path)) {
                sa.messenger().receive(message, alone, 0, alone.length, path);
            }
        } else {
            strangers.receive(message, path);
        }
    }

    private void receiveInit(IkeMessage message, byte[] bytes, Path path) {
        IkeHeader header = message.header();
        if (!header.response()) {
            if (header.initiator()) {
                responder.receive(message, bytes, path);
            }
            return;
        }
        InitInitiator init = header.initiator() ? null : initiating.get(header.initiatorSpi());
        if (init != null && init.sa().path().equals(path)) {
            init.receive(message, bytes);
        }
    }

    Messenger messenger(IkeSa sa, long nextId, long expectedId) {
        return new Messenger(sa, host, timers, new PeerRequests(this, sa), nextId, expectedId);
    }

    /** What IKE_AUTH needs to know of IKE_SA_INIT, at the responder; null if it is not half open. */
    @Nullable
    Handshake handshake(IkeSa sa) {
        return responder.handshake(sa);
    }

    // What exchanges lead to

    Octets nonce() {
        byte[] bytes = new byte[InitInitiator.NONCE_LENGTH];
        host.random().nextBytes(bytes);
        return Octets.of(bytes);
    }

    long freshSpi() {
        long spi;
        do {
            spi = host.random().nextLong();
        } while (spi == 0 || sas.find(spi) != null);
        return spi;
    }

    /** Who is known. */
    PeerTable peers() {
        return peers;
    }

    /** Who it is has come out. */
    void setPeer(IkeSa sa, PeerConfig peer) {
        sas.setPeer(sa, peer);
    }

    void register(IkeSa sa) {
        sas.add(sa);
    }

    /** Messages for it lead nowhere from now on. */
    void unregister(IkeSa sa) {
        InitInitiator init = initiating.remove(sa.initiatorSpi());
        if (init != null) {
            init.close();
        }
        responder.forget(sa);
        sas.remove(sa);
        if (sas.of(sa.name()).isEmpty()) {
            host.idle(sa.name());
        }
    }

    /** What somebody who is not authenticated causes: a few lines a second, lest the log be filled by who likes. */
    void unauthenticated(String peer, String line) {
        strangers.warn(peer, line);
    }

    /** IKE_SA_INIT, or an IKE_INTERMEDIATE exchange, is done, at the initiator. */
    void initialized(IkeSa sa, Handshake handshake) {
        initiating.remove(sa.initiatorSpi());
        if (handshake.next(sa.chosen()) == null) {
            long messageId = 1L + handshake.exchanges();
            sa.messenger().enqueue(ExchangeType.IKE_AUTH, new AuthInitiator(this, sa, handshake, messageId));
        } else {
            sa.messenger().enqueue(ExchangeType.IKE_INTERMEDIATE, new Intermediate(this, sa, handshake));
        }
    }

    Mobility mobility() {
        return mobility;
    }

    Duplicates duplicates() {
        return duplicates;
    }

    /** Of an IKE SA that begins now. */
    Lineage lineage(boolean ours) {
        return new Lineage(++moment, ours, null);
    }

    /** Both ends have authenticated each other. */
    void authenticated(IkeSa sa) {
        sa.lineage.authenticated(++moment, timers.now());
        established(sa);
        duplicates.established(sa);
    }

    void established(IkeSa sa) {
        responder.forget(sa);
        sa.timers.forEach(Timers.Timer::cancel);
        sa.timers.clear();
        sa.state = IkeSa.State.ESTABLISHED;
        sa.establishedNanos = timers.now();
        sa.lastHeardNanos = timers.now();
        host.events()
                .log(
                        sa.name(),
                        "IKE_SA " + sa + " established with " + sa.remoteId + " at "
                                + sa.path().remote() + ", " + sa.chosen().text() + (sa.nat.any() ? ", NAT" : ""));
        lifecycle.established(sa);
    }
}
