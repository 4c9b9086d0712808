package org.ipsecif.platform.pfkey;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.platform.pfkey.SadbAssociation.Amounts;
import org.ipsecif.platform.pfkey.SadbAssociation.State;
import org.ipsecif.platform.pfkey.SadbAssociation.UdpPorts;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpsecMode;
import org.jspecify.annotations.Nullable;

/** Our records of SAs as extensions of SADB_* messages, and back. */
final class AssociationMessages {
    private static final int MOST_UNITS = 255;
    private static final int PACKETS_A_UNIT = 8;

    /** The bitmap of a struct xfrm_replay_state; af_key makes less of more in silence. */
    private static final int WIDEST_LINUX = 32;

    private final Dialect dialect;

    AssociationMessages(Dialect dialect) {
        this.dialect = dialect;
    }

    /** @throws IllegalArgumentException if there is no satype for the protocol */
    static int satype(int protocol) {
        return switch (protocol) {
            case Sadb.IPPROTO_ESP -> Sadb.SADB_SATYPE_ESP;
            case Sadb.IPPROTO_AH -> Sadb.SADB_SATYPE_AH;
            case Sadb.IPPROTO_IPCOMP -> Sadb.SADB_X_SATYPE_IPCOMP;
            default -> throw new IllegalArgumentException("PF_KEY has no SAs of protocol " + protocol);
        };
    }

    /** Of SADB_ADD, which wants a key for ESP, if an empty one. */
    List<Extension> add(SadbAssociation association) {
        List<Extension> extensions = update(association);
        boolean esp = association.id().protocol() == Sadb.IPPROTO_ESP;
        if (esp && association.keys().encryptionKey() == null) {
            extensions.add(new Extension.Key(Sadb.SADB_EXT_KEY_ENCRYPT, KeyBytes.of(new byte[0])));
        }
        return extensions;
    }

    /** Of SADB_UPDATE: FreeBSD takes no keys for an SA that has some. */
    List<Extension> update(SadbAssociation association) {
        SadbAssociation.Keys keys = association.keys();
        List<Extension> extensions = new ArrayList<>();
        extensions.add(new Extension.Association(
                association.id().spi(),
                replay(association.replayWindow()),
                Sadb.SADB_SASTATE_MATURE,
                keys.authentication(),
                keys.encryption(),
                keys.flags()));
        extensions.add(new Extension.Association2(mode(association.mode()), 0, association.reqid()));
        extensions.addAll(addresses(association.id().source(), association.id().destination()));
        addKey(extensions, Sadb.SADB_EXT_KEY_ENCRYPT, keys.encryptionKey());
        addKey(extensions, Sadb.SADB_EXT_KEY_AUTH, keys.authenticationKey());
        if (!association.hard().equals(Amounts.NONE) || !association.soft().equals(Amounts.NONE)) {
            extensions.add(lifetime(Sadb.SADB_EXT_LIFETIME_HARD, association.hard()));
            extensions.add(lifetime(Sadb.SADB_EXT_LIFETIME_SOFT, association.soft()));
        }
        UdpPorts udp = association.udp();
        if (udp != null) {
            extensions.add(new Extension.NatType(Sadb.UDP_ENCAP_ESPINUDP));
            extensions.add(new Extension.NatPort(Sadb.SADB_X_EXT_NAT_T_SPORT, udp.source()));
            extensions.add(new Extension.NatPort(Sadb.SADB_X_EXT_NAT_T_DPORT, udp.destination()));
        }
        if (isWide(association.replayWindow())) {
            extensions.add(new Extension.ReplayWindow(dialect.replayExtension(), association.replayWindow()));
        }
        return extensions;
    }

    private boolean isWide(int packets) {
        return dialect == Dialect.FREEBSD && packets > MOST_UNITS * PACKETS_A_UNIT;
    }

    private int replay(int packets) {
        if (dialect == Dialect.FREEBSD) {
            return isWide(packets) ? MOST_UNITS : (packets + PACKETS_A_UNIT - 1) / PACKETS_A_UNIT;
        }
        if (packets > WIDEST_LINUX) {
            throw new IllegalArgumentException(
                    "Linux's PF_KEY has replay windows of " + WIDEST_LINUX + " packets at most, and not " + packets);
        }
        return packets;
    }

    private static void addKey(List<Extension> to, int type, @Nullable KeyBytes key) {
        if (key != null) {
            to.add(new Extension.Key(type, key));
        }
    }

    private static Extension lifetime(int type, Amounts amounts) {
        return new Extension.Lifetime(type, amounts.packets(), amounts.bytes(), amounts.addTime(), amounts.useTime());
    }

    /** Of SADB_GET and SADB_DELETE. */
    List<Extension> name(SadbAssociation.Id id) {
        List<Extension> extensions = new ArrayList<>();
        extensions.add(new Extension.Association(id.spi(), 0, 0, 0, 0, 0));
        extensions.addAll(addresses(id.source(), id.destination()));
        return extensions;
    }

