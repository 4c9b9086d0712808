package org.ipsecif.ike;

import java.util.List;
import org.ipsecif.crypto.AlgorithmProposal;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * A peer, and what is agreed to with it.
 *
 * @param name of the interface, for logs and commands
 * @param local address of this end
 * @param remote address of the peer; null for any
 * @param localId who this end is
 * @param remoteId who the peer has to be; null for anybody whose secret is known
 * @param proposals for the IKE SA, those liked most first
 * @param start whether this end connects on its own, and again whenever the connection is lost
 * @param restart whether it does so again when the peer has closed what there was
 * @param forceEncapsulation pretends a NAT, so that ESP goes in UDP
 * @param fragmentation offers and uses RFC 7383
 * @param ppk post-quantum preshared keys
 * @param childless makes the IKE SA before any Child SA, if the peer can (RFC 6023), so that Child SAs have key exchanges of their own
 *     from the beginning
 * @param revive whether this end connects again when the peer has not answered any more
 * @param host name of the host that this end connects to, whose address is looked up each time; null for {@code remote}. Such a peer may
 *     come from anywhere, and has no {@code remote}
 * @param inner addresses that one end assigns to the other
 */
public record PeerConfig(
        String name,
        IpAddress local,
        @Nullable IpAddress remote,
        Identity localId,
        @Nullable Identity remoteId,
        List<AlgorithmProposal> proposals,
        List<ChildConfig> children,
        IkeTimes times,
        boolean start,
        boolean restart,
        boolean forceEncapsulation,
        boolean fragmentation,
        PpkUse ppk,
        boolean childless,
        boolean revive,
        @Nullable String host,
        InnerAddresses inner) {
    public PeerConfig {
        proposals = List.copyOf(proposals);
        children = List.copyOf(children);
    }

    /** Whose inner addresses are its own affair. */
    public PeerConfig(
            String name,
            IpAddress local,
            @Nullable IpAddress remote,
            Identity localId,
            @Nullable Identity remoteId,
            List<AlgorithmProposal> proposals,
            List<ChildConfig> children,
            IkeTimes times,
            boolean start,
            boolean restart,
            boolean forceEncapsulation,
            boolean fragmentation,
            PpkUse ppk,
            boolean childless,
            boolean revive,
            @Nullable String host) {
        this(
                name,
                local,
                remote,
                localId,
                remoteId,
                proposals,
                children,
                times,
                start,
                restart,
                forceEncapsulation,
                fragmentation,
                ppk,
                childless,
                revive,
                host,
                InnerAddresses.NONE);
    }

    public PeerConfig withInner(InnerAddresses value) {
        return new PeerConfig(
                name,
                local,
                remote,
                localId,
                remoteId,
                proposals,
                children,
                times,
                start,
                restart,
                forceEncapsulation,
                fragmentation,
                ppk,
                childless,
                revive,
                host,
                value);
    }

    /** Without post-quantum preshared keys, and with a Child SA from the beginning. */
    public PeerConfig(
            String name,
            IpAddress local,
            @Nullable IpAddress remote,
            Identity localId,
            @Nullable Identity remoteId,
            List<AlgorithmProposal> proposals,
            List<ChildConfig> children,
            IkeTimes times,
            boolean start,
            boolean restart,
            boolean forceEncapsulation,
            boolean fragmentation) {
        this(
                name,
                local,
                remote,
                localId,
                remoteId,
                proposals,
                children,
                times,
                start,
                restart,
                forceEncapsulation,
                fragmentation,
                PpkUse.NONE,
                false);
    }

    /** Which is connected again when it is dead, if it is connected always, and of which no host name is known. */
    public PeerConfig(
            String name,
            IpAddress local,
            @Nullable IpAddress remote,
            Identity localId,
            @Nullable Identity remoteId,
            List<AlgorithmProposal> proposals,
            List<ChildConfig> children,
            IkeTimes times,
            boolean start,
            boolean restart,
            boolean forceEncapsulation,
            boolean fragmentation,
            PpkUse ppk,
            boolean childless) {
        this(
                name,
                local,
                remote,
                localId,
                remoteId,
                proposals,
                children,
                times,
                start,
                restart,
                forceEncapsulation,
                fragmentation,
                ppk,
                childless,
                start,
                null);
    }

    /** What is said before it is known which of several peers it is: equal where that is the same. */
    PeerConfig opening() {
        return new PeerConfig(
                "",
                local,
                remote,
                Identity.of(local),
                null,
                proposals,
                List.of(),
                IkeTimes.DEFAULT,
                false,
                false,
                forceEncapsulation,
                fragmentation,
                ppk,
                false,
                false,
                null);
    }

    /** Whether this end can connect to it. */
    boolean isSomewhere() {
        return remote != null || host != null;
    }

    /** Who it has to be; null if there are several that it may be. */
    @Nullable
    Identity onlyIdentity() {
        return remoteId == null || remoteId.isPattern() ? null : remoteId;
    }

    boolean accepts(Identity identity) {
        return remoteId == null || remoteId.matches(identity);
    }
}
