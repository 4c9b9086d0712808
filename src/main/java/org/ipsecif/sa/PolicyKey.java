package org.ipsecif.sa;

/**
 * What tells one entry of an SPD from another: of each there is one at most. The priority is no part of it, so that it can be
 * changed in place (Linux: {@code xfrm_policy_insert} compares selector, mark, if_id and type within a direction).
 */
public record PolicyKey(Direction direction, Selector selector, PolicyScope scope) {
    public static PolicyKey of(SecurityPolicy policy) {
        return new PolicyKey(policy.direction(), policy.selector(), policy.scope());
    }

    /** One line for messages and records: {@code out 10.1.0.0/16 to 0.0.0.0/0 protocol 17 ports any to 500, if_id 100}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(direction.word())
                .append(' ')
                .append(selector.source())
                .append(" to ")
                .append(selector.destination());
        if (selector.protocol() != Selector.ANY_PROTOCOL) {
            text.append(" protocol ").append(selector.protocol());
        }
        if (selector.hasPorts()) {
            text.append(" ports ").append(words(selector.sourcePorts())).append(" to ");
            text.append(words(selector.destinationPorts()));
        }
        return text.append(", ").append(words(scope)).toString();
    }

    private static String words(Selector.PortRange ports) {
        if (ports.equals(Selector.PortRange.ANY)) {
            return "any";
        }
        return ports.first() == ports.last() ? "" + ports.first() : ports.first() + "-" + ports.last();
    }

    private static String words(PolicyScope scope) {
        if (scope instanceof PolicyScope.IfId ifId) {
            return "if_id " + Integer.toUnsignedString(ifId.ifId());
        }
        if (scope instanceof PolicyScope.Mark mark) {
            return String.format("mark 0x%x/0x%x", mark.value(), mark.mask());
        }
        return scope instanceof PolicyScope.Device device ? "device " + device.name() : "host";
    }
}
