package org.ipsecif.bare;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.SignatureException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** CBC, then HMAC-SHA2-256-128 by the JDK over header, IV and text. */
final class BareCipherAndMac implements Bare {
    private static final int IV = 16;
    private static final int ICV = 16;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final Cipher cipher;
    private final SecretKeySpec key;
    private final Mac mac = Mac.getInstance("HmacSHA256");
    private final byte[] iv = new byte[IV];
    private final byte[] fullIcv = new byte[mac.getMacLength()];

    BareCipherAndMac(String transformation, Provider provider, byte[] key, byte[] macKey)
            throws GeneralSecurityException {
        this.cipher = Cipher.getInstance(transformation, provider);
        this.key = new SecretKeySpec(key, transformation.split("/")[0]);
        mac.init(new SecretKeySpec(macKey, "HmacSHA256"));
    }

    @Override
    public void seal(byte[] packet, int offset, int textLength, long sequence) throws GeneralSecurityException {
        int text = offset + ESP_HEADER + IV;
        LONG.set(iv, 0, sequence);
        cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(iv));
        cipher.doFinal(packet, text, textLength, packet, text);
        authenticate(packet, offset, textLength);
        System.arraycopy(fullIcv, 0, packet, text + textLength, ICV);
    }

    @Override
    public void open(byte[] packet, int offset, int textLength, byte[] plain, int plainOffset)
            throws GeneralSecurityException {
        int text = offset + ESP_HEADER + IV;
        int end = text + textLength;
        authenticate(packet, offset, textLength);
        if (!Arrays.equals(fullIcv, 0, ICV, packet, end, end + ICV)) {
            throw new SignatureException("wrong ICV");
        }
        System.arraycopy(packet, offset + ESP_HEADER, iv, 0, IV);
        cipher.init(Cipher.DECRYPT_MODE, key, new IvParameterSpec(iv));
        cipher.doFinal(packet, text, textLength, plain, plainOffset);
    }

    private void authenticate(byte[] packet, int offset, int textLength) throws GeneralSecurityException {
        mac.update(packet, offset, ESP_HEADER + IV + textLength);
        mac.doFinal(fullIcv, 0);
    }
}