    /** Of SADB_GETSPI. */
    List<Extension> spi(IpAddress source, IpAddress destination, IpsecMode mode, int reqid, int min, int max) {
        List<Extension> extensions = new ArrayList<>();
        extensions.add(new Extension.Association2(mode(mode), 0, reqid));
        extensions.addAll(addresses(source, destination));
        extensions.add(new Extension.SpiRange(min, max));
        return extensions;
    }

    private static List<Extension> addresses(IpAddress source, IpAddress destination) {
        return List.of(address(Sadb.SADB_EXT_ADDRESS_SRC, source), address(Sadb.SADB_EXT_ADDRESS_DST, destination));
    }

    /** As setkey(8) has it: of any protocol, and whole. */
    private static Extension address(int type, IpAddress address) {
        return new Extension.Address(
                type, Sadb.IPSEC_ULPROTO_ANY, address.family().addressBits(), SocketAddress.of(address, 0));
    }

    private static int mode(IpsecMode mode) {
        return switch (mode) {
            case ANY -> Sadb.IPSEC_MODE_ANY;
            case TRANSPORT -> Sadb.IPSEC_MODE_TRANSPORT;
            case TUNNEL -> Sadb.IPSEC_MODE_TUNNEL;
        };
    }

    /** The keys of the message become the record's. @return null for what our record cannot say */
    @Nullable
    SadbAssociation read(PfKeyMessage message) {
        Extension.@Nullable Association sa = message.find(Extension.Association.class);
        Extension.Address source = message.find(Extension.Address.class, Sadb.SADB_EXT_ADDRESS_SRC);
        Extension.Address destination = message.find(Extension.Address.class, Sadb.SADB_EXT_ADDRESS_DST);
        Extension.Association2 sa2 = message.find(Extension.Association2.class);
        int protocol = Sadb.protocolOf(message.header().satype());
        IpsecMode mode = readMode(sa2 == null ? Sadb.IPSEC_MODE_ANY : sa2.mode());
        State state = sa == null ? null : readState(sa.state());
        if (sa == null || source == null || destination == null || protocol == 0 || mode == null || state == null) {
            return null;
        }
        return new SadbAssociation(
                new SadbAssociation.Id(
                        protocol,
                        source.socket().address(),
                        destination.socket().address(),
                        sa.spi()),
                mode,
                sa2 == null ? 0 : sa2.reqid(),
                readReplay(message, sa),
                state,
                new SadbAssociation.Keys(
                        sa.authentication(),
                        readKey(message, Sadb.SADB_EXT_KEY_AUTH),
                        sa.encryption(),
                        readKey(message, Sadb.SADB_EXT_KEY_ENCRYPT),
                        sa.flags()),
                readPorts(message),
                readAmounts(message, Sadb.SADB_EXT_LIFETIME_HARD),
                readAmounts(message, Sadb.SADB_EXT_LIFETIME_SOFT),
                readAmounts(message, Sadb.SADB_EXT_LIFETIME_CURRENT));
    }

    private static @Nullable State readState(int state) {
        return switch (state) {
            case Sadb.SADB_SASTATE_LARVAL -> State.LARVAL;
            case Sadb.SADB_SASTATE_MATURE -> State.MATURE;
            case Sadb.SADB_SASTATE_DYING -> State.DYING;
            case Sadb.SADB_SASTATE_DEAD -> State.DEAD;
            default -> null;
        };
    }

    private static @Nullable IpsecMode readMode(int mode) {
        return switch (mode) {
            case Sadb.IPSEC_MODE_ANY -> IpsecMode.ANY;
            case Sadb.IPSEC_MODE_TRANSPORT -> IpsecMode.TRANSPORT;
            case Sadb.IPSEC_MODE_TUNNEL -> IpsecMode.TUNNEL;
            default -> null;
        };
    }

    private int readReplay(PfKeyMessage message, Extension.Association sa) {
        Extension.ReplayWindow wide = message.find(Extension.ReplayWindow.class);
        if (wide != null) {
            return wide.packets();
        }
        return dialect == Dialect.FREEBSD ? sa.replay() * PACKETS_A_UNIT : sa.replay();
    }

    private static @Nullable KeyBytes readKey(PfKeyMessage message, int type) {
        Extension.Key key = message.find(Extension.Key.class, type);
        return key == null ? null : key.key();
    }

    private static @Nullable UdpPorts readPorts(PfKeyMessage message) {
        Extension.NatPort source = message.find(Extension.NatPort.class, Sadb.SADB_X_EXT_NAT_T_SPORT);
        Extension.NatPort destination = message.find(Extension.NatPort.class, Sadb.SADB_X_EXT_NAT_T_DPORT);
        return source == null || destination == null ? null : new UdpPorts(source.port(), destination.port());
    }

    private static Amounts readAmounts(PfKeyMessage message, int type) {
        Extension.Lifetime lifetime = message.find(Extension.Lifetime.class, type);
        return lifetime == null
                ? Amounts.NONE
                : new Amounts(lifetime.allocations(), lifetime.bytes(), lifetime.addTime(), lifetime.useTime());
    }
}
