package org.ipsecif.platform.freebsd.sim.key;

import static org.ipsecif.platform.freebsd.sim.key.KeyNumbers.*;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What FreeBSD 13's kernel can do (supported_ealgs, supported_aalgs), and esp_init and ah_init0, which check keys against it. */
final class Algorithms {
    private static final int NULL = 11;
    private static final int AESCBC = 12;
    private static final int AESCTR = 13;
    private static final int AESGCM16 = 20;
    private static final int AESGMAC = 23;
    private static final int AALG_NULL = 251;
    private static final int AES128GMAC = 11;
    private static final int DEFLATE = 2;
    private static final int SIZEOF_COMB = 72;

    /** Sizes of keys in bytes, without salt. */
    private record Cipher(int id, int iv, int fewest, int most) {}

    /** @param key bytes at most; 0: any @param hash bytes of it, said as the key's size by REGISTER */
    private record Hash(int id, int key, int hash) {}

    private static final List<Cipher> CIPHERS = List.of(
            new Cipher(NULL, 0, 0, 256),
            new Cipher(AESCBC, 16, 16, 32),
            new Cipher(AESCTR, 16, 16, 32),
            new Cipher(AESGCM16, 12, 16, 32),
            new Cipher(AESGMAC, 12, 16, 32));

    private static final List<Hash> HASHES = List.of(
            new Hash(3, 64, 20),
            new Hash(5, 64, 32),
            new Hash(6, 128, 48),
            new Hash(7, 128, 64),
            new Hash(AES128GMAC, 16, 16),
            new Hash(12, 24, 16),
            new Hash(13, 32, 16),
            new Hash(AALG_NULL, 0, 16));

    private Algorithms() {}

    /** xform_init. @throws Refused EINVAL */
    static void initialize(Sa sa) throws Refused {
        switch (sa.satype()) {
            case SATYPE_ESP -> esp(sa);
            case SATYPE_AH -> hash(sa);
            case SATYPE_IPCOMP -> require(sa.encryption == DEFLATE);
            default -> throw new Refused(EINVAL); // no options TCP_SIGNATURE
        }
    }

    private static void esp(Sa sa) throws Refused {
        Cipher cipher = cipher(sa.encryption);
        Sa.Key key = sa.encryptionKey;
        if (cipher == null || key == null || (sa.flags & (SA_OLD | SA_IV4B)) == SA_IV4B) {
            throw new Refused(EINVAL);
        }
        boolean salted = cipher.id != NULL && cipher.id != AESCBC;
        int length = key.length() - (salted ? 4 : 0);
        require(cipher.fewest <= length && length <= cipher.most);
        if (sa.authentication != 0) {
            hash(sa);
        }
        require(cipher.id == NULL || length == 16 || length == 24 || length == 32);
        if (cipher.id == AESGCM16 || cipher.id == AESGMAC) {
            sa.authentication = AES128GMAC + (length - 16) / 8;
        }
    }

    private static void hash(Sa sa) throws Refused {
        Hash hash =
                HASHES.stream().filter(h -> h.id == sa.authentication).findAny().orElse(null);
        if (hash == null || (sa.flags & SA_OLD) != 0 || sa.authenticationKey == null) {
            throw new Refused(EINVAL);
        }
        require(hash.key == 0 || sa.authenticationKey.length() <= hash.key);
    }

    private static void require(boolean good) throws Refused {
        if (!good) {
            throw new Refused(EINVAL);
        }
    }

    private static @Nullable Cipher cipher(int id) {
        return CIPHERS.stream().filter(c -> c.id == id).findAny().orElse(null);
    }

    /** The two sadb_supported of REGISTER's reply. */
    static byte[] supported() {
        ByteBuffer to =
                ByteBuffer.allocate(16 + 8 * (HASHES.size() + CIPHERS.size())).order(ByteOrder.LITTLE_ENDIAN);
        to.putShort((short) (1 + HASHES.size()))
                .putShort((short) EXT_SUPPORTED_AUTH)
                .putInt(0);
        for (Hash hash : HASHES) {
            boolean any = hash.key == 0;
            algorithm(to, hash.id, 0, any ? 1 : hash.hash, any ? 256 : hash.hash);
        }
        to.putShort((short) (1 + CIPHERS.size()))
                .putShort((short) EXT_SUPPORTED_ENCRYPT)
                .putInt(0);
        for (Cipher cipher : CIPHERS) {
            algorithm(to, cipher.id, cipher.iv, cipher.fewest, cipher.most);
        }
        return to.array();
    }

    private static void algorithm(ByteBuffer to, int id, int iv, int fewest, int most) {
        to.put((byte) id)
                .put((byte) iv)
                .putShort((short) (fewest * 8))
                .putShort((short) (most * 8))
                .putShort((short) 0);
    }

    /** key_getprop: what SADB_ACQUIRE proposes. Ciphers of 256 bits; hashes last to first. */
    static byte[] proposal(int protocol) {
        ByteBuffer to = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        to.putInt(0).put((byte) 32).position(8);
        if (protocol == PROTO_ESP) {
            CIPHERS.forEach(c -> combination(to, 0, 0, c.id, Math.max(32, c.fewest), c.most));
        } else if (protocol == PROTO_AH) {
            for (int i = 3; i >= 0; i--) {
                combination(to, HASHES.get(i).id, HASHES.get(i).hash, 0, 0, 0);
            }
        } else {
            combination(to, 0, 0, DEFLATE, 0, 0);
        }
        to.putShort(0, (short) (to.position() / 8)).putShort(2, (short) EXT_PROPOSAL);
        byte[] extension = new byte[to.position()];
        to.get(0, extension);
        return extension;
    }

    private static void combination(ByteBuffer to, int hash, int hashKey, int cipher, int fewest, int most) {
        int at = to.position();
        to.put((byte) hash).put((byte) cipher).putShort((short) 0);
        to.putShort((short) (hashKey * 8)).putShort((short) (hashKey * 8));
        to.putShort((short) (fewest * 8)).putShort((short) (most * 8)).putInt(0);
        to.putInt(1).putInt(1); // soft, hard allocations
        to.putLong(at + 48, 86400).putLong(at + 56, 28800); // hard addtime, soft usetime
        to.position(at + SIZEOF_COMB);
    }
}
