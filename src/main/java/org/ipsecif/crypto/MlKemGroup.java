package org.ipsecif.crypto;

import java.security.SecureRandom;
import org.bouncycastle.crypto.SecretWithEncapsulation;
import org.bouncycastle.pqc.crypto.mlkem.MLKEMExtractor;
import org.bouncycastle.pqc.crypto.mlkem.MLKEMGenerator;
import org.bouncycastle.pqc.crypto.mlkem.MLKEMKeyGenerationParameters;
import org.bouncycastle.pqc.crypto.mlkem.MLKEMKeyPairGenerator;
import org.bouncycastle.pqc.crypto.mlkem.MLKEMParameters;
import org.bouncycastle.pqc.crypto.mlkem.MLKEMPrivateKeyParameters;
import org.bouncycastle.pqc.crypto.mlkem.MLKEMPublicKeyParameters;

/** ML-KEM (FIPS 203) by Bouncy Castle: the initiator sends an encapsulation key, the responder a ciphertext. */
final class MlKemGroup implements KeyExchangeGroup {
    private final MLKEMParameters parameters;

    MlKemGroup(MLKEMParameters parameters) {
        this.parameters = parameters;
    }

    @Override
    public KeyExchange start(SecureRandom random) {
        var generator = new MLKEMKeyPairGenerator();
        generator.init(new MLKEMKeyGenerationParameters(random, parameters));
        var pair = generator.generateKeyPair();
        return new Half(((MLKEMPublicKeyParameters) pair.getPublic()).getEncoded(), (MLKEMPrivateKeyParameters)
                pair.getPrivate());
    }

    @Override
    public KeyExchangeAnswer respond(byte[] peerValue, SecureRandom random) throws InvalidKeyExchangeException {
        SecretWithEncapsulation result = new MLKEMGenerator(random).generateEncapsulated(check(peerValue));
        return new KeyExchangeAnswer(result.getEncapsulation(), KeyMaterial.owning(result.getSecret()));
    }

    /** FIPS 203 section 7.2: the key's length, and that its coefficients are reduced. */
    private MLKEMPublicKeyParameters check(byte[] key) throws InvalidKeyExchangeException {
        try {
            return new MLKEMPublicKeyParameters(parameters, key);
        } catch (IllegalArgumentException e) {
            throw new InvalidKeyExchangeException("an encapsulation key that fails the checks of FIPS 203 section 7.2");
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Half(byte[] publicValue, MLKEMPrivateKeyParameters key) implements KeyExchange {
        /** FIPS 203 section 7.3: a ciphertext has a length and nothing else to check; a wrong one leads to another secret. */
        @Override
        public KeyMaterial finish(byte[] ciphertext) throws InvalidKeyExchangeException {
            var extractor = new MLKEMExtractor(key);
            InvalidKeyExchangeException.requireLength(ciphertext, extractor.getEncapsulationLength());
            return KeyMaterial.owning(extractor.extractSecret(ciphertext));
        }

        @Override
        public void close() {}
    }
}
