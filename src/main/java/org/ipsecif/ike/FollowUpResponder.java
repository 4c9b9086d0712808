package org.ipsecif.ike;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.crypto.KeyExchangeAnswer;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.KeyExchangePayload;
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.Payload;
import org.jspecify.annotations.Nullable;

/** The responder's side of IKE_FOLLOWUP_KE (RFC 9370 section 2.2.4). */
final class FollowUpResponder {
    private final IkeEndpoint endpoint;
    private final IkeSa sa;
    private final IkeMessage request;

    FollowUpResponder(IkeEndpoint endpoint, IkeSa sa, IkeMessage request) {
        this.endpoint = endpoint;
        this.sa = sa;
        this.request = request;
    }

    void run() {
        FollowUps.Pending pending = null;
        try {
            if (sa.state != IkeSa.State.ESTABLISHED) {
                throw new IkeException(NotifyType.TEMPORARY_FAILURE, "request on an IKE_SA that is being replaced");
            }
            pending = resume();
            answer(pending);
        } catch (IkeException e) {
            refuse(pending, e);
        }
    }

    private FollowUps.Pending resume() throws IkeException {
        NotifyPayload link = request.notification(NotifyType.ADDITIONAL_KEY_EXCHANGE)
                .orElseThrow(() -> IkeException.invalidSyntax("no ADDITIONAL_KEY_EXCHANGE notification"));
        FollowUps.Pending found = sa.followUps.resume(link.data());
        if (found == null) {
            throw new IkeException(NotifyType.STATE_NOT_FOUND, "peer goes on with what was given up");
        }
        return found;
    }

    private void answer(FollowUps.Pending pending) throws IkeException {
        KeyExchangeAnswer exchanged = IntermediateResponder.exchange(request, pending.method(), endpoint);
        List<Payload> payloads = new ArrayList<>();
        payloads.add(new KeyExchangePayload(pending.method().transformId(), Octets.of(exchanged.publicValue())));
        if (pending.add(exchanged.sharedSecret())) {
            sa.followUps.remove(pending);
            pending.complete(request.header(), payloads);
        } else {
            payloads.add(NotifyPayload.of(NotifyType.ADDITIONAL_KEY_EXCHANGE, sa.followUps.await(endpoint, pending)));
            sa.messenger().respond(request.header(), payloads);
        }
    }

    private void refuse(FollowUps.@Nullable Pending pending, IkeException why) {
        sa.followUps.drop(pending);
        endpoint.host().events().warn(sa.name(), "IKE_FOLLOWUP_KE refused: " + why.getMessage());
        sa.messenger().respond(request.header(), List.of(why.notification()));
    }
}
