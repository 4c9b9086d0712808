package org.ipsecif.platform.pfkey;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.ipsecif.platform.pfkey.Extension.Algorithm;
import org.ipsecif.platform.pfkey.Extension.IpsecRequest;

/**
 * Writes messages, in native order but for SPIs, ports and addresses. Lengths of messages and extensions count 8 bytes, that of a
 * sadb_x_ipsecrequest bytes.
 *
 * <pre>
 * each extension      u16 len 0; u16 exttype 2
 * sadb_sa             16: spi 4, replay 8, state 9, auth 10, encrypt 11, flags 12
 * sadb_lifetime       32: allocations 4, bytes 8, addtime 16, usetime 24
 * sadb_address         8: proto 4, prefixlen 5, then a sockaddr, padded to 8
 * sadb_key             8: bits 4, then the key, padded to 8
 * sadb_spirange       16: min 4, max 8
 * sadb_supported       8: then struct sadb_alg: id 0, ivlen 1, minbits 2, maxbits 4
 * sadb_x_policy       16: type 4, dir 6, scope 7, id 8, priority 12, then requests
 * sadb_x_ipsecrequest  len 0, proto 2, mode 4, level 5, reqid: FreeBSD u16 6, Linux u32 8; then two sockaddrs, padded together
 * sadb_x_sa2          16: mode 4, sequence 8, reqid 12
 * sadb_x_nat_t_type    8: type 4
 * sadb_x_nat_t_port    8: port 4
 * sadb_x_sa_replay     8: replay 4
 * </pre>
 */
final class PfKeyWriter {
    private final Dialect dialect;

    PfKeyWriter(Dialect dialect) {
        this.dialect = dialect;
    }

    /** A SPI as it stands in a buffer, the other way round where the buffer's order is not the network's. */
    static int networkOrder(int spi, ByteBuffer in) {
        return in.order() == ByteOrder.BIG_ENDIAN ? spi : Integer.reverseBytes(spi);
    }

    /**
     * Writes one message from index 0 on. Flushing is others' business, whose entries it takes along with ours: there is no way to
     * write a message that asks for it.
     *
     * @param to in native order
     * @return bytes
     * @throws IllegalArgumentException for SADB_FLUSH and SADB_X_SPDFLUSH
     * @throws IndexOutOfBoundsException if there is not room enough
     */
    int write(PfKeyMessage message, ByteBuffer to) {
        int type = message.header().type();
        if (type == Sadb.SADB_FLUSH || type == Sadb.SADB_X_SPDFLUSH) {
            throw new IllegalArgumentException("a message that flushes");
        }
        int length = PfKeyHeader.BYTES;
        for (Extension each : message.extensions()) {
            length += write(each, to, length);
        }
        message.header().write(to, length);
        return length;
    }

    private int write(Extension extension, ByteBuffer to, int at) {
        int length = Sadb.align(length(extension));
        for (int i = 0; i < length; i += Sadb.UNIT) {
            to.putLong(at + i, 0);
        }
        to.putShort(at, (short) (length / Sadb.UNIT)).putShort(at + 2, (short) extension.type());
        put(extension, to, at);
        return length;
    }

    private int length(Extension extension) {
        if (extension instanceof Extension.Lifetime) {
            return 32;
        } else if (extension instanceof Extension.Address address) {
            return 8 + address.socket().length();
        } else if (extension instanceof Extension.Key key) {
            return 8 + KeyBytes.bytes(key.key().bits());
        } else if (extension instanceof Extension.Supported supported) {
            return 8 + 8 * supported.algorithms().size();
        } else if (extension instanceof Extension.Policy policy) {
            return 16 + policy.requests().stream().mapToInt(this::length).sum();
        } else if (extension instanceof Extension.Opaque opaque) {
            return 4 + opaque.body().limit();
        }
        boolean small = extension instanceof Extension.NatType
                || extension instanceof Extension.NatPort
                || extension instanceof Extension.ReplayWindow;
        return small ? 8 : 16;
    }

