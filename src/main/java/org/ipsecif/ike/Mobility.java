package org.ipsecif.ike;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.ike.message.IkeHeader;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.OctetWriter;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.OpenedMessage;
import org.ipsecif.ike.message.Payload;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpsecMode;
import org.jspecify.annotations.Nullable;

/**
 * MOBIKE (RFC 4555): who initiated an IKE SA may go to another address, and its SAs with it. The other end sends there when it has seen
 * that somebody answers there who has the keys (section 3.7); until then it could be had to send to whom one likes.
 */
final class Mobility {
    private static final int COOKIE_LENGTH = 16;

    /** Further addresses of a peer that are remembered. */
    static final int MOST_ADDRESSES = 8;

    private final IkeEndpoint endpoint;

    Mobility(IkeEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    /** For IKE_AUTH; transport mode's SAs cannot move (RFC 4555 section 1.2). */
    static List<Payload> offered(PeerConfig peer) {
        boolean tunnels = peer.children().stream().allMatch(each -> each.mode() == IpsecMode.TUNNEL);
        return tunnels ? List.of(NotifyPayload.of(NotifyType.MOBIKE_SUPPORTED)) : List.of();
    }

    static void read(IkeMessage message, IkeSa sa) {
        sa.mobile =
                message.has(NotifyType.MOBIKE_SUPPORTED) && !offered(sa.peer()).isEmpty();
        if (sa.mobile) {
            readAddresses(message, sa);
        }
    }

    /** RFC 4555 section 3.6: a list takes the place of what was said before. */
    private static void readAddresses(IkeMessage message, IkeSa sa) {
        List<NotifyPayload> said = message.all(NotifyPayload.class).stream()
                .filter(each -> lengthOf(each) > 0)
                .toList();
        if (!said.isEmpty() || message.has(NotifyType.NO_ADDITIONAL_ADDRESSES)) {
            sa.addresses.clear();
            said.stream()
                    .filter(each -> each.data().length() == lengthOf(each))
                    .map(each -> IpAddress.ofBytes(each.data().toBytes()))
                    .filter(each -> isUsable(each, sa.path()))
                    .limit(MOST_ADDRESSES)
                    .forEach(sa.addresses::add);
        }
    }

    /** In bytes; 0 if it is no further address. */
    private static int lengthOf(NotifyPayload payload) {
        return payload.is(NotifyType.ADDITIONAL_IP4_ADDRESS)
                ? Family.INET.addressLength()
                : payload.is(NotifyType.ADDITIONAL_IP6_ADDRESS) ? Family.INET6.addressLength() : 0;
    }

    private static boolean isUsable(IpAddress remote, Path path) {
        return remote.family() == path.local().family()
                && !remote.isUnspecified()
                && !remote.isMulticast()
                && !remote.equals(path.local());
    }

    // The end that looks for the peer

    /**
     * The peer does not answer: whoever initiated the IKE SA asks at its other addresses, too (RFC 4555 sections 3.5, 3.10).
     *
     * @return false if there is none, or that has been done
     */
    boolean searches(IkeSa sa) {
        List<Path> others = sa.addresses.stream()
                .filter(each -> !each.equals(sa.path().remote()))
                .map(each -> new Path(sa.path().local(), Path.NAT_PORT, each, Path.NAT_PORT))
                .toList();
        boolean ours = sa.mobile && sa.lineage.isOurs() && sa.state == IkeSa.State.ESTABLISHED;
        if (!ours || others.isEmpty() || !sa.messenger().searches(others)) {
            return false;
        }
        String where =
                String.join(", ", sa.addresses.stream().map(IpAddress::toString).toList());
        endpoint.host()
                .events()
                .warn(sa.name(), "peer does not answer at " + sa.path().remote() + "; asking at " + where);
        return true;
    }

    /** The peer has answered there. If that is another of its addresses, ESP follows when it is certain that the peer is there. */
    void answeredFrom(IkeSa sa, Path from) {
        Path before = sa.path();
        boolean known = sa.addresses.contains(from.remote()) && from.local().equals(before.local());
        if (sa.messenger().isSearching() && known && !from.equals(before)) {
            sa.addresses.add(before.remote()); // where it may be back
            sa.setPath(from);
            check(sa, from);
            sa.messenger().enqueueFirst(ExchangeType.INFORMATIONAL, new Update(sa, false));
        }
    }

    // The end that moves

    /** This end's address is that of the peer's configuration from now on. What cannot move is made anew there. */
    void configured(IkeSa sa) {
        IpAddress local = sa.peer().local();
        if (sa.path().local().equals(local)) {
            return;
        }
        if (sa.state != IkeSa.State.ESTABLISHED) {
            endpoint.closing().drop(sa);
        } else if (!sa.mobile || !sa.lineage.isOurs()) {
            endpoint.closing().delete(sa);
        } else {
            Path before = sa.path();
            int port = before.isFloated() ? before.remotePort() : Path.NAT_PORT;
            sa.setPath(new Path(local, Path.NAT_PORT, before.remote(), port));
            endpoint.host().events().log(sa.name(), "IKE_SA " + sa + " moves from " + before.local() + " to " + local);
            sa.children.forEach(each -> endpoint.childSas().readdress(each, local));
            sa.messenger().resend();
            sa.messenger().enqueueFirst(ExchangeType.INFORMATIONAL, new Update(sa, true));
        }
    }

    /** RFC 4555 section 3.5. */
    private final class Update implements Messenger.Exchange {
        private final IkeSa sa;
        private final boolean moves;

        /** @param moves whether its answer is enough to send ESP by the new path */
        Update(IkeSa sa, boolean moves) {
            this.sa = sa;
            this.moves = moves;
        }

        @Override
        public List<Payload> start() {
            IkeHeader header = new IkeHeader(
                    sa.initiatorSpi(), sa.responderSpi(), ExchangeType.INFORMATIONAL, sa.isInitiator(), false, 0);
            return List.of(
                    NotifyPayload.of(NotifyType.UPDATE_SA_ADDRESSES),
                    NatDetection.source(header, sa.path(), sa.peer().forceEncapsulation()),
                    NatDetection.destination(header, sa.path()));
        }

        @Override
        public void answered(OpenedMessage response) {
            NotifyPayload error = response.message().error().orElse(null);
            if (error != null) {
                endpoint.closing()
                        .giveUp(sa, "peer does not accept " + sa.path().local() + ": " + NotifyType.text(error.type()));
                return;
            }
            if (response.message().has(NotifyType.NAT_DETECTION_SOURCE_IP)) {
                sa.nat = NatDetection.of(response.message(), sa.path());
            }
            if (moves) {
                moveChildren(sa);
            }
        }
    }

    private void moveChildren(IkeSa sa) {
        boolean inUdp = sa.nat.any() || sa.peer().forceEncapsulation();
        sa.children.forEach(each -> {
            each.move(sa.path(), inUdp);
            endpoint.host().childSas().moved(each, sa.path());
        });
        if (sa.nat.local()) {
            endpoint.lifecycle().presence().keepMapping(sa);
        }
    }

    // The end that stays

    /**
     * What an INFORMATIONAL request asks for in the way of addresses.
     *
     * @param from where it came from
     * @return for its answer
     */
    List<Payload> answer(IkeSa sa, IkeMessage request, Path from) {
        List<Payload> payloads = new ArrayList<>();
        request.notification(NotifyType.COOKIE2).ifPresent(payloads::add);
        if (sa.mobile) {
            readAddresses(request, sa);
        }
        if (request.has(NotifyType.UPDATE_SA_ADDRESSES) && sa.mobile && !sa.lineage.isOurs()) {
            NotifyType problem = problem(sa, request, from);
            if (problem != null) {
                endpoint.host().events().warn(sa.name(), "peer not followed to " + from + ": " + problem);
                payloads.add(NotifyPayload.of(problem));
            } else {
                payloads.addAll(update(sa, request, from));
            }
        }
        return payloads;
    }

    private static @Nullable NotifyType problem(IkeSa sa, IkeMessage request, Path from) {
        NotifyPayload noNats = request.notification(NotifyType.NO_NATS_ALLOWED).orElse(null);
        if (noNats != null && !noNats.data().equals(seen(from))) {
            return NotifyType.UNEXPECTED_NAT_DETECTED;
        }
        IpAddress remote = from.remote();
        boolean tunnels = sa.children.stream().allMatch(each -> each.config().mode() == IpsecMode.TUNNEL);
        return isUsable(remote, from)
                        && tunnels
                        && from.local().equals(sa.path().local())
                ? null
                : NotifyType.UNACCEPTABLE_ADDRESSES;
    }

    /** RFC 4555 section 4.2.6: addresses and ports of the sender and of the receiver. */
    private static Octets seen(Path from) {
        return new OctetWriter()
                .octets(from.remote().toBytes())
                .octets(from.local().toBytes())
                .u16(from.remotePort())
                .u16(from.localPort())
                .toOctets();
    }

    private List<Payload> update(IkeSa sa, IkeMessage request, Path from) {
        sa.setPath(from);
        boolean detects = request.has(NotifyType.NAT_DETECTION_SOURCE_IP);
        if (detects) {
            sa.nat = NatDetection.of(request, from);
        }
        check(sa, from);
        IkeHeader header = request.header().reply();
        return detects
                ? List.of(
                        NatDetection.source(header, from, sa.peer().forceEncapsulation()),
                        NatDetection.destination(header, from))
                : List.of();
    }

    private void check(IkeSa sa, Path path) {
        byte[] cookie = new byte[COOKIE_LENGTH];
        endpoint.host().random().nextBytes(cookie);
        NotifyPayload payload = NotifyPayload.of(NotifyType.COOKIE2, Octets.of(cookie));
        sa.messenger().enqueueFirst(ExchangeType.INFORMATIONAL, new Check(sa, payload, path));
    }

    /** RFC 4555 section 3.7: the return routability check. */
    private final class Check implements Messenger.Exchange {
        private final IkeSa sa;
        private final NotifyPayload cookie;
        private final Path path;

        Check(IkeSa sa, NotifyPayload cookie, Path path) {
            this.sa = sa;
            this.cookie = cookie;
            this.path = path;
        }

        @Override
        public @Nullable List<Payload> start() {
            return sa.path().equals(path) ? List.of(cookie) : null; // else there is another for where it is now
        }

        @Override
        public void answered(OpenedMessage response) {
            boolean same = response.message()
                    .notification(NotifyType.COOKIE2)
                    .map(each -> each.data().equals(cookie.data()))
                    .orElse(false);
            if (!same) {
                endpoint.closing().giveUp(sa, "peer answered without the COOKIE2 that it was sent");
            } else if (sa.path().equals(path)) {
                endpoint.host().events().log(sa.name(), "peer is at " + path + " now");
                moveChildren(sa);
            }
        }
    }
}
