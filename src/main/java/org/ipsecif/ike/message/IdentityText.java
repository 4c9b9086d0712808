package org.ipsecif.ike.message;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;
import org.ipsecif.sa.IpAddress;

/** Identities as people write them. They come from whoever sends a message, so that nothing but printable ASCII gets out. */
final class IdentityText {
    private static final Pattern UNESCAPED_COMMA = Pattern.compile("(?<!\\\\),");

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

    /** In the order of the encoding, which is not RFC 2253's. */
    private static String distinguishedName(Octets der) {
        try {
            List<String> parts = Arrays.asList(UNESCAPED_COMMA.split(new X500Principal(der.toBytes()).getName(), -1));
            Collections.reverse(parts);
            return printable(String.join(",", parts));
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
