package org.ipsecif.platform.pfkey;

import java.util.List;
import org.ipsecif.platform.pfkey.SadbAssociation.Amounts;
import org.ipsecif.platform.pfkey.SadbAssociation.State;
import org.ipsecif.platform.pfkey.SadbAssociation.UdpPorts;
import org.ipsecif.sa.Direction;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.Level;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.Selector;
import org.ipsecif.sa.Selector.PortRange;
import org.ipsecif.sa.TransformTemplate;
import org.jspecify.annotations.Nullable;

/** What the bytes of {@link FreeBsdMessages} and {@link LinuxMessages} say, as our records. */
final class PfKeyRecords {
    static final IpAddress LOCAL = IpAddress.parse("203.0.113.1");
    static final IpAddress REMOTE = IpAddress.parse("198.51.100.2");
    static final IpAddress LOCAL6 = IpAddress.parse("2001:db8::1");
    static final IpAddress REMOTE6 = IpAddress.parse("2001:db8::2");

    static final Selector SELECTOR = Selector.between(IpPrefix.parse("10.1.0.0/16"), IpPrefix.parse("10.2.0.0/16"));

    static final TransformTemplate TUNNEL = new TransformTemplate(IpsecMode.TUNNEL, LOCAL, REMOTE, Level.UNIQUE, 100);

    static final SecurityPolicy PROTECT = outbound(PolicyAction.PROTECT, TUNNEL);

    static final SecurityPolicy USE = new SecurityPolicy(
            "kernel",
            Direction.INBOUND,
            new Selector(
                    IpPrefix.parse("2001:db8:1::/48"),
                    IpPrefix.parse("2001:db8:2::1"),
                    17,
                    PortRange.ANY,
                    new PortRange(500, 500)),
            PolicyAction.PROTECT,
            List.of(new TransformTemplate(IpsecMode.TUNNEL, LOCAL6, REMOTE6, Level.USE, 0)),
            0,
            new PolicyScope.Host());

    static final SecurityPolicy TRANSPORT = betweenHosts(IpAddress.ANY_INET, IpAddress.ANY_INET);

    /** FreeBSD alone has it. */
    static final SecurityPolicy ADDRESSED = betweenHosts(LOCAL, REMOTE);

    static final SecurityPolicy TWO = outbound(
            PolicyAction.PROTECT,
            TUNNEL,
            new TransformTemplate(IpsecMode.TRANSPORT, IpAddress.ANY_INET, IpAddress.ANY_INET, Level.USE, 0));

    /** Linux alone has it. */
    static final SecurityPolicy FORWARD = new SecurityPolicy(
            "kernel",
            Direction.FORWARD,
            SELECTOR,
            PolicyAction.PROTECT,
            List.of(TUNNEL),
            Integer.MAX_VALUE,
            new PolicyScope.Host());

    /** Unreachable, as a packet is too big: type 3, code 4. Linux alone has it. */
    static final SecurityPolicy ICMP = new SecurityPolicy(
            "kernel",
            Direction.OUTBOUND,
            new Selector(SELECTOR.source(), SELECTOR.destination(), 1, new PortRange(3, 3), new PortRange(4, 4)),
            PolicyAction.BYPASS,
            List.of(),
            1000,
            new PolicyScope.Host());

    static final SadbAssociation.Id ID = new SadbAssociation.Id(50, LOCAL, REMOTE, 0x00012345);
    static final SadbAssociation.Id ID6 = new SadbAssociation.Id(50, LOCAL6, REMOTE6, 0x00054321);

    private static SecurityPolicy betweenHosts(IpAddress source, IpAddress destination) {
        return new SecurityPolicy(
                "kernel",
                Direction.OUTBOUND,
                Selector.between(IpPrefix.host(LOCAL), IpPrefix.host(REMOTE)),
                PolicyAction.PROTECT,
                List.of(new TransformTemplate(IpsecMode.TRANSPORT, source, destination, Level.REQUIRE, 0)),
                5,
                new PolicyScope.Host());
    }

    static SecurityPolicy outbound(PolicyAction action, TransformTemplate... transforms) {
        return new SecurityPolicy(
                "kernel", Direction.OUTBOUND, SELECTOR, action, List.of(transforms), 1000, new PolicyScope.Host());
    }

    static KeyBytes key(int first, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (first + i);
        }
        return KeyBytes.of(bytes);
    }

    static SadbAssociation association(int window) {
        return new SadbAssociation(
                ID,
                IpsecMode.TUNNEL,
                100,
                window,
                State.MATURE,
                new SadbAssociation.Keys(5, key(0x10, 32), 12, key(0, 16), 0),
                new UdpPorts(4500, 61000),
                new Amounts(1, 2, 3600, 0),
                new Amounts(0, 1, 900, 0),
                Amounts.NONE);
    }

    /** Without encryption. */
    static SadbAssociation association6() {
        return new SadbAssociation(
                ID6,
                IpsecMode.TUNNEL,
                100,
                32,
                State.MATURE,
                new SadbAssociation.Keys(5, key(0x10, 32), 11, null, 0),
                null,
                Amounts.NONE,
                Amounts.NONE,
                Amounts.NONE);
    }

    static SadbAssociation changed(int window, @Nullable KeyBytes key) {
        return new SadbAssociation(
                ID,
                IpsecMode.TRANSPORT,
                0,
                window,
                State.MATURE,
                new SadbAssociation.Keys(0, null, 11, key, 0),
                null,
                Amounts.NONE,
                Amounts.NONE,
                Amounts.NONE);
    }

    private PfKeyRecords() {}
}
