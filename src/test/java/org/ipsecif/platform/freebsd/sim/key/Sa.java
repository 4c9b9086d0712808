package org.ipsecif.platform.freebsd.sim.key;

import static org.ipsecif.platform.freebsd.sim.key.KeyNumbers.*;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** struct secasvar. */
final class Sa {
    final int spi;
    final int seq;
    final int pid;
    SaIndex index;
    int state = LARVAL;
    int authentication;
    int encryption;
    int flags;
    int window;
    int sequence;
    long created;
    long firstUsed;
    long octets;
    int packets;

    @Nullable
    Lifetime hard;

    @Nullable
    Lifetime soft;

    @Nullable
    Key authenticationKey;

    @Nullable
    Key encryptionKey;

    @Nullable
    NatT natt;

    /** Bytes of which sadb_key_bits counts. */
    static final class Key {
        final int bits;
        final byte[] bytes;

        Key(int bits, byte[] bytes) {
            this.bits = bits;
            this.bytes = bytes;
        }

        int length() {
            return bits >> 3;
        }
    }

    /** Ports, and the addresses before a NAT changed them. */
    record NatT(
            int source,
            int destination,
            @Nullable KeyAddress initiator,
            @Nullable KeyAddress responder) {}

    Sa(int spi, int seq, int pid, SaIndex index) {
        this.spi = spi;
        this.seq = seq;
        this.pid = pid;
        this.index = index;
    }

    byte[] spiBytes() {
        return ByteBuffer.allocate(4).putInt(spi).array();
    }

    int satype() {
        return switch (index.protocol()) {
            case PROTO_AH -> SATYPE_AH;
            case PROTO_ESP -> SATYPE_ESP;
            case PROTO_IPCOMP -> SATYPE_IPCOMP;
            default -> SATYPE_TCPSIGNATURE;
        };
    }

    /** key_setdumpsa: the only message, with SADB_GET's, that has keys. */
    byte[] dump(int type, int seqOfReply, int pidOfReply, int references) {
        Reply reply = new Reply(type, satype(), seqOfReply, pidOfReply, references);
        reply.sa(this).sa2(index.mode(), sequence, index.reqid());
        replay(reply);
        if (hard != null && soft != null) {
            reply.lifetime(EXT_LIFETIME_HARD, hard).lifetime(EXT_LIFETIME_SOFT, soft);
        }
        addresses(reply.lifetime(EXT_LIFETIME_CURRENT, current()));
        if (authenticationKey != null) {
            reply.key(EXT_KEY_AUTH, authenticationKey.bits, authenticationKey.bytes);
        }
        if (encryptionKey != null) {
            reply.key(EXT_KEY_ENCRYPT, encryptionKey.bits, encryptionKey.bytes);
        }
        if (natt != null) {
            natt(reply, natt);
        }
        return reply.bytes();
    }

    /** key_expire. @param lifetime HARD or SOFT */
    byte[] expired(int lifetime) {
        Reply reply = new Reply(EXPIRE, satype(), seq, 0, 2);
        reply.sa(this).sa2(index.mode(), sequence, index.reqid());
        replay(reply);
        Lifetime over = lifetime == EXT_LIFETIME_HARD ? hard : soft;
        if (over == null) {
            throw new IllegalStateException("an SA without lifetimes does not expire");
        }
        return addresses(reply.lifetime(EXT_LIFETIME_CURRENT, current()).lifetime(lifetime, over))
                .bytes();
    }

    private void replay(Reply reply) {
        if (window > 255) {
            reply.replay(window << 3);
        }
    }

    private Lifetime current() {
        return new Lifetime(packets, octets, created, firstUsed);
    }

    private Reply addresses(Reply reply) {
        return reply.address(EXT_ADDRESS_SRC, index.source(), FULLMASK, PROTO_ANY)
                .address(EXT_ADDRESS_DST, index.destination(), FULLMASK, PROTO_ANY);
    }

    private static void natt(Reply reply, NatT natt) {
        reply.small(EXT_NAT_T_TYPE, NatTReader.ESPINUDP << 8);
        reply.small(EXT_NAT_T_SPORT, natt.source()).small(EXT_NAT_T_DPORT, natt.destination());
        if (natt.initiator() != null) {
            reply.address(EXT_NAT_T_OAI, natt.initiator(), FULLMASK, PROTO_ANY);
        }
        if (natt.responder() != null) {
            reply.address(EXT_NAT_T_OAR, natt.responder(), FULLMASK, PROTO_ANY);
        }
    }
}
