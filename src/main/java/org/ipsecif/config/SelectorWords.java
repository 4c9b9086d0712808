package org.ipsecif.config;

import java.util.Map;
import java.util.TreeSet;
import org.ipsecif.sa.Selector;
import org.ipsecif.sa.Selector.PortRange;

/** Protocols and ports as templates write them. */
final class SelectorWords {
    private static final int MAX_PORT = 65_535;
    private static final int MAX_ICMP = 255;

    /** IANA's numbers; the names of setkey(8) and ip-xfrm(8). */
    private static final Map<String, Integer> PROTOCOLS = Map.ofEntries(
            Map.entry("any", Selector.ANY_PROTOCOL),
            Map.entry("icmp", 1),
            Map.entry("ipencap", 4),
            Map.entry("tcp", 6),
            Map.entry("udp", 17),
            Map.entry("dccp", 33),
            Map.entry("ipv6", 41),
            Map.entry("gre", 47),
            Map.entry("icmp6", 58),
            Map.entry("ipv6-icmp", 58),
            Map.entry("ospf", 89),
            Map.entry("sctp", 132),
            Map.entry("udplite", 136));

    private SelectorWords() {}

    static int protocol(String text) throws ConfigException {
        Integer known = PROTOCOLS.get(text);
        if (known == null && !text.matches("[0-9].*")) {
            throw new ConfigException("protocol: " + ConfigException.shown(text)
                    + " is neither a number of 1 to 255 nor " + String.join(", ", new TreeSet<>(PROTOCOLS.keySet())));
        }
        return known != null ? known : (int) IfconfigWords.number("protocol", text, 1, 255);
    }

    static boolean hasPorts(int protocol) {
        return switch (protocol) {
            case 6, 17, 33, 132, 136 -> true;
            default -> false;
        };
    }

    static boolean isIcmp(int protocol) {
        return protocol == 1 || protocol == 58;
    }

    /** {@code any}, {@code 443} or {@code 1024-65535}. */
    static PortRange ports(String text) throws ConfigException {
        return range("port", text, MAX_PORT);
    }

    /** An ICMP type or code. */
    static PortRange icmp(String text) throws ConfigException {
        return range("type or code", text, MAX_ICMP);
    }

    private static PortRange range(String word, String text, int most) throws ConfigException {
        if (text.equals("any")) {
            return PortRange.ANY;
        }
        int dash = text.indexOf('-');
        int first = (int) IfconfigWords.number(word, dash < 0 ? text : text.substring(0, dash), 0, most);
        int last = dash < 0 ? first : (int) IfconfigWords.number(word, text.substring(dash + 1), 0, most);
        if (first > last) {
            throw new ConfigException(word + ": " + text + " ends before it begins");
        }
        return new PortRange(first, last);
    }
}
