package org.ipsecif.ike;

import org.ipsecif.crypto.IkeCipher;
import org.ipsecif.crypto.IkeKeys;
import org.ipsecif.crypto.IkeSuite;
import org.ipsecif.ike.message.MessageProtection;
import org.jspecify.annotations.Nullable;

/** The ciphers of one IKE SA: this end's seals, the peer's opens. Closing it wipes their keys. */
final class Protection implements MessageProtection, AutoCloseable {
    private final IkeCipher sealing;
    private final IkeCipher opening;

    /** @param initiator whether this end initiated the IKE SA */
    Protection(IkeSuite suite, IkeKeys keys, boolean initiator) {
        IkeCipher initiators = IkeCipher.of(suite, keys.skEi(), keys.skAi());
        IkeCipher responders = IkeCipher.of(suite, keys.skEr(), keys.skAr());
        sealing = initiator ? initiators : responders;
        opening = initiator ? responders : initiators;
    }

    @Override
    public int sealedLength(int textLength) {
        return sealing.sealedLength(textLength);
    }

    @Override
    public byte[] seal(byte[] associated, byte[] text) {
        return sealing.seal(associated, text);
    }

    @Override
    public byte @Nullable [] open(byte[] associated, byte[] sealed) {
        return opening.open(associated, sealed);
    }

    @Override
    public void close() {
        sealing.close();
        opening.close();
    }
}
