package org.ipsecif.ike;

import org.jspecify.annotations.Nullable;

/** Peers like {@link TestNetwork#peer}, but for one thing. */
final class Peers {
    private Peers() {}

    static PeerConfig named(PeerConfig peer, String name) {
        return new PeerConfig(
                name,
                peer.local(),
                peer.remote(),
                peer.localId(),
                peer.remoteId(),
                peer.proposals(),
                peer.children(),
                peer.times(),
                peer.start(),
                peer.restart(),
                peer.forceEncapsulation(),
                peer.fragmentation(),
                peer.ppk(),
                peer.childless());
    }

    /** Connects on its own, and again. */
    static PeerConfig starting(PeerConfig peer) {
        return changed(peer, peer.times(), true);
    }

    /** Each message in one datagram, however long. */
    static PeerConfig unfragmented(PeerConfig peer) {
        return new PeerConfig(
                peer.name(),
                peer.local(),
                peer.remote(),
                peer.localId(),
                peer.remoteId(),
                peer.proposals(),
                peer.children(),
                peer.times(),
                peer.start(),
                peer.restart(),
                peer.forceEncapsulation(),
                false);
    }

    /** As to what it does when the peer is dead. */
    static PeerConfig reviving(PeerConfig peer, boolean revive) {
        return new PeerConfig(
                peer.name(),
                peer.local(),
                peer.remote(),
                peer.localId(),
                peer.remoteId(),
                peer.proposals(),
                peer.children(),
                peer.times(),
                peer.start(),
                peer.restart(),
                peer.forceEncapsulation(),
                peer.fragmentation(),
                peer.ppk(),
                peer.childless(),
                revive,
                null);
    }

    /** Under other names. */
    static PeerConfig named(PeerConfig peer, Identity local, @Nullable Identity remote) {
        return new PeerConfig(
                peer.name(),
                peer.local(),
                peer.remote(),
                local,
                remote,
                peer.proposals(),
                peer.children(),
                peer.times(),
                peer.start(),
                peer.restart(),
                peer.forceEncapsulation(),
                peer.fragmentation());
    }

    static PeerConfig withTimes(PeerConfig peer, IkeTimes times) {
        return changed(peer, times, peer.start());
    }

    /** Of eight transmissions of a request, one in two hundred would have none answered, which is the end of an IKE SA. */
    static PeerConfig patient(PeerConfig peer) {
        IkeTimes times = peer.times();
        return withTimes(
                peer,
                new IkeTimes(
                        times.firstRetransmission(),
                        40,
                        times.rekeyIke(),
                        times.rekeyChild(),
                        times.deadPeer(),
                        times.retry()));
    }

    private static PeerConfig changed(PeerConfig peer, IkeTimes times, boolean start) {
        return new PeerConfig(
                peer.name(),
                peer.local(),
                peer.remote(),
                peer.localId(),
                peer.remoteId(),
                peer.proposals(),
                peer.children(),
                times,
                start,
                start || peer.restart(),
                peer.forceEncapsulation(),
                peer.fragmentation(),
                peer.ppk(),
                peer.childless());
    }
}
