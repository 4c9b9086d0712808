package org.ipsecif.ike;

import java.util.List;
import org.ipsecif.crypto.InvalidKeyExchangeException;
import org.ipsecif.crypto.KeyExchange;
import org.ipsecif.crypto.KeyExchangeMethod;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.IkeHeader;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.KeyExchangePayload;
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.OpenedMessage;
import org.ipsecif.ike.message.Payload;
import org.jspecify.annotations.Nullable;

/**
 * The initiator's side of one IKE_INTERMEDIATE exchange, between IKE_SA_INIT and IKE_AUTH, with an additional key exchange (RFC 9242,
 * RFC 9370 section 2.2.2):
 *
 * <pre>
 * HDR, SK {KEi(n)}  --&gt;
 *                   &lt;--  HDR, SK {KEr(n)}
 * </pre>
 */
final class Intermediate implements Messenger.Exchange {
    private final IkeEndpoint endpoint;
    private final IkeSa sa;
    private final Handshake handshake;
    private final KeyExchangeMethod method;
    private @Nullable KeyExchange keyExchange;
    private List<Payload> sent = List.of();

    /** @param handshake with an additional key exchange to be done */
    Intermediate(IkeEndpoint endpoint, IkeSa sa, Handshake handshake) {
        this.endpoint = endpoint;
        this.sa = sa;
        this.handshake = handshake;
        KeyExchangeMethod next = handshake.next(sa.chosen());
        if (next == null) {
            throw new IllegalStateException("no key exchange is left");
        }
        this.method = next;
    }

    @Override
    public List<Payload> start() {
        KeyExchange started = method.start(endpoint.host().random());
        keyExchange = started;
        sent = List.of(new KeyExchangePayload(method.transformId(), Octets.of(started.publicValue())));
        return sent;
    }

    @Override
    public void answered(OpenedMessage response) {
        NotifyPayload error = response.message().error().orElse(null);
        try (KeyExchange used = keyExchange) {
            if (error != null) {
                fail("peer refused IKE_INTERMEDIATE with " + NotifyType.text(error.type()));
            } else if (used != null) {
                complete(response, used);
            }
        } catch (IkeException | InvalidKeyExchangeException e) {
            fail(e.getMessage());
        }
    }

    private void complete(OpenedMessage response, KeyExchange used) throws IkeException, InvalidKeyExchangeException {
        IkeHeader header = new IkeHeader(
                sa.initiatorSpi(),
                sa.responderSpi(),
                ExchangeType.IKE_INTERMEDIATE,
                true,
                false,
                response.message().header().messageId());
        byte[] request = new IkeMessage(header, sent).intermediateOctets();
        try (KeyMaterial shared = finish(response.message(), method, used)) {
            handshake.intermediate(sa, request, response.intermediateOctets(), shared);
        }
        endpoint.initialized(sa, handshake);
    }

    /** The secret shared with the responder, whose KE payload must be of this method. */
    static KeyMaterial finish(IkeMessage response, KeyExchangeMethod method, KeyExchange used)
            throws IkeException, InvalidKeyExchangeException {
        KeyExchangePayload peer = ChildOffer.required(response, KeyExchangePayload.class);
        if (peer.method() != method.transformId()) {
            throw IkeException.invalidSyntax("a KE payload of another method than chosen");
        }
        return used.finish(peer.data().toBytes());
    }

    @Override
    public void malformed(IkeException why) {
        fail(why.getMessage());
    }

    private void fail(@Nullable String why) {
        endpoint.closing().failed(sa, why);
    }
}
