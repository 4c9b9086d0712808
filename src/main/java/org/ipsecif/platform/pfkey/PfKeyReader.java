package org.ipsecif.platform.pfkey;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.ipsecif.platform.pfkey.Extension.Algorithm;
import org.ipsecif.platform.pfkey.Extension.IpsecRequest;
import org.jspecify.annotations.Nullable;

/**
 * Reads messages, in the layouts of {@link PfKeyWriter}. Every length is distrusted: what is not a message yields null and counts
 * as a {@link Flaw}. One thread.
 */
final class PfKeyReader {
    private static final int EXTENSION_HEADER = 4;
    private static final int SA = 16;
    private static final int LIFETIME = 32;
    private static final int ADDRESS = 8;
    private static final int KEY = 8;
    private static final int SPIRANGE = 16;
    private static final int SUPPORTED = 8;
    private static final int ALGORITHM = 8;
    private static final int POLICY = 16;
    private static final int SA2 = 16;
    private static final int SMALL = 8;

    private final Dialect dialect;
    private final boolean withKeys;
    private final Map<Flaw, Long> flaws = new EnumMap<>(Flaw.class);

    private PfKeyReader(Dialect dialect, boolean withKeys) {
        this.dialect = dialect;
        this.withKeys = withKeys;
    }

    /** The reader's messages have keys, which their reader overwrites. */
    static PfKeyReader withKeys(Dialect dialect) {
        return new PfKeyReader(dialect, true);
    }

    /** Leaves extensions with keys out, as if they were not there: nobody has to overwrite any. */
    static PfKeyReader withoutKeys(Dialect dialect) {
        return new PfKeyReader(dialect, false);
    }

    /** How many messages had which flaw. */
    Map<Flaw, Long> flaws() {
        return Map.copyOf(flaws);
    }

    /**
     * Reads one message.
     *
     * @param message from index 0 to its limit, in native order
     * @return null if it is none
     */
    @Nullable
    PfKeyMessage read(ByteBuffer message) {
        PfKeyHeader header = PfKeyHeader.read(message);
        if (header == null) {
            return flawed(Flaw.SHORT);
        }
        if (header.version() != Sadb.PF_KEY_V2) {
            return flawed(Flaw.VERSION);
        }
        if (header.length() * Sadb.UNIT != message.limit()) {
            return flawed(Flaw.LENGTH);
        }
        List<Extension> extensions = new ArrayList<>();
        Flaw flaw = readAll(message, extensions);
        PfKeyMessage whole = new PfKeyMessage(header, extensions);
        if (flaw != null) {
            whole.wipe();
            return flawed(flaw);
        }
        return whole;
    }

    private @Nullable PfKeyMessage flawed(Flaw flaw) {
        flaws.merge(flaw, 1L, Long::sum);
        return null;
    }

    private @Nullable Flaw readAll(ByteBuffer message, List<Extension> extensions) {
        BitSet seen = new BitSet();
        int length;
        for (int at = PfKeyHeader.BYTES; at < message.limit(); at += length) {
            length = Short.toUnsignedInt(message.getShort(at)) * Sadb.UNIT;
            if (length == 0 || length > message.limit() - at) {
                return Flaw.EXTENSION_LENGTH;
            }
            int type = Short.toUnsignedInt(message.getShort(at + 2));
            if (type == Sadb.SADB_EXT_RESERVED) {
                return Flaw.EXTENSION_TYPE;
            }
            if (seen.get(type)) {
                return Flaw.REPEATED;
            }
            seen.set(type);
            Flaw flaw = read(type, message.slice(at, length).order(message.order()), extensions);
            if (flaw != null) {
                return flaw;
            }
        }
        return null;
    }

    private @Nullable Flaw read(int type, ByteBuffer bytes, List<Extension> to) {
        if (dialect.isAddress(type)) {
            return readAddress(type, bytes, to);
        }
        return switch (type) {
            case Sadb.SADB_EXT_SA -> readAssociation(bytes, to);
            case Sadb.SADB_EXT_LIFETIME_CURRENT, Sadb.SADB_EXT_LIFETIME_HARD, Sadb.SADB_EXT_LIFETIME_SOFT ->
                readLifetime(type, bytes, to);
            case Sadb.SADB_EXT_KEY_AUTH, Sadb.SADB_EXT_KEY_ENCRYPT -> readKey(type, bytes, to);
            case Sadb.SADB_EXT_SPIRANGE -> readSpiRange(bytes, to);
            case Sadb.SADB_EXT_SUPPORTED_AUTH, Sadb.SADB_EXT_SUPPORTED_ENCRYPT -> readSupported(type, bytes, to);
            case Sadb.SADB_X_EXT_POLICY -> readPolicy(bytes, to);
            case Sadb.SADB_X_EXT_SA2 -> readAssociation2(bytes, to);
            default -> {
                to.add(small(type, bytes));
                yield null;
            }
        };
    }

    /** Those that any length will do for, which is 8 bytes at least. */
    private Extension small(int type, ByteBuffer bytes) {
        if (type == dialect.replayExtension()) {
            return new Extension.ReplayWindow(type, bytes.getInt(4));
        }
        return switch (type) {
            case Sadb.SADB_X_EXT_NAT_T_TYPE -> new Extension.NatType(bytes.get(4) & 0xff);
            case Sadb.SADB_X_EXT_NAT_T_SPORT, Sadb.SADB_X_EXT_NAT_T_DPORT ->
                new Extension.NatPort(type, (bytes.get(4) & 0xff) << 8 | (bytes.get(5) & 0xff));
            default -> opaque(type, bytes);
        };
    }

