package org.ipsecif.ike;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import javax.security.auth.x500.X500Principal;
import org.ipsecif.crypto.x509.DistinguishedName;
import org.ipsecif.ike.message.IdentificationPayload;
import org.ipsecif.ike.message.IdentificationType;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;

/**
 * Who an end says that it is (RFC 7296 section 3.5).
 *
 * @param type IANA's number, see {@link IdentificationType}
 */
public record Identity(int type, Octets data) {
    private Identity(IdentificationType type, byte[] data) {
        this(type.number(), Octets.of(data));
    }

    static Identity of(IdentificationPayload payload) {
        return new Identity(payload.idType(), payload.data());
    }

    public static Identity of(IpAddress address) {
        return new Identity(
                address.family() == Family.INET ? IdentificationType.ID_IPV4_ADDR : IdentificationType.ID_IPV6_ADDR,
                address.toBytes());
    }

    /**
     * As strongSwan reads identities: an address; {@code user@host}; {@code @#} and hexadecimal digits, a key ID; {@code C=..., CN=...}, a
     * distinguished name, in the order of its encoding; else a host name, perhaps after an {@code @}. A type before a colon ({@code ipv4:, ipv6:, fqdn:, rfc822:,
     * email:, dn:, asn1dn:, keyid:}) leaves nothing to guess.
     *
     * @throws IllegalArgumentException if it is empty, or does not suit the type
     */
    public static Identity parse(String text) {
        int colon = text.indexOf(':');
        String rest = text.substring(colon + 1);
        return switch (colon < 0 ? "" : text.substring(0, colon).toLowerCase(Locale.ROOT)) {
            case "ipv4" -> address(rest, Family.INET);
            case "ipv6" -> address(rest, Family.INET6);
            case "fqdn" -> ofText(IdentificationType.ID_FQDN, rest);
            case "rfc822", "email" -> ofText(IdentificationType.ID_RFC822_ADDR, rest);
            case "dn", "asn1dn" -> distinguishedName(rest);
            case "keyid" -> ofText(IdentificationType.ID_KEY_ID, rest);
            default -> guess(text);
        };
    }

    private static Identity guess(String text) {
        if (text.startsWith("@#")) {
            return keyId(text.substring(2));
        }
        if (text.startsWith("@")) {
            return ofText(IdentificationType.ID_FQDN, text.substring(1));
        }
        if (text.contains("=")) {
            return distinguishedName(text);
        }
        if (text.contains("@")) {
            return ofText(IdentificationType.ID_RFC822_ADDR, text);
        }
        try {
            return of(IpAddress.parse(text));
        } catch (IllegalArgumentException e) {
            return ofText(IdentificationType.ID_FQDN, text);
        }
    }

    private static Identity keyId(String hex) {
        if (hex.isEmpty()) {
            throw new IllegalArgumentException("an identity is not empty");
        }
        return new Identity(IdentificationType.ID_KEY_ID, HexFormat.of().parseHex(hex));
    }

    private static Identity address(String text, Family family) {
        IpAddress address = IpAddress.parse(text);
        if (address.family() != family) {
            throw new IllegalArgumentException(text + " is not of the family " + family.word());
        }
        return of(address);
    }

    private static Identity ofText(IdentificationType type, String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("an identity is not empty");
        }
        return new Identity(type, text.getBytes(StandardCharsets.UTF_8));
    }

    private static Identity distinguishedName(String text) {
        return new Identity(IdentificationType.ID_DER_ASN1_DN, DistinguishedName.encode(text));
    }

    public boolean is(IdentificationType other) {
        return type == other.number();
    }

    /** Whether it stands for many: host names after {@code *.}, mail addresses after {@code *@}, distinguished names with a {@code *}. */
    boolean isPattern() {
        return (is(IdentificationType.ID_FQDN) && text(data).startsWith("*."))
                || (is(IdentificationType.ID_RFC822_ADDR) && text(data).startsWith("*@"))
                || (is(IdentificationType.ID_DER_ASN1_DN) && DistinguishedName.isPattern(data.toBytes()));
    }

    /**
     * As {@link #parse} reads it back.
     *
     * @throws IllegalArgumentException if it is of a type, or has an octet, that no text has
     */
    public String words() {
        String text = new String(data.toBytes(), StandardCharsets.UTF_8);
        if (is(IdentificationType.ID_KEY_ID)) {
            return "@#" + HexFormat.of().formatHex(data.toBytes());
        }
        if (is(IdentificationType.ID_DER_ASN1_DN) && !isPattern()) {
            return "dn:" + DistinguishedName.text(data.toBytes());
        }
        String prefix =
                is(IdentificationType.ID_FQDN) ? "fqdn:" : is(IdentificationType.ID_RFC822_ADDR) ? "email:" : "";
        String words = prefix.isEmpty() ? toString() : prefix + text;
        if (!parse(words).matches(this) || isPattern()) {
            throw new IllegalArgumentException("an identity that cannot be written down: " + this);
        }
        return words;
    }

    /**
     * Host names and mail addresses in any case of letters, distinguished names by their parts, others byte by byte; a pattern
     * what it stands for.
     */
    public boolean matches(Identity other) {
        if (type != other.type) {
            return false;
        }
        if (isPattern()) {
            if (is(IdentificationType.ID_DER_ASN1_DN)) {
                return DistinguishedName.matches(data.toBytes(), other.data.toBytes()) && !other.isPattern();
            }
            String end = text(data).substring(1).toLowerCase(Locale.ROOT);
            String name = text(other.data).toLowerCase(Locale.ROOT);
            return name.length() > end.length() && name.endsWith(end) && !other.isPattern();
        }
        if (is(IdentificationType.ID_FQDN) || is(IdentificationType.ID_RFC822_ADDR)) {
            return text(data).equalsIgnoreCase(text(other.data));
        }
        return data.equals(other.data) || (is(IdentificationType.ID_DER_ASN1_DN) && sameName(data, other.data));
    }

    /** Equal for those that {@link #matches} each other. */
    Identity canonical() {
        if (is(IdentificationType.ID_FQDN) || is(IdentificationType.ID_RFC822_ADDR)) {
            return new Identity(
                    type, Octets.of(text(data).toLowerCase(Locale.ROOT).getBytes(StandardCharsets.ISO_8859_1)));
        }
        if (is(IdentificationType.ID_DER_ASN1_DN)) {
            try {
                String name = new X500Principal(data.toBytes()).getName(X500Principal.CANONICAL);
                return new Identity(type, Octets.of(name.getBytes(StandardCharsets.UTF_8)));
            } catch (IllegalArgumentException e) {
                return this; // no name; equal to itself
            }
        }
        return this;
    }

    private static String text(Octets data) {
        return new String(data.toBytes(), StandardCharsets.ISO_8859_1);
    }

    private static boolean sameName(Octets a, Octets b) {
        try {
            return new X500Principal(a.toBytes()).equals(new X500Principal(b.toBytes()));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    IdentificationPayload payload(boolean initiator) {
        return new IdentificationPayload(initiator, type, 0, data);
    }

    /** As people write it. */
    @Override
    public String toString() {
        return payload(true).text();
    }
}
