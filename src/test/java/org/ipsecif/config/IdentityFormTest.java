package org.ipsecif.config;

import static org.ipsecif.config.Problems.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.ipsecif.ike.Identity;
import org.ipsecif.ike.message.IdentificationType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdentityFormTest {
    /** The texts are kept here and read there. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "203.0.113.1 | ID_IPV4_ADDR",
                "ipv4:203.0.113.1 | ID_IPV4_ADDR",
                "2001:db8::1 | ID_IPV6_ADDR",
                "ipv6:2001:db8::1 | ID_IPV6_ADDR",
                "branch7.example.org | ID_FQDN",
                "@branch7 | ID_FQDN",
                "fqdn:10.0.0.1 | ID_FQDN",
                "7 branches@example.org | ",
                "admin@example.org | ID_RFC822_ADDR",
                "email:admin@example.org | ID_RFC822_ADDR",
                "@#00ff7A | ID_KEY_ID",
                "keyid:any text at all | ID_KEY_ID",
                "C=DE, O=Example, CN=branch7 | ID_DER_ASN1_DN",
                "DN:CN=branch7 | ID_DER_ASN1_DN",
                "@#0 | ",
                "@# | ",
                "@ | ",
                "ipv4:2001:db8::1 | ",
                "ipv6:203.0.113.1 | ",
                "dn:branch7 | ",
                "X=Y= | ",
            })
    void whatIsTakenHereIkeMakesAnIdentityOf(String text, IdentificationType type) throws ConfigException {
        if (type == null) {
            assertThrows(ConfigException.class, () -> IdentityForm.check(text));
        } else {
            IdentityForm.check(text);
            assertEquals(type.number(), Identity.parse(text).type());
        }
    }

    @Test
    void distinguishedNameIsEncodedAsItIsWritten() {
        Identity written = Identity.parse("C=DE, O=Example, CN=branch7");
        assertEquals(
                "3031310b3009060355040613024445" + "3110300e060355040a13074578616d706c65"
                        + "3110300e060355040313076272616e636837",
                java.util.HexFormat.of().formatHex(written.data().toBytes()));
        assertEquals("C=DE,O=Example,CN=branch7", written.toString());
        assertTrue(written.matches(Identity.parse("dn:c=DE,o=EXAMPLE,cn=Branch7")));
        assertFalse(written.matches(Identity.parse("CN=branch7, O=Example, C=DE")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "203.0.113.256 | is no address",
                "203.0.113 | is no address",
                "2001:db8::g | is no address",
                "ipv4:branch7 | is no address",
                "ipv6:203.0.113.1 | is of the other family",
                "branch 7 | is no identity",
                "fqdn: | is no host name",
                "email:admin | is no mail address",
                "keyid: | has no key ID",
                "@#xy | has no pairs of hexadecimal digits",
                "dn:branch7 | is no distinguished name",
            })
    void otherFormsAreRefused(String text, String problem) {
        assertProblem(
                "\"" + text + "\" " + problem + "; expected " + IdentityForm.EXPECTED, () -> IdentityForm.check(text));
    }
}