    /** A copy: the memory that it was read from is used again. */
    private static Extension opaque(int type, ByteBuffer bytes) {
        ByteBuffer body = ByteBuffer.allocate(bytes.limit() - EXTENSION_HEADER);
        body.put(bytes.slice(EXTENSION_HEADER, body.capacity())).flip();
        return new Extension.Opaque(type, body.asReadOnlyBuffer());
    }

    private static @Nullable Flaw readAssociation(ByteBuffer bytes, List<Extension> to) {
        if (bytes.limit() < SA) {
            return Flaw.EXTENSION_SHORT;
        }
        to.add(new Extension.Association(
                PfKeyWriter.networkOrder(bytes.getInt(4), bytes),
                bytes.get(8) & 0xff,
                bytes.get(9) & 0xff,
                bytes.get(10) & 0xff,
                bytes.get(11) & 0xff,
                bytes.getInt(12)));
        return null;
    }

    private static @Nullable Flaw readLifetime(int type, ByteBuffer bytes, List<Extension> to) {
        if (bytes.limit() < LIFETIME) {
            return Flaw.EXTENSION_SHORT;
        }
        to.add(new Extension.Lifetime(type, bytes.getInt(4), bytes.getLong(8), bytes.getLong(16), bytes.getLong(24)));
        return null;
    }

    private @Nullable Flaw readAddress(int type, ByteBuffer bytes, List<Extension> to) {
        SocketAddress socket = SocketAddress.read(dialect, bytes, ADDRESS);
        if (socket == null) {
            return Flaw.ADDRESS;
        }
        int prefixLength = bytes.get(5) & 0xff;
        if (prefixLength > socket.address().family().addressBits()) {
            return Flaw.PREFIX;
        }
        to.add(new Extension.Address(type, bytes.get(4) & 0xff, prefixLength, socket));
        return null;
    }

    private @Nullable Flaw readKey(int type, ByteBuffer bytes, List<Extension> to) {
        int bits = Short.toUnsignedInt(bytes.getShort(4));
        if (KeyBytes.bytes(bits) > bytes.limit() - KEY) {
            return Flaw.KEY;
        }
        if (withKeys) {
            to.add(new Extension.Key(type, KeyBytes.read(bytes, KEY, bits)));
        }
        return null;
    }

    private static @Nullable Flaw readSpiRange(ByteBuffer bytes, List<Extension> to) {
        if (bytes.limit() < SPIRANGE) {
            return Flaw.EXTENSION_SHORT;
        }
        to.add(new Extension.SpiRange(bytes.getInt(4), bytes.getInt(8)));
        return null;
    }

    private static @Nullable Flaw readSupported(int type, ByteBuffer bytes, List<Extension> to) {
        List<Algorithm> algorithms = new ArrayList<>();
        for (int at = SUPPORTED; at < bytes.limit(); at += ALGORITHM) {
            algorithms.add(new Algorithm(
                    bytes.get(at) & 0xff,
                    bytes.get(at + 1) & 0xff,
                    Short.toUnsignedInt(bytes.getShort(at + 2)),
                    Short.toUnsignedInt(bytes.getShort(at + 4))));
        }
        to.add(new Extension.Supported(type, algorithms));
        return null;
    }

    private static @Nullable Flaw readAssociation2(ByteBuffer bytes, List<Extension> to) {
        if (bytes.limit() < SA2) {
            return Flaw.EXTENSION_SHORT;
        }
        to.add(new Extension.Association2(bytes.get(4) & 0xff, bytes.getInt(8), bytes.getInt(12)));
        return null;
    }

    private @Nullable Flaw readPolicy(ByteBuffer bytes, List<Extension> to) {
        if (bytes.limit() < POLICY) {
            return Flaw.EXTENSION_SHORT;
        }
        List<IpsecRequest> requests = new ArrayList<>();
        int length;
        for (int at = POLICY; at < bytes.limit(); at += length) {
            int left = bytes.limit() - at;
            length = Short.toUnsignedInt(bytes.getShort(at));
            boolean possible = length >= dialect.requestLength() && length <= left && length % SMALL == 0;
            IpsecRequest request =
                    possible ? readRequest(bytes.slice(at, length).order(bytes.order())) : null;
            if (request == null) {
                return Flaw.REQUEST;
            }
            requests.add(request);
        }
        to.add(new Extension.Policy(
                Short.toUnsignedInt(bytes.getShort(4)),
                bytes.get(6) & 0xff,
                bytes.get(7) & 0xff,
                bytes.getInt(8),
                bytes.getInt(12),
                requests));
        return null;
    }

    private @Nullable IpsecRequest readRequest(ByteBuffer bytes) {
        int at = dialect.requestLength();
        SocketAddress source = null;
        SocketAddress destination = null;
        if (bytes.limit() > at) {
            source = SocketAddress.read(dialect, bytes, at);
            destination = source == null ? null : SocketAddress.read(dialect, bytes, at + source.length());
            if (source == null
                    || destination == null
                    || source.address().family() != destination.address().family()) {
                return null;
            }
        }
        return new IpsecRequest(
                Short.toUnsignedInt(bytes.getShort(2)),
                bytes.get(4) & 0xff,
                bytes.get(5) & 0xff,
                dialect == Dialect.FREEBSD ? Short.toUnsignedInt(bytes.getShort(6)) : bytes.getInt(8),
                source,
                destination);
    }
}
