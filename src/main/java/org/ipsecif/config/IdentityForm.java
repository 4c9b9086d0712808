package org.ipsecif.config;

import java.util.Locale;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * What an identity of IKEv2 looks like, in strongSwan's forms (RFC 7296 section 3.5). The text stays text here; what
 * IKE makes of it accepts all that this accepts.
 */
final class IdentityForm {
    static final String EXPECTED =
            "an address, a host name, user@host, @#HEX or C=DE, CN=NAME, perhaps after ipv4:, ipv6:,"
                    + " fqdn:, email:, keyid: or dn:";

    private static final Pattern HEX = Pattern.compile("([0-9a-fA-F]{2})+");
    private static final Pattern DIGITS = Pattern.compile("[0-9.]+");
    private static final Pattern NAME = Pattern.compile("[^\\s:/@]+");

    private IdentityForm() {}

    /** @throws ConfigException with what is wrong */
    static void check(String text) throws ConfigException {
        int colon = text.indexOf(':');
        String rest = text.substring(colon + 1);
        String problem = switch (colon < 0 ? "" : text.substring(0, colon).toLowerCase(Locale.ROOT)) {
            case "ipv4" -> address(rest, Family.INET);
            case "ipv6" -> address(rest, Family.INET6);
            case "fqdn" -> unless(NAME.matcher(rest).matches(), "is no host name");
            case "rfc822", "email" -> mail(rest);
            case "keyid" -> unless(!rest.isEmpty(), "has no key ID");
            case "dn", "asn1dn" -> distinguishedName(rest);
            default -> untyped(text);
        };
        if (problem != null) {
            throw new ConfigException("\"" + text + "\" " + problem + "; expected " + EXPECTED);
        }
    }

    private static @Nullable String untyped(String text) {
        if (text.startsWith("@#")) {
            return unless(HEX.matcher(text.substring(2)).matches(), "has no pairs of hexadecimal digits");
        }
        if (text.startsWith("@")) {
            return unless(NAME.matcher(text.substring(1)).matches(), "is no host name");
        }
        if (text.contains("=")) {
            return distinguishedName(text);
        }
        if (text.contains("@")) {
            return mail(text);
        }
        return text.contains(":") || DIGITS.matcher(text).matches()
                ? address(text, null)
                : unless(NAME.matcher(text).matches(), "is no identity");
    }

    private static @Nullable String unless(boolean right, String problem) {
        return right ? null : problem;
    }

    private static @Nullable String mail(String text) {
        return unless(text.matches("\\S+@[^\\s@]+"), "is no mail address");
    }

    private static @Nullable String address(String text, @Nullable Family family) {
        try {
            IpAddress address = IpAddress.parse(text);
            return unless(family == null || address.family() == family, "is of the other family");
        } catch (IllegalArgumentException e) {
            return "is no address";
        }
    }

    private static @Nullable String distinguishedName(String text) {
        try {
            return unless(!new X500Principal(text).getName().isEmpty(), "is an empty name");
        } catch (IllegalArgumentException e) {
            return "is no distinguished name";
        }
    }
}
