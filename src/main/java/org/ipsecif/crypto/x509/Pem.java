package org.ipsecif.crypto.x509;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;

/** The blocks of a PEM file (RFC 7468), whatever text stands between them. */
final class Pem {
    private Pem() {}

    /**
     * @return nothing if the content is no PEM
     * @throws CredentialException if a block is broken
     */
    static List<PemObject> blocks(byte[] content, String file) throws CredentialException {
        List<PemObject> blocks = new ArrayList<>();
        try (PemReader reader = new PemReader(new StringReader(new String(content, StandardCharsets.ISO_8859_1)))) {
            for (PemObject block = reader.readPemObject(); block != null; block = reader.readPemObject()) {
                blocks.add(block);
            }
        } catch (IOException | RuntimeException e) { // of bad base64 Bouncy Castle's reader makes one of its own
            throw new CredentialException(file + ": PEM block " + (blocks.size() + 1) + " is broken", e);
        }
        return blocks;
    }
}