    private int length(IpsecRequest request) {
        SocketAddress source = request.source();
        return dialect.requestLength() + (source == null ? 0 : Sadb.align(2 * source.length()));
    }

    private void put(Extension extension, ByteBuffer to, int at) {
        if (extension instanceof Extension.Association sa) {
            to.putInt(at + 4, networkOrder(sa.spi(), to));
            to.put(at + 8, (byte) sa.replay()).put(at + 9, (byte) sa.state());
            to.put(at + 10, (byte) sa.authentication()).put(at + 11, (byte) sa.encryption());
            to.putInt(at + 12, sa.flags());
        } else if (extension instanceof Extension.Lifetime lifetime) {
            to.putInt(at + 4, lifetime.allocations()).putLong(at + 8, lifetime.bytes());
            to.putLong(at + 16, lifetime.addTime()).putLong(at + 24, lifetime.useTime());
        } else if (extension instanceof Extension.Address address) {
            to.put(at + 4, (byte) address.protocol()).put(at + 5, (byte) address.prefixLength());
            address.socket().write(dialect, to, at + 8);
        } else if (extension instanceof Extension.Key key) {
            to.putShort(at + 4, (short) key.key().bits());
            key.key().write(to, at + 8);
        } else if (extension instanceof Extension.SpiRange range) {
            to.putInt(at + 4, range.min()).putInt(at + 8, range.max());
        } else if (extension instanceof Extension.Supported supported) {
            putAlgorithms(supported.algorithms(), to, at + 8);
        } else if (extension instanceof Extension.Policy policy) {
            putPolicy(policy, to, at);
        } else if (extension instanceof Extension.Association2 sa2) {
            to.put(at + 4, (byte) sa2.mode()).putInt(at + 8, sa2.sequence()).putInt(at + 12, sa2.reqid());
        } else if (extension instanceof Extension.NatType type) {
            to.put(at + 4, (byte) type.encapsulation());
        } else if (extension instanceof Extension.NatPort port) {
            to.put(at + 4, (byte) (port.port() >>> 8)).put(at + 5, (byte) port.port());
        } else if (extension instanceof Extension.ReplayWindow window) {
            to.putInt(at + 4, window.packets());
        } else if (extension instanceof Extension.Opaque opaque) {
            ByteBuffer body = opaque.body();
            for (int i = 0; i < body.limit(); i++) {
                to.put(at + 4 + i, body.get(i));
            }
        }
    }

    private static void putAlgorithms(List<Algorithm> algorithms, ByteBuffer to, int start) {
        int at = start;
        for (Algorithm each : algorithms) {
            to.put(at, (byte) each.id()).put(at + 1, (byte) each.ivLength());
            to.putShort(at + 2, (short) each.minBits()).putShort(at + 4, (short) each.maxBits());
            at += 8;
        }
    }

    private void putPolicy(Extension.Policy policy, ByteBuffer to, int at) {
        to.putShort(at + 4, (short) policy.policyType());
        to.put(at + 6, (byte) policy.direction()).put(at + 7, (byte) policy.scope());
        to.putInt(at + 8, policy.id()).putInt(at + 12, policy.priority());
        int next = at + 16;
        for (IpsecRequest request : policy.requests()) {
            putRequest(request, to, next);
            next += length(request);
        }
    }

    private void putRequest(IpsecRequest request, ByteBuffer to, int at) {
        to.putShort(at, (short) length(request)).putShort(at + 2, (short) request.protocol());
        to.put(at + 4, (byte) request.mode()).put(at + 5, (byte) request.level());
        if (dialect == Dialect.FREEBSD) {
            to.putShort(at + 6, (short) request.reqid());
        } else {
            to.putInt(at + 8, request.reqid());
        }
        SocketAddress source = request.source();
        SocketAddress destination = request.destination();
        if (source != null && destination != null) {
            source.write(dialect, to, at + dialect.requestLength());
            destination.write(dialect, to, at + dialect.requestLength() + source.length());
        }
    }
}
