package org.ipsecif.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;

/** What a template's parameter may be. */
enum ParameterType {
    ADDRESS("an IPv4 or IPv6 address") {
        @Override
        String parse(String text) {
            return IpAddress.parse(text).toString();
        }
    },
    PREFIX("an address or a prefix, such as 10.0.0.0/8") {
        @Override
        String parse(String text) {
            return IpPrefix.parse(text).toString();
        }
    },
    NETWORKS("prefixes with spaces or commas between them, or none") {
        @Override
        String parse(String text) throws ConfigException {
            return String.join(
                    " ",
                    IfconfigWords.networks(name(), text).stream()
                            .map(IpPrefix::toString)
                            .toList());
        }
    },
    NUMBER("a number of 0 to 4294967295") {
        @Override
        String parse(String text) throws ConfigException {
            return Long.toString(IfconfigWords.number(name(), text, 0, 0xffff_ffffL));
        }
    },
    PORT("any or a port") {
        @Override
        String parse(String text) throws ConfigException {
            SelectorWords.ports(text);
            return text;
        }
    },
    PROTOCOL("any, a protocol's name (tcp, udp, icmp, icmp6, gre, ...) or its number") {
        @Override
        String parse(String text) throws ConfigException {
            SelectorWords.protocol(text);
            return text;
        }
    },
    WORD("letters, digits, '.', '_', ':' and '-'") {
        @Override
        String parse(String text) {
            if (!text.matches("[A-Za-z0-9._:-]{1,64}")) {
                throw new IllegalArgumentException(text);
            }
            return text;
        }
    },
    BOOLEAN("yes or no") {
        @Override
        String parse(String text) {
            return switch (text.toLowerCase(Locale.ROOT)) {
                case "yes", "true", "on", "1" -> "yes";
                case "no", "false", "off", "0" -> "no";
                default -> throw new IllegalArgumentException(text);
            };
        }
    };

    private final String expected;

    ParameterType(String expected) {
        this.expected = expected;
    }

    /** In its canonical form. */
    abstract String parse(String text) throws ConfigException;

    /** The value in its canonical form. @throws IllegalArgumentException saying what was expected */
    final String check(String text) {
        try {
            return parse(text.strip());
        } catch (ConfigException | IllegalArgumentException e) {
            throw new IllegalArgumentException("\"" + text + "\" is not " + expected, e);
        }
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static List<String> words() {
        return Arrays.stream(values()).map(ParameterType::word).toList();
    }
}
