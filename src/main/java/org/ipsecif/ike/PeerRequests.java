package org.ipsecif.ike;

import java.util.List;
import org.ipsecif.crypto.KeyExchangeMethod;
import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.IkeHeader;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.OpenedMessage;

/** What one IKE SA's peer asks for, and whether it is there. */
final class PeerRequests implements Messenger.Receiver {
    private final IkeEndpoint endpoint;
    private final IkeSa sa;

    PeerRequests(IkeEndpoint endpoint, IkeSa sa) {
        this.endpoint = endpoint;
        this.sa = sa;
    }

    @Override
    public void request(OpenedMessage request) {
        IkeMessage message = request.message();
        IkeHeader header = message.header();
        sa.children.forEach(each -> each.confirmed = true); // with a window of one, it has our last answer
        Handshake handshake = sa.state == IkeSa.State.CONNECTING ? endpoint.handshake(sa) : null;
        if (handshake != null) {
            handshake(request, handshake);
        } else if (sa.state == IkeSa.State.CONNECTING && sa.isInitiator()) {
            sa.messenger().ignore(); // IKE_AUTH's answer is on its way, and this will come again
        } else if (sa.state == IkeSa.State.CONNECTING) {
            refuse(header, "not the time for " + ExchangeType.text(header.exchange()));
        } else if (header.is(ExchangeType.CREATE_CHILD_SA)) {
            new CreateResponder(endpoint, sa, message).run();
        } else if (header.is(ExchangeType.IKE_FOLLOWUP_KE)) {
            new FollowUpResponder(endpoint, sa, message).run();
        } else if (header.is(ExchangeType.INFORMATIONAL)) {
            new InformationalResponder(endpoint, sa, message).run();
        } else {
            refuse(header, "not the time for " + ExchangeType.text(header.exchange()));
        }
    }

    private void handshake(OpenedMessage request, Handshake handshake) {
        IkeHeader header = request.message().header();
        KeyExchangeMethod additional = handshake.next(sa.chosen());
        try {
            if (additional == null && header.is(ExchangeType.IKE_AUTH)) {
                new AuthResponder(endpoint, sa, handshake, request).run();
            } else if (additional != null && header.is(ExchangeType.IKE_INTERMEDIATE)) {
                new IntermediateResponder(endpoint, sa, handshake).run(request, additional);
            } else {
                refuse(header, "not the time for " + ExchangeType.text(header.exchange()));
            }
        } catch (IkeException e) {
            malformedRequest(header, e);
        }
    }

    private void refuse(IkeHeader header, String why) {
        malformedRequest(header, IkeException.invalidSyntax(why));
    }

    /** RFC 7296 section 2.21.3: what is malformed though it is authentic ends the IKE SA. */
    @Override
    public void malformedRequest(IkeHeader header, IkeException why) {
        sa.messenger().respond(header, List.of(why.notification()));
        if (why.kind() == NotifyType.INVALID_SYNTAX) {
            endpoint.closing().failed(sa, String.valueOf(why.getMessage()));
        }
    }

    /** RFC 7296 section 2.23: a peer behind a NAT is where its newest message came from; no message comes here twice. */
    @Override
    public void authentic(Path from, boolean newRequest) {
        sa.lastHeardNanos = endpoint.timers().now();
        if (!newRequest) {
            endpoint.mobility().answeredFrom(sa, from);
        }
        sa.shared = true;
        sa.requestedFrom = newRequest ? from : sa.requestedFrom;
        sa.complete |= sa.state == IkeSa.State.ESTABLISHED;
        if (sa.state == IkeSa.State.CONNECTING && !sa.isInitiator() && newRequest) {
            sa.setPath(from);
        } else if (sa.state != IkeSa.State.CONNECTING) {
            endpoint.lifecycle().presence().heardFrom(sa, from);
        }
    }

    @Override
    public void unanswered() {
        if (!endpoint.mobility().searches(sa)) {
            endpoint.closing().failed(sa, "peer does not answer");
        }
    }
}
