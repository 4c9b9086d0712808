package org.ipsecif.ike;

import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.crypto.PseudorandomFunction;
import org.ipsecif.ike.message.IdentificationPayload;
import org.ipsecif.ike.message.Octets;

/**
 * What an AUTH payload vouches for (RFC 7296 section 2.15, RFC 9242 section 3.3.2): {@code RealMessage | Nonce of the other end |
 * prf(SK_p, ID) [| IntAuth]}.
 *
 * @param message the end's IKE_SA_INIT message
 * @param nonce of the other end
 */
record SignedOctets(Octets message, Octets nonce) {
    /**
     * @param key SK_pi or SK_pr of the end that is vouched for
     * @param intermediate IntAuth; empty without an IKE_INTERMEDIATE exchange
     */
    byte[][] parts(PseudorandomFunction prf, KeyMaterial key, IdentificationPayload id, byte[] intermediate) {
        byte[] identity = prf.compute(key, id.body().toBytes());
        return new byte[][] {message.toBytes(), nonce.toBytes(), identity, intermediate};
    }
}
