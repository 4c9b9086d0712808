package org.ipsecif.ike.message;

import javax.security.auth.x500.X500Principal;
import org.ipsecif.sa.IpAddress;

/** Identities as people write them. They come from whoever sends a message, so that nothing but printable ASCII gets out. */
final class IdentityText {
    private IdentityText() {}

    static String of(IdentificationPayload id) {
        return IdentificationType.of(id.idType())
                .map(type -> switch (type) {
                    case ID_IPV4_ADDR, ID_IPV6_ADDR -> address(id.data());
                    case ID_FQDN, ID_RFC822_ADDR -> printable(id.data());
                    case ID_DER_ASN1_DN -> distinguishedName(id.data());
                    case ID_KEY_ID -> isPrintable(id.data()) ? printable(id.data()) : "0x" + id.data();
                    case ID_NULL -> "anonymous";
                    case ID_DER_ASN1_GN, ID_FC_NAME -> "0x" + id.data();
                })
                .orElse("0x" + id.data());
    }

    private static String address(Octets data) {
        int length = data.length();
        return length == 4 || length == 16 ? IpAddress.ofBytes(data.toBytes()).toString() : "0x" + data;
    }

    /** RFC 2253's form, the last part first in the encoding. */
    private static String distinguishedName(Octets der) {
        try {
            return printable(new X500Principal(der.toBytes()).getName());
        } catch (IllegalArgumentException e) {
            return "0x" + der;
        }
    }

    static boolean isPrintable(Octets data) {
        for (int i = 0; i < data.length(); i++) {
            if (data.at(i) < ' ' || data.at(i) > '~') {
                return false;
            }
        }
        return !data.isEmpty();
    }

    static String printable(Octets data) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < data.length(); i++) {
            append(text, data.at(i));
        }
        return text.toString();
    }

    private static String printable(String given) {
        StringBuilder text = new StringBuilder();
        given.chars().forEach(each -> append(text, each));
        return text.toString();
    }

    private static void append(StringBuilder text, int each) {
        if (each >= ' ' && each <= '~') {
            text.append((char) each);
        } else {
            text.append(String.format("\\x%02x", each));
        }
    }
}
