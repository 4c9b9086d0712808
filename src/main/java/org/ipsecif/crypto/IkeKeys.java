package org.ipsecif.crypto;

/**
 * The secrets of an IKE SA (RFC 7296 section 2.14). The initiator of the IKE SA sends with {@code skEi}, {@code skAi}. Whoever has
 * them closes them; an {@link IkeCipher} made of some holds these same keys, and ends with them.
 *
 * @param skD for Child SAs and rekeying
 * @param skPi for the initiator's AUTH payload
 */
public record IkeKeys(
        KeyMaterial skD,
        KeyMaterial skAi,
        KeyMaterial skAr,
        KeyMaterial skEi,
        KeyMaterial skEr,
        KeyMaterial skPi,
        KeyMaterial skPr)
        implements AutoCloseable {
    /** RFC 8784 section 3: with a post-quantum preshared key. The encryption and integrity keys stay, the same objects in both. */
    public IkeKeys withPpk(PseudorandomFunction prf, KeyMaterial ppk) {
        return new IkeKeys(mixed(prf, ppk, skD), skAi, skAr, skEi, skEr, mixed(prf, ppk, skPi), mixed(prf, ppk, skPr));
    }

    private static KeyMaterial mixed(PseudorandomFunction prf, KeyMaterial ppk, KeyMaterial key) {
        return prf.expand(ppk, prf.length(), key.bytes());
    }

    @Override
    public void close() {
        skD.close();
        skAi.close();
        skAr.close();
        skEi.close();
        skEr.close();
        skPi.close();
        skPr.close();
    }
}
