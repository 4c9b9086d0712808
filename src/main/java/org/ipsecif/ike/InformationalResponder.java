package org.ipsecif.ike;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.ike.message.DeletePayload;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.Payload;
import org.ipsecif.ike.message.ProtocolId;

/** The responder's side of INFORMATIONAL (RFC 7296 sections 1.4, 1.4.1, 2.25). */
final class InformationalResponder {
    private final IkeEndpoint endpoint;
    private final IkeSa sa;
    private final IkeMessage request;

    InformationalResponder(IkeEndpoint endpoint, IkeSa sa, IkeMessage request) {
        this.endpoint = endpoint;
        this.sa = sa;
        this.request = request;
    }

    void run() {
        Redirect.tell(endpoint, sa, request);
        List<DeletePayload> deletions = request.all(DeletePayload.class);
        if (deletions.stream().anyMatch(each -> each.is(ProtocolId.IKE))) {
            answer(List.of());
            endpoint.closing().deletedByPeer(sa);
            return;
        }
        if (request.has(NotifyType.AUTHENTICATION_FAILED)) {
            answer(List.of());
            endpoint.closing().failed(sa, "peer does not accept who we are (AUTHENTICATION_FAILED)");
            return;
        }
        request.all(NotifyPayload.class).stream()
                .filter(each -> each.is(NotifyType.INVALID_SPI))
                .forEach(this::replaceUnknown);
        endpoint.selectorNotices().read(sa, request);
        List<ChildSa> deleted = new ArrayList<>();
        List<Integer> spis = new ArrayList<>();
        for (DeletePayload each : deletions) {
            if (each.is(ProtocolId.ESP)) {
                each.spis().forEach(spi -> delete(spi, deleted, spis));
            }
        }
        List<Payload> payloads = new ArrayList<>();
        if (!spis.isEmpty()) {
            payloads.add(
                    DeletePayload.esp(spis.stream().mapToInt(Integer::intValue).toArray()));
        }
        Path from = sa.requestedFrom;
        payloads.addAll(endpoint.mobility().answer(sa, request, from == null ? sa.path() : from));
        payloads.addAll(Assignment.informational(request));
        Runnable end = () -> {
            answer(payloads);
            deleted.forEach(each -> endpoint.coverage().deleted(sa, each));
        };
        if (deletions.isEmpty()) {
            end.run();
        } else {
            endpoint.childSas().settled(end); // the peer takes our answer to mean that we send no more with them
        }
    }

    private void answer(List<Payload> payloads) {
        sa.messenger().respond(request.header(), payloads);
    }

    /** An SA that the peer has not: should that be so still when we ask, it answers CHILD_SA_NOT_FOUND. */
    private void replaceUnknown(NotifyPayload notification) {
        if (notification.data().length() != Integer.BYTES) {
            return;
        }
        int spi = spi(notification.data());
        boolean another = true;
        for (IkeSa each : endpoint.all(sa.name())) {
            ChildSa child = each.childByOutboundSpi(spi);
            another &= child == null;
            if (child != null && child.state == ChildSa.State.ACTIVE && !child.rekeying) {
                endpoint.host().events().warn(sa.name(), "peer does not know CHILD_SA " + child);
                endpoint.rekeying().child(each, child, new Attempt());
            }
        }
        if (another) {
            endpoint.strangers().espHint(notification.data(), sa.path()); // of another tunnel to the same address
        }
    }

    /** What this end is deleting itself is not named a second time (RFC 7296 section 1.4.1). */
    private void delete(Octets outboundSpi, List<ChildSa> deleted, List<Integer> spis) {
        IkeSa before = endpoint.duplicates().predecessor(sa);
        boolean inherits = before != null && sa.childByOutboundSpi(spi(outboundSpi)) == null;
        IkeSa owner = before != null && inherits ? before : sa;
        ChildSa child = owner.childByOutboundSpi(spi(outboundSpi));
        if (child == null) {
            return;
        }
        if (child.state != ChildSa.State.REPLACED) {
            spis.add(child.inbound().spi());
            deleted.add(child);
        }
        endpoint.childSas().takeOver(owner, child);
        endpoint.childSas().retire(owner, child);
    }

    static int spi(Octets octets) {
        return octets.at(0) << 24 | octets.at(1) << 16 | octets.at(2) << 8 | octets.at(3);
    }
}
