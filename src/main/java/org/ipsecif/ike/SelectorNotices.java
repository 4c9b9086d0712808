package org.ipsecif.ike;

import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.ProtocolId;

/**
 * INVALID_SELECTORS (RFC 7296 section 3.10.1, RFC 4301 section 5.2): what came with a Child SA was none of its packets, and was dropped. Who
 * sent it is told now and then, while there is nothing else to say to it.
 */
final class SelectorNotices {
    /** Nanoseconds between two to the same peer. */
    private static final long PAUSE = 10_000_000_000L;

    private final IkeEndpoint endpoint;

    SelectorNotices(IkeEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    /**
     * Tells the peer.
     *
     * @param spi of the inbound SA
     * @param start first bytes of the packet
     */
    void tell(int spi, Octets start) {
        for (IkeSa sa : endpoint.all()) {
            boolean its = sa.children.stream().anyMatch(each -> each.inbound().spi() == spi);
            if (its && sa.state == IkeSa.State.ESTABLISHED && isDue(sa)) {
                sa.mismatchNanos = endpoint.timers().now();
                NotifyPayload about = NotifyPayload.ofEsp(NotifyType.INVALID_SELECTORS, spi);
                sa.messenger()
                        .enqueue(
                                ExchangeType.INFORMATIONAL,
                                Informational.notice(
                                        new NotifyPayload(about.protocol(), about.spi(), about.type(), start)));
            }
        }
    }

    private boolean isDue(IkeSa sa) {
        boolean lately = sa.mismatchNanos != 0 && endpoint.timers().now() - sa.mismatchNanos < PAUSE;
        return !lately && sa.messenger().isIdle();
    }

    /** The peer has dropped what this end sent: somebody is to know, and nothing else follows. */
    void read(IkeSa sa, IkeMessage request) {
        for (NotifyPayload each : request.all(NotifyPayload.class)) {
            boolean esp =
                    each.protocol() == ProtocolId.ESP.number() && each.spi().length() == Integer.BYTES;
            ChildSa child = esp ? sa.childByOutboundSpi(InformationalResponder.spi(each.spi())) : null;
            if (each.is(NotifyType.INVALID_SELECTORS) && child != null) {
                endpoint.unauthenticated(
                        sa.name(), "peer drops packets that we send with CHILD_SA " + child + " (INVALID_SELECTORS)");
            }
        }
    }
}
