package org.ipsecif.ike.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bodies whose inner lengths do not fit: each is INVALID_SYNTAX, and says which part is wrong. */
class MalformedPayloadTest {
    /** An SA payload of one ESP proposal with one AES-GCM-16-256 transform, well-formed. */
    private static final String SA = "00 00 0018 01 03 04 01 c0ffee01  00 00 000c 01 00 0014 800e0100";

    private static void assertRefused(int type, String body, String words) {
        IkeException refused = assertThrows(IkeException.class, () -> HexMessage.payload(type, body));
        assertEquals(NotifyType.INVALID_SYNTAX, refused.kind());
        assertTrue(refused.getMessage().contains(words), refused.getMessage());
    }

    @Test
    void baseIsWellFormed() throws IkeException {
        SaPayload sa = (SaPayload) HexMessage.payload(33, SA);
        assertEquals("AES_GCM_16_256", sa.proposals().get(0).transforms().get(0).text());
    }

    @ParameterizedTest
    @CsvSource({
        "'', SA payload is cut short",
        "00 00 00, SA payload is cut short",
        "00 00 0003 01 03 00 00, SA payload has a proposal 1 of 3 bytes",
        "00 00 0009 01 03 00 00, SA payload is cut short",
        "00 00 0007 01 03 00, proposal 1 is cut short",
        "00 00 0008 01 03 04 00, proposal 1 is cut short",
        "00 00 0008 01 03 00 01, proposal 1 is cut short",
        "00 00 0009 01 03 00 00 00, proposal 1 has 1 bytes too many",
        "00 00 0008 01 03 00 00 00, SA payload has 1 bytes too many",
        "02 00 0008 01 03 00 00, SA payload is cut short",
        "03 00 0008 01 03 00 00, SA payload is followed by 3",
        "00 00 0010 01 03 00 01  03 00 0008 01 00 0014, proposal 1 has not the 1 transforms",
        "00 00 0010 01 03 00 02  00 00 0008 01 00 0014, proposal 1 has not the 2 transforms",
        "00 00 0010 01 03 00 01  02 00 0008 01 00 0014, proposal 1 is followed by 2",
        "00 00 000f 01 03 00 01  00 00 0007 01 00 00, transform 1 is cut short",
        "00 00 0010 01 03 00 01  00 00 0003 01 00 0014, proposal 1 has a transform 1 of 3 bytes",
        "00 00 0010 01 03 00 01  00 00 0009 01 00 0014, proposal 1 is cut short",
        "00 00 0012 01 03 00 01  00 00 000a 01 00 0014 800e, transform 1 is cut short",
        "00 00 0012 01 03 00 01  00 00 000a 01 00 0014 000e, transform 1 is cut short",
        "00 00 0016 01 03 00 01  00 00 000e 01 00 0014 000e 0003 0100, transform 1 is cut short",
    })
    void proposals(String body, String words) {
        assertRefused(33, body, words);
    }

    @Test
    void absurdlyManyProposals() throws IkeException {
        String more = "02 00 0008 01 03 00 00";
        String last = "00 00 0008 01 03 00 00";
        assertEquals(
                64,
                ((SaPayload) HexMessage.payload(33, more.repeat(63) + last))
                        .proposals()
                        .size());
        assertRefused(33, more.repeat(64) + last, "more than 64 proposals");
    }

    @Test
    void absurdlyManyTransformAttributes() {
        assertRefused(
                33, "00 00 0054 01 03 00 01  00 00 004c 01 00 0014" + "800e0100".repeat(17), "more than 16 attributes");
    }

