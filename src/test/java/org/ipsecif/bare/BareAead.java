package org.ipsecif.bare;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** A combined mode: init, updateAAD, doFinal. */
public final class BareAead implements Bare {
    private static final int IV = 8;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final Cipher cipher;
    private final SecretKeySpec key;
    private final byte[] nonce;
    private final int saltBytes;
    private final int icvBytes;
    private final boolean chaCha;

    public BareAead(String transformation, Provider provider, byte[] key, int saltBytes, int icvBytes)
            throws GeneralSecurityException {
        this.cipher = Cipher.getInstance(transformation, provider);
        this.key = new SecretKeySpec(key, transformation.split("/")[0]);
        this.nonce = new byte[saltBytes + IV];
        this.saltBytes = saltBytes;
        this.icvBytes = icvBytes;
        this.chaCha = transformation.startsWith("ChaCha20");
    }

    private AlgorithmParameterSpec parameters() {
        return chaCha ? new IvParameterSpec(nonce) : new GCMParameterSpec(icvBytes * 8, nonce);
    }

    @Override
    public void seal(byte[] packet, int offset, int textLength, long sequence) throws GeneralSecurityException {
        int text = offset + ESP_HEADER + IV;
        LONG.set(nonce, saltBytes, sequence);
        cipher.init(Cipher.ENCRYPT_MODE, key, parameters());
        cipher.updateAAD(packet, offset, ESP_HEADER);
        cipher.doFinal(packet, text, textLength, packet, text);
    }

    @Override
    public void open(byte[] packet, int offset, int textLength, byte[] plain, int plainOffset)
            throws GeneralSecurityException {
        int iv = offset + ESP_HEADER;
        System.arraycopy(packet, iv, nonce, saltBytes, IV);
        cipher.init(Cipher.DECRYPT_MODE, key, parameters());
        cipher.updateAAD(packet, offset, ESP_HEADER);
        cipher.doFinal(packet, iv + IV, textLength + icvBytes, plain, plainOffset);
    }
}
