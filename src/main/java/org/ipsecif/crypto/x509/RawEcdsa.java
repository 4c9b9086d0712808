package org.ipsecif.crypto.x509;

import java.security.NoSuchAlgorithmException;
import java.security.Signature;
import java.util.Arrays;
import java.util.Optional;

/** ECDSA of RFC 4754: curve, hash and the signature's form are fixed by the authentication method. */
enum RawEcdsa {
    P256(AuthSignature.ECDSA_256, 256, SignatureHash.SHA2_256, "SHA256withECDSAinP1363Format"),
    P384(AuthSignature.ECDSA_384, 384, SignatureHash.SHA2_384, "SHA384withECDSAinP1363Format"),
    P521(AuthSignature.ECDSA_521, 521, SignatureHash.SHA2_512, "SHA512withECDSAinP1363Format");

    private final int method;
    private final int curveBits;
    private final SignatureHash hash;
    private final String jdkName;

    RawEcdsa(int method, int curveBits, SignatureHash hash, String jdkName) {
        this.method = method;
        this.curveBits = curveBits;
        this.hash = hash;
        this.jdkName = jdkName;
    }

    int method() {
        return method;
    }

    int curveBits() {
        return curveBits;
    }

    SignatureHash hash() {
        return hash;
    }

    Signature signature() throws NoSuchAlgorithmException {
        return Signature.getInstance(jdkName);
    }

    static Optional<RawEcdsa> ofMethod(int method) {
        return Arrays.stream(values()).filter(r -> r.method == method).findFirst();
    }

    /** @param bits that {@link KeyKind} has found allowed */
    static RawEcdsa ofCurve(int bits) {
        return Arrays.stream(values())
                .filter(r -> r.curveBits == bits)
                .findFirst()
                .orElseThrow();
    }
}