    @ParameterizedTest
    @CsvSource({
        "34, '', KE payload is cut short",
        "34, 001f, KE payload is cut short",
        "34, 001f 00, KE payload is cut short",
        "35, 02 00 00, IDi payload is cut short",
        "35, 01 000000 c00002, IDi payload has an address of 3 bytes",
        "36, 01 000000 c000020101, IDr payload has an address of 5 bytes",
        "36, 05 000000 c0000201, IDr payload has an address of 4 bytes",
        "37, '', CERT payload is cut short",
        "38, '', CERTREQ payload is cut short",
        "38, 04 000102030405060708090a0b0c0d0e0f101112, CERTREQ payload has 19 bytes of hashes",
        "39, 02 0000, AUTH payload is cut short",
        "40, 000102030405060708090a0b0c0d0e, No payload is 15 bytes long",
        "41, 00 00 40, N payload is cut short",
        "41, 03 04 400b c0ffee, N payload is cut short",
        "42, 03 04 00, D payload is cut short",
        "42, 03 04 0002 c0ffee01 c0ffee, D payload is cut short",
        "42, 03 04 0001 c0ffee01 00, D payload has 1 bytes too many",
        "42, 03 08 0001 c0ffee01c0ffee01, D payload has 1 SPIs of 8 bytes",
        "42, 01 08 0001 c0ffee01c0ffee01, D payload has 1 SPIs of 8 bytes",
        "42, 01 00 0001, D payload has 1 SPIs of 0 bytes",
        "42, 09 00 ffff, D payload has 65535 SPIs of 0 bytes",
        "42, 09 01 1001, D payload has 4097 SPIs",
        "44, 01 0000, TSi payload is cut short",
        "44, 01 000000, TSi payload is cut short",
        "44, 01 000000 07 00 0003, TSi payload has a selector of 3 bytes",
        "44, 01 000000 07 00 0011 0000 ffff 0a000000 0a0000ff, TSi payload is cut short",
        "44, 01 000000 07 00 000f 0000 ffff 0a000000 0a0000, traffic selector is cut short",
        "44, 01 000000 07 00 0011 0000 ffff 0a000000 0a0000ff 00, traffic selector has 1 bytes too many",
        "45, 01 000000 08 00 0010 0000 ffff 0a000000 0a0000ff, traffic selector is cut short",
        "45, 00 000000 07 00 0010 0000 ffff 0a000000 0a0000ff, TSr payload has 16 bytes too many",
        "45, 02 000000 07 00 0010 0000 ffff 0a000000 0a0000ff, TSr payload is cut short",
        "47, 01 0000, CP payload is cut short",
        "47, 01 000000 0001, CP payload is cut short",
        "47, 01 000000 0001 0004 0a0000, CP payload is cut short",
        "48, 01 02 00, EAP payload is cut short",
        "48, 01 02 0004 01, EAP payload holds an EAP packet of another length than its 5 bytes",
        "48, 01 02 0006 01, EAP payload holds an EAP packet of another length than its 5 bytes",
        "53, 0001 00, SKF payload is cut short",
        "53, 0000 0001 00, SKF payload is fragment 0 of 1",
        "53, 0003 0002 00, SKF payload is fragment 3 of 2",
        "53, 0000 0000 00, SKF payload is fragment 0 of 0",
    })
    void others(int type, String body, String words) {
        assertRefused(type, body, words);
    }

    @Test
    void nonceIsLimited() throws IkeException {
        assertEquals(
                256,
                ((NoncePayload) HexMessage.payload(40, "aa".repeat(256)))
                        .nonce()
                        .length());
        assertRefused(40, "aa".repeat(257), "No payload is 257 bytes long");
        assertThrows(IllegalArgumentException.class, () -> new NoncePayload(Octets.ofHex("aa".repeat(15))));
    }

    @Test
    void configurationAttributesAreLimited() throws IkeException {
        String attribute = "0003 0000";
        assertEquals(
                1_000,
                ((ConfigurationPayload) HexMessage.payload(47, "01 000000" + attribute.repeat(1_000)))
                        .attributes()
                        .size());
        assertRefused(47, "01 000000" + attribute.repeat(1_001), "more than 1000 attributes");
    }

    @Test
    void recordsThatNoMessageCanSayAreNotMade() {
        assertThrows(IllegalArgumentException.class, () -> new UnknownPayload(33, false, Octets.EMPTY));
        assertThrows(IllegalArgumentException.class, () -> new UnknownTrafficSelector(7, 0, Octets.EMPTY));
        assertThrows(IllegalArgumentException.class, () -> new EncryptedFragmentPayload(0, 2, 1, Octets.EMPTY));
        assertThrows(IllegalArgumentException.class, () -> new TransformAttribute(14, true, Octets.EMPTY));
        assertThrows(
                IllegalStateException.class, () -> new IkeMessage(HexMessage.INIT, new SaPayload(List.of())).encode());
    }
}
