package org.ipsecif.ike;

import java.util.List;
import org.ipsecif.crypto.InvalidKeyExchangeException;
import org.ipsecif.crypto.KeyExchangeAnswer;
import org.ipsecif.crypto.KeyExchangeMethod;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.KeyExchangePayload;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.OpenedMessage;
import org.ipsecif.ike.message.Payload;

/** The responder's side of one IKE_INTERMEDIATE exchange (RFC 9242, RFC 9370 section 2.2.2). Its peer is not authenticated yet. */
final class IntermediateResponder {
    private final IkeEndpoint endpoint;
    private final IkeSa sa;
    private final Handshake handshake;

    IntermediateResponder(IkeEndpoint endpoint, IkeSa sa, Handshake handshake) {
        this.endpoint = endpoint;
        this.sa = sa;
        this.handshake = handshake;
    }

    /**
     * Answers, and changes to the keys that come of it.
     *
     * @param method of the additional key exchange that is next
     * @throws IkeException INVALID_SYNTAX if the request has another, or its public value is none
     */
    void run(OpenedMessage request, KeyExchangeMethod method) throws IkeException {
        KeyExchangeAnswer exchanged = exchange(request.message(), method, endpoint);
        List<Payload> payloads =
                List.of(new KeyExchangePayload(method.transformId(), Octets.of(exchanged.publicValue())));
        byte[] response = new IkeMessage(request.message().header().reply(), payloads).intermediateOctets();
        sa.messenger().respond(request.message().header(), payloads); // under the old keys
        try (KeyMaterial shared = exchanged.sharedSecret()) {
            handshake.intermediate(sa, request.intermediateOctets(), response, shared);
        }
    }

    /** The responder's part in an additional key exchange, whose method the peer knows. */
    static KeyExchangeAnswer exchange(IkeMessage request, KeyExchangeMethod method, IkeEndpoint endpoint)
            throws IkeException {
        KeyExchangePayload given = ChildOffer.required(request, KeyExchangePayload.class);
        if (given.method() != method.transformId()) {
            throw IkeException.invalidSyntax("a KE payload of another method than chosen");
        }
        try {
            return method.respond(given.data().toBytes(), endpoint.host().random());
        } catch (InvalidKeyExchangeException e) {
            throw IkeException.invalidSyntax(String.valueOf(e.getMessage()));
        }
    }
}
