package org.ipsecif.ike;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import org.ipsecif.ike.message.IdentificationType;
import org.ipsecif.ike.message.Octets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Identities that stand for many. */
class IdentityPatternTest {
    private static final Identity BRANCHES = Identity.parse("C=DE, O=Example, OU=branches, CN=*");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "C=DE, O=Example, OU=branches, CN=branch7 | true",
                "C=DE, O=EXAMPLE, OU=Branches, CN=branch 7 | true",
                "C=DE, O=Example, OU=center, CN=branch7 | false",
                "C=DE, O=Example, CN=branch7 | false",
                "C=DE, O=Example, OU=branches, CN=branch7, CN=a | false",
                "C=DE, O=Example, OU=branches, O=branch7 | false",
                "O=Example, C=DE, OU=branches, CN=branch7 | false",
                "C=DE, O=Example, OU=branches, CN=a+L=b | false",
                "C=DE, O=Example, OU=branches, CN=* | false",
                "C=*, O=Example, OU=branches, CN=branch7 | false",
                "branch7.branches.example.org | false",
            })
    void distinguishedNames(String name, boolean one) {
        assertEquals(one, BRANCHES.matches(Identity.parse(name)));
    }

    @Test
    void nobodyIsAPattern() {
        assertTrue(BRANCHES.isPattern());
        assertThrows(IllegalArgumentException.class, BRANCHES::words);
        assertFalse(Identity.parse("CN=branch*").isPattern());
        assertFalse(Identity.parse("CN=branch7").matches(BRANCHES));
    }

    @ParameterizedTest
    @CsvSource({"''", "30", "3003020101", "3000", "300231003000", "3005310330010500", "300b3109300706035504030101ff"})
    void brokenNamesMatchNothing(String hex) {
        Identity broken = new Identity(
                IdentificationType.ID_DER_ASN1_DN.number(),
                Octets.of(HexFormat.of().parseHex(hex)));
        assertFalse(broken.isPattern());
        assertFalse(BRANCHES.matches(broken));
    }
}
