package org.ipsecif.ike;

import java.util.List;
import org.ipsecif.crypto.KeyDerivation;
import org.ipsecif.crypto.KeyExchangeMethod;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.crypto.PseudorandomFunction;
import org.ipsecif.ike.message.OctetWriter;
import org.ipsecif.ike.message.Octets;
import org.jspecify.annotations.Nullable;

/**
 * What IKE_SA_INIT and IKE_INTERMEDIATE leave for IKE_AUTH (RFC 7296 section 2.15, RFC 9242 section 3.3.2), and are forgotten with
 * it.
 */
final class Handshake {
    private final Octets request;
    private final Octets response;
    private final Octets initiatorNonce;
    private final Octets responderNonce;
    private byte[] ofInitiator = new byte[0];
    private byte[] ofResponder = new byte[0];
    private int exchanges;

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

    /** IKE_INTERMEDIATE exchanges that are done. */
    int exchanges() {
        return exchanges;
    }

    /** The method of the next additional key exchange (RFC 9370 section 2.2.2); null if all are done. */
    @Nullable
    KeyExchangeMethod next(Chosen chosen) {
        return exchanges < chosen.additional().size() ? chosen.additional().get(exchanges) : null;
    }

    /**
     * An IKE_INTERMEDIATE exchange is done: both its messages are authenticated by the keys that they came under, {@code IntAuth_n =
     * prf(SK_p, IntAuth_n-1 | IntAuth_A | IntAuth_P)} (RFC 9242 section 3.3.2), and what follows comes under new ones, {@code
     * SKEYSEED(n) = prf(SK_d(n-1), SK(n) | Ni | Nr)} (RFC 9370 section 2.2.2).
     *
     * @param request what {@code intermediateOctets} makes of it
     * @param shared secret of its key exchange
     */
    void intermediate(IkeSa sa, byte[] request, byte[] response, KeyMaterial shared) {
        ofInitiator = sa.prf().compute(sa.authenticationKey(true), ofInitiator, request);
        ofResponder = sa.prf().compute(sa.authenticationKey(false), ofResponder, response);
        exchanges++;
        KeyDerivation derivation = derivation(sa.prf());
        try (KeyMaterial seed = derivation.skeyseed(sa.keys().skD(), List.of(shared))) {
            sa.replaceKeys(derivation.ikeKeys(
                    seed, sa.initiatorSpi(), sa.responderSpi(), sa.chosen().suite()));
        }
    }

    /** {@code IntAuth_iN | IntAuth_rN | IKE_AUTH_MID}; nothing without an IKE_INTERMEDIATE exchange. */
    byte[] intermediates(long authMessageId) {
        return exchanges == 0
                ? new byte[0]
                : new OctetWriter()
                        .octets(ofInitiator)
                        .octets(ofResponder)
                        .u32(authMessageId)
                        .toBytes();
    }
}
