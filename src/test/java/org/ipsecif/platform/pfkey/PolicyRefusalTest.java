package org.ipsecif.platform.pfkey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Collections;
import java.util.List;
import org.ipsecif.sa.Direction;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.Level;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.PolicyKey;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.Selector;
import org.ipsecif.sa.Selector.PortRange;
import org.ipsecif.sa.TransformTemplate;
import org.junit.jupiter.api.Test;

/** What PF_KEY cannot say is refused with the reason, and never said otherwise. */
class PolicyRefusalTest {
    private static final IpAddress LOCAL = IpAddress.parse("203.0.113.1");
    private static final IpAddress REMOTE = IpAddress.parse("198.51.100.2");
    private static final PolicyScope HOST = new PolicyScope.Host();

    private static SecurityPolicy policy(Direction direction, int protocol, PortRange ports, PolicyScope scope) {
        Selector selector = new Selector(
                IpPrefix.parse("10.1.0.0/16"), IpPrefix.parse("10.2.0.0/16"), protocol, ports, PortRange.ANY);
        return new SecurityPolicy("p", direction, selector, PolicyAction.DISCARD, List.of(), 1, scope);
    }

    private static SecurityPolicy with(TransformTemplate... transforms) {
        return new SecurityPolicy(
                "p",
                Direction.OUTBOUND,
                Selector.between(IpPrefix.parse("10.1.0.0/16"), IpPrefix.parse("10.2.0.0/16")),
                PolicyAction.PROTECT,
                List.of(transforms),
                1,
                HOST);
    }

    private static TransformTemplate transform(IpsecMode mode, Level level, int reqid) {
        return new TransformTemplate(mode, LOCAL, REMOTE, level, reqid);
    }

    private static void assertRefused(String reason, Dialect dialect, SecurityPolicy policy) {
        Exception refused = assertThrows(IllegalArgumentException.class, () -> new PolicyMessages(dialect).add(policy));
        assertEquals(reason, refused.getMessage());
    }

    private static void assertRefusedByBoth(String reason, SecurityPolicy policy) {
        for (Dialect dialect : Dialect.values()) {
            assertRefused(reason, dialect, policy);
        }
    }

    private static void assertSaid(Dialect dialect, SecurityPolicy policy) {
        assertEquals(3, new PolicyMessages(dialect).add(policy).size());
    }

    @Test
    void scopes() {
        String none = "PF_KEY has only policies for the whole host, scope host, and none for ";
        assertRefusedByBoth(
                none + "if_id 0x64", policy(Direction.INBOUND, -1, PortRange.ANY, new PolicyScope.IfId(100)));
        assertRefusedByBoth(
                none + "mark 0xf/0xff", policy(Direction.INBOUND, -1, PortRange.ANY, new PolicyScope.Mark(15, 255)));
        assertRefusedByBoth(
                none + "dev ipsec0", policy(Direction.INBOUND, -1, PortRange.ANY, new PolicyScope.Device("ipsec0")));
        PolicyKey key = PolicyKey.of(policy(Direction.INBOUND, -1, PortRange.ANY, new PolicyScope.IfId(100)));
        assertThrows(IllegalArgumentException.class, () -> new PolicyMessages(Dialect.LINUX).delete(key));
    }

    @Test
    void portsAndTypes() {
        PortRange one = new PortRange(8, 8);
        assertRefusedByBoth(
                "PF_KEY has no selector for the ports 1 to 8",
                policy(Direction.INBOUND, 17, new PortRange(1, 8), HOST));
        assertRefusedByBoth(
                "PF_KEY has no selector for port, type or code 0, which stands for any",
                policy(Direction.INBOUND, 1, new PortRange(0, 0), HOST));
        String freebsd = "FreeBSD's policies look at ports of TCP and UDP alone, and at no ICMP type";
        assertRefused(freebsd, Dialect.FREEBSD, policy(Direction.INBOUND, 1, one, HOST));
        assertRefused(freebsd, Dialect.FREEBSD, policy(Direction.INBOUND, -1, one, HOST));
        assertSaid(Dialect.LINUX, policy(Direction.INBOUND, 1, one, HOST));
        assertSaid(Dialect.FREEBSD, policy(Direction.INBOUND, 6, one, HOST));
        assertSaid(Dialect.FREEBSD, policy(Direction.INBOUND, 17, one, HOST));
    }

    @Test
    void protocolsAndDirections() {
        assertRefusedByBoth("PF_KEY has no policy for protocol 0", policy(Direction.INBOUND, 0, PortRange.ANY, HOST));
        assertRefusedByBoth(
                "PF_KEY has no policy for protocol 255", policy(Direction.INBOUND, 255, PortRange.ANY, HOST));
        assertRefused(
                "FreeBSD has no policies for direction fwd",
                Dialect.FREEBSD,
                policy(Direction.FORWARD, -1, PortRange.ANY, HOST));
        assertSaid(Dialect.LINUX, policy(Direction.FORWARD, -1, PortRange.ANY, HOST));
    }

    @Test
    void transforms() {
        assertRefusedByBoth(
                "PF_KEY has a reqid at level unique alone", with(transform(IpsecMode.TUNNEL, Level.USE, 7)));
        assertRefusedByBoth(
                "PF_KEY takes reqids from 1 to 16383 alone, and not 16384",
                with(transform(IpsecMode.TUNNEL, Level.UNIQUE, 0x4000)));
        assertRefusedByBoth(
                "PF_KEY takes reqids from 1 to 16383 alone, and not 4294967295",
                with(transform(IpsecMode.TUNNEL, Level.UNIQUE, -1)));
        assertRefusedByBoth(
                "PF_KEY takes reqids from 1 to 16383 alone, and not 0",
                with(transform(IpsecMode.TUNNEL, Level.UNIQUE, 0)));
        assertRefused(
                "Linux's PF_KEY has no addresses for a transform in transport mode",
                Dialect.LINUX,
                with(transform(IpsecMode.TRANSPORT, Level.REQUIRE, 0)));
        assertSaid(Dialect.FREEBSD, with(transform(IpsecMode.TRANSPORT, Level.REQUIRE, 0)));
        assertSaid(Dialect.LINUX, with(transform(IpsecMode.TUNNEL, Level.UNIQUE, 0x3fff)));
        TransformTemplate[] five = Collections.nCopies(5, transform(IpsecMode.TUNNEL, Level.REQUIRE, 0))
                .toArray(TransformTemplate[]::new);
        assertRefused("FreeBSD's policies have 4 transforms at most", Dialect.FREEBSD, with(five));
        assertSaid(Dialect.LINUX, with(five));
    }
}
