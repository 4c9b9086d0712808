package org.ipsecif.config;

import java.util.List;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.Level;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.Selector;
import org.ipsecif.sa.Selector.PortRange;
import org.ipsecif.sa.TransformTemplate;

/** SPD entries as {@code ip xfrm policy add} takes them (ip-xfrm(8)). */
final class IpXfrmPolicies {
    private static final int UDPLITE = 136;

    private IpXfrmPolicies() {}

    static String statement(SecurityPolicy policy) {
        Selector selector = policy.selector();
        StringBuilder text = new StringBuilder("ip xfrm policy add src ")
                .append(selector.source())
                .append(" dst ")
                .append(selector.destination());
        if (policy.scope() instanceof PolicyScope.Device device) {
            text.append(" dev ").append(device.name());
        }
        text.append(upperLayer(selector))
                .append(" dir ")
                .append(policy.direction().word())
                .append(scope(policy.scope()))
                .append(" action ")
                .append(policy.action() == PolicyAction.DISCARD ? "block" : "allow")
                .append(" priority ")
                .append(policy.priority());
        policy.transforms().forEach(transform -> text.append(template(transform)));
        return text.toString();
    }

    private static String upperLayer(Selector selector) {
        if (selector.protocol() == Selector.ANY_PROTOCOL) {
            return "";
        }
        boolean icmp = SelectorWords.isIcmp(selector.protocol());
        return " proto " + selector.protocol()
                + port(icmp ? " type " : " sport ", selector.sourcePorts())
                + port(icmp ? " code " : " dport ", selector.destinationPorts());
    }

    private static String port(String word, PortRange port) {
        return port.equals(PortRange.ANY) ? "" : word + port.first();
    }

    private static String scope(PolicyScope scope) {
        if (scope instanceof PolicyScope.IfId ifId) {
            return " if_id 0x" + Integer.toHexString(ifId.ifId());
        }
        if (scope instanceof PolicyScope.Mark mark) {
            return " mark 0x" + Integer.toHexString(mark.value()) + " mask 0x" + Integer.toHexString(mark.mask());
        }
        return "";
    }

    private static String template(TransformTemplate transform) {
        return " tmpl src " + transform.source() + " dst " + transform.destination() + " proto esp"
                + (transform.reqid() == 0 ? "" : " reqid " + Integer.toUnsignedString(transform.reqid()))
                + " mode " + (transform.mode() == IpsecMode.TUNNEL ? "tunnel" : "transport")
                + (transform.level() == Level.USE ? " level use" : "");
    }

    static List<String> unsayable(SecurityPolicy policy) {
        Selector selector = policy.selector();
        return selector.protocol() == UDPLITE && selector.hasPorts()
                ? List.of("ip-xfrm(8) takes no ports with udplite")
                : List.of();
    }
}
