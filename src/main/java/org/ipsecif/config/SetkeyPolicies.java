package org.ipsecif.config;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.sa.Direction;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.Selector;
import org.ipsecif.sa.Selector.PortRange;
import org.ipsecif.sa.TransformTemplate;

/** SPD entries as {@code spdadd} of setkey(8) takes them: FreeBSD's {@code sbin/setkey/parse.y}, {@code lib/libipsec/policy_parse.y}. */
final class SetkeyPolicies {
    /** netipsec/ipsec.h; for a greater one the kernel takes one of its own. */
    private static final int IPSEC_MANUAL_REQID_MAX = 0x3fff;

    private static final int ICMP6 = 58;

    private SetkeyPolicies() {}

    static String statement(SecurityPolicy policy) {
        Selector selector = policy.selector();
        StringBuilder text = new StringBuilder("spdadd ")
                .append(selector.source())
                .append(port(selector, selector.sourcePorts()))
                .append(' ')
                .append(selector.destination())
                .append(port(selector, selector.destinationPorts()))
                .append(' ')
                .append(upperLayer(selector))
                .append(" -P ")
                .append(policy.direction().word())
                .append(' ')
                .append(action(policy.action()));
        policy.transforms().forEach(transform -> text.append(' ').append(words(transform)));
        return text.append(" ;").toString();
    }

    private static String port(Selector selector, PortRange port) {
        return port.equals(PortRange.ANY) || SelectorWords.isIcmp(selector.protocol()) ? "" : "[" + port.first() + "]";
    }

    private static String upperLayer(Selector selector) {
        if (selector.protocol() == Selector.ANY_PROTOCOL) {
            return "any";
        }
        boolean typed = SelectorWords.isIcmp(selector.protocol())
                && !selector.sourcePorts().equals(PortRange.ANY);
        return selector.protocol() == ICMP6 && typed
                ? "icmp6 " + selector.sourcePorts().first() + ","
                        + selector.destinationPorts().first()
                : Integer.toString(selector.protocol());
    }

    private static String action(PolicyAction action) {
        return switch (action) {
            case PROTECT -> "ipsec";
            case BYPASS -> "none";
            case DISCARD -> "discard";
        };
    }

    /** Transport mode is between the packet's own addresses. */
    private static String words(TransformTemplate transform) {
        boolean anywhere = transform.source().high() == 0 && transform.source().low() == 0;
        return anywhere
                ? transform.words().replace("/" + transform.source() + "-" + transform.destination() + "/", "//")
                : transform.words();
    }

    static List<String> unsayable(SecurityPolicy policy) {
        List<String> reasons = new ArrayList<>();
        if (!(policy.scope() instanceof PolicyScope.Host)) {
            reasons.add("setkey(8) cannot say " + policy.scope().words() + "; without it this is for the whole host");
        }
        if (policy.direction() == Direction.FORWARD) {
            reasons.add("setkey(8) has no direction fwd; there \"in\" is for forwarded packets too");
        }
        Selector selector = policy.selector();
        if (SelectorWords.isIcmp(selector.protocol()) && selector.hasPorts() && !sayable(selector)) {
            reasons.add("setkey(8) takes a type with a code, and of ICMPv6 alone");
        }
        for (TransformTemplate transform : policy.transforms()) {
            if (Integer.compareUnsigned(transform.reqid(), IPSEC_MANUAL_REQID_MAX) > 0) {
                reasons.add("the reqid is above " + IPSEC_MANUAL_REQID_MAX + "; the kernel would take one of its own");
            }
        }
        return reasons;
    }

    private static boolean sayable(Selector selector) {
        return selector.protocol() == ICMP6
                && !selector.sourcePorts().equals(PortRange.ANY)
                && !selector.destinationPorts().equals(PortRange.ANY);
    }
}
