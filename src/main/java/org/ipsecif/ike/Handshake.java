package org.ipsecif.ike;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.crypto.KeyDerivation;
import org.ipsecif.crypto.PseudorandomFunction;
import org.ipsecif.ike.message.OctetWriter;
import org.ipsecif.ike.message.Octets;

/**
 * What IKE_SA_INIT and IKE_INTERMEDIATE leave for IKE_AUTH (RFC 7296 section 2.15, RFC 9242 section 3.3.2), and are forgotten with
 * it.
 */
final class Handshake {
    private final Octets request;
    private final Octets response;
    private final Octets initiatorNonce;
    private final Octets responderNonce;
    private final List<byte[]> initiators = new ArrayList<>();
    private final List<byte[]> responders = new ArrayList<>();

    Handshake(Octets request, Octets response, Octets initiatorNonce, Octets responderNonce) {
        this.request = request;
        this.response = response;
        this.initiatorNonce = initiatorNonce;
        this.responderNonce = responderNonce;
    }

    Octets initiatorNonce() {
        return initiatorNonce;
    }

    Octets responderNonce() {
        return responderNonce;
    }

    KeyDerivation derivation(PseudorandomFunction prf) {
        return new KeyDerivation(prf, initiatorNonce.toBytes(), responderNonce.toBytes());
    }

    SignedOctets signedBy(boolean initiator) {
        return initiator ? new SignedOctets(request, responderNonce) : new SignedOctets(response, initiatorNonce);
    }

    /** Authenticates an IKE_INTERMEDIATE message: {@code IntAuth_n = prf(SK_p, IntAuth_n-1 | IntAuth_A | IntAuth_P)}. */
    void intermediate(IkeSa sa, boolean byInitiator, byte[] octets) {
        List<byte[]> chain = byInitiator ? initiators : responders;
        byte[] before = chain.isEmpty() ? new byte[0] : chain.get(0);
        byte[] next = sa.prf().compute(sa.authenticationKey(byInitiator), before, octets);
        chain.clear();
        chain.add(next);
    }

    /** {@code IntAuth_iN | IntAuth_rN | IKE_AUTH_MID}; nothing without an IKE_INTERMEDIATE exchange. */
    byte[] intermediates(long authMessageId) {
        if (initiators.isEmpty() || responders.isEmpty()) {
            return new byte[0];
        }
        return new OctetWriter()
                .octets(initiators.get(0))
                .octets(responders.get(0))
                .u32(authMessageId)
                .toBytes();
    }
}
