package org.ipsecif.config;

import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/** What a statement of setkey(8) is about: {@code [-46n] SRC DST esp}, and mostly an SPI. */
record SetkeyTarget(IpAddress source, IpAddress destination) {
    private static final int LAST_RESERVED_SPI = 255; // RFC 4303 section 2.1

    /** Reads the addresses and the protocol. */
    static SetkeyTarget read(SetkeyTokens tokens) throws ConfigException {
        Family family = family(tokens, null);
        IpAddress source = address(tokens, "the source address", family);
        IpAddress destination = address(tokens, "the destination address", family(tokens, family));
        protocol(tokens);
        return new SetkeyTarget(source, destination);
    }

    /** {@code -4} and {@code -6}; and {@code -n}, which is about names of hosts, which are not taken at all. */
    private static @Nullable Family family(SetkeyTokens tokens, @Nullable Family before) throws ConfigException {
        Family family = before;
        SetkeyTokens.Token token = tokens.peek();
        while (token != null && !token.quoted() && token.text().matches("-[46n]+")) {
            tokens.next("");
            for (char flag : token.text().replaceAll("[-n]", "").toCharArray()) {
                Family said = flag == '4' ? Family.INET : Family.INET6;
                if (family != null && family != said) {
                    throw tokens.error(token.line(), "-" + flag, "follows " + option(family));
                }
                family = said;
            }
            token = tokens.peek();
        }
        return family;
    }

    private static String option(Family family) {
        return family == Family.INET ? "-4" : "-6";
    }

    private static IpAddress address(SetkeyTokens tokens, String expected, @Nullable Family family)
            throws ConfigException {
        SetkeyTokens.Token token = tokens.next(expected);
        IpAddress address = parse(tokens, token, expected);
        if (family != null && family != address.family()) {
            throw tokens.error(token.line(), option(family), address + " is not of that family");
        }
        return address;
    }

    private static IpAddress parse(SetkeyTokens tokens, SetkeyTokens.Token token, String expected)
            throws ConfigException {
        if (token.quoted() || !token.text().matches("[0-9a-fA-F]*[.:].*")) { // not to be shown: it may be a key
            throw tokens.error(token.line(), null, expected + ": expected an IPv4 or IPv6 address");
        }
        try {
            IpAddress address = IpAddress.parse(token.text());
            if (address.isUnspecified() || address.isMulticast()) {
                throw new IllegalArgumentException(address + " is not a unicast address");
            }
            return address;
        } catch (IllegalArgumentException e) {
            throw tokens.error(token.line(), null, expected + ": " + e.getMessage());
        }
    }

    static void protocol(SetkeyTokens tokens) throws ConfigException {
        SetkeyTokens.Token token = tokens.next("the protocol, esp");
        switch (token.text()) {
            case "esp" -> {}
            case "esp-udp" ->
                throw tokens.error(
                        token.line(), "esp-udp", "write esp, and ipsecif_IF_encap=\"udp\" for the interface");
            case "ah", "ah-old", "esp-old", "ipcomp", "tcp", "ipip" ->
                throw tokens.error(token.line(), token.text(), "not supported; the protocol is esp");
            default -> throw tokens.error(token.line(), null, "expected the protocol, esp");
        }
    }

    static int spi(SetkeyTokens tokens) throws ConfigException {
        return (int) number(tokens, tokens.next("the SPI"), "SPI", LAST_RESERVED_SPI + 1, 0xffff_ffffL);
    }

    static long number(SetkeyTokens tokens, SetkeyTokens.Token token, String what, long least, long most)
            throws ConfigException {
        if (token.quoted()) {
            throw tokens.error(token.line(), what, "expected a number, not a word in quotes");
        }
        try {
            return IfconfigWords.number(what, token.text(), least, most);
        } catch (ConfigException e) {
            throw tokens.error(token.line(), null, String.valueOf(e.getMessage()));
        }
    }
}
