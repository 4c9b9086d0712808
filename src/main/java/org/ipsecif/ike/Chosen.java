package org.ipsecif.ike;

import java.util.List;
import org.ipsecif.crypto.IkeSuite;
import org.ipsecif.crypto.KeyExchangeMethod;
import org.ipsecif.crypto.PseudorandomFunction;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.Proposal;
import org.ipsecif.ike.message.SaPayload;
import org.jspecify.annotations.Nullable;

/**
 * The algorithms that both ends agree to.
 *
 * @param offered the proposal they were chosen from, of the peer's if this end chose
 * @param answer the same with one transform of each type
 * @param prf null for a Child SA
 * @param keyExchanges the first, then the additional ones; empty without
 */
record Chosen(
        Proposal offered,
        Proposal answer,
        IkeSuite suite,
        @Nullable PseudorandomFunction prf,
        List<KeyExchangeMethod> keyExchanges,
        boolean esn) {
    Chosen {
        keyExchanges = List.copyOf(keyExchanges);
    }

    PseudorandomFunction requirePrf() {
        if (prf == null) {
            throw new IllegalStateException("a Child SA has no PRF of its own");
        }
        return prf;
    }

    /** Those after the first (RFC 9370), each of which takes an exchange of its own. */
    List<KeyExchangeMethod> additional() {
        return keyExchanges.isEmpty() ? List.of() : keyExchanges.subList(1, keyExchanges.size());
    }

    /** The SA payload to answer with. */
    SaPayload answer(Octets spi) {
        return new SaPayload(List.of(new Proposal(answer.number(), answer.protocol(), spi, answer.transforms())));
    }

    /** For logs: {@code AES_GCM_16_256/PRF_HMAC_SHA2_384/ECP_384}. */
    String text() {
        return String.join(
                "/", answer.transforms().stream().map(each -> each.text()).toList());
    }
}
