package org.ipsecif.ike.message;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ipsecif.sa.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What two strongSwan daemons sent (src/test/resources/ike): read, opened, put together and sealed again to the same bytes. */
class RecordedExchangeTest {
    private static final int LIMIT = 10_000;

    private static IkeMessage parse(byte[] bytes) throws IkeException {
        return IkeMessage.parse(bytes, 0, bytes.length);
    }

    /** All that was said, with fragments put together. */
    private static List<IkeMessage> conversation(Recording recording) throws IkeException, GeneralSecurityException {
        List<IkeMessage> said = new ArrayList<>();
        FragmentReassembler reassembler = new FragmentReassembler(LIMIT);
        for (byte[] bytes : recording.messages()) {
            IkeMessage outer = parse(bytes);
            MessageProtection protection = recording.protection(outer.header().initiator());
            if (outer.first(EncryptedPayload.class).isPresent()) {
                said.add(OpenedMessage.open(outer, bytes, 0, bytes.length, protection)
                        .message());
            } else if (outer.first(EncryptedFragmentPayload.class).isEmpty()) {
                said.add(outer);
            } else if (reassembler.add(outer, bytes, 0, bytes.length, protection)
                    == FragmentReassembler.Outcome.COMPLETE) {
                said.add(reassembler.take().message());
            }
        }
        return said;
    }

    private static List<String> lines(List<IkeMessage> messages) {
        return messages.stream().map(MessageText::line).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"strongswan-gcm", "strongswan-cbc"})
    void encodesToTheSameBytes(String name) throws IkeException {
        for (byte[] bytes : Recording.read(name).messages()) {
            assertArrayEquals(bytes, parse(bytes).encode());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"strongswan-gcm", "strongswan-cbc"})
    void sealsToTheSameBytes(String name) throws IkeException, GeneralSecurityException {
        Recording recording = Recording.read(name);
        int sealed = 0;
        for (byte[] bytes : recording.messages()) {
            IkeMessage outer = parse(bytes);
            if (outer.first(EncryptedPayload.class).isPresent()) {
                RecordedProtection protection =
                        recording.protection(outer.header().initiator());
                OpenedMessage opened = OpenedMessage.open(outer, bytes, 0, bytes.length, protection);
                assertArrayEquals(bytes, new MessageSealer(protection).seal(opened.message()));
                assertArrayEquals(opened.message().intermediateOctets(), opened.intermediateOctets());
                sealed++;
            }
        }
        assertEquals(name.endsWith("gcm") ? 10 : 4, sealed);
    }

    /** Each fragment has its own IV, so that only the first can be made again: strongSwan cut at the same place. */
    @Test
    void cutsFragmentsWhereStrongSwanDid() throws IkeException, GeneralSecurityException {
        Recording recording = Recording.read("strongswan-cbc");
        List<byte[]> sent = recording.messages().subList(2, 5);
        FragmentReassembler reassembler = new FragmentReassembler(LIMIT);
        for (byte[] bytes : sent) {
            reassembler.add(parse(bytes), bytes, 0, bytes.length, recording.protection(true));
        }
        OpenedMessage whole = reassembler.take();
        RecordedProtection protection = recording.protection(true);
        protection.open(Arrays.copyOf(sent.get(0), 36), Arrays.copyOfRange(sent.get(0), 36, sent.get(0).length));
        List<byte[]> fragments = new MessageSealer(protection).seal(whole.message(), 164);
        assertArrayEquals(sent.get(0), fragments.get(0));
        assertEquals(
                sent.stream().map(each -> each.length).toList(),
                fragments.stream().map(each -> each.length).toList());
        assertArrayEquals(whole.message().intermediateOctets(), whole.intermediateOctets());
    }

    @ParameterizedTest
    @ValueSource(strings = {"strongswan-gcm", "strongswan-cbc"})
    void alteredMessageIsNotAuthentic(String name) throws IkeException, GeneralSecurityException {
        Recording recording = Recording.read(name);
        byte[] bytes = recording.messages().get(recording.messages().size() - 1);
        IkeMessage outer = parse(bytes);
        MessageProtection protection = recording.protection(false);
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            byte[] altered = bytes.clone();
            altered[bit / 8] ^= (byte) (1 << bit % 8);
            int sealed =
                    outer.first(EncryptedPayload.class).orElseThrow().data().length();
            IkeMessage claimed = new IkeMessage(
                    outer.header(), new EncryptedPayload(41, Octets.of(altered, altered.length - sealed, sealed)));
            assertNull(OpenedMessage.open(claimed, altered, 0, altered.length, protection), "bit " + bit);
        }
    }

    /** charon's own lines for the same exchange have the same payloads in the same order. */
    @Test
    void conversationIsTold() throws IkeException, GeneralSecurityException {
        String natd = "N(NAT_DETECTION_SOURCE_IP) N(NAT_DETECTION_DESTINATION_IP) ";
        assertEquals(
                List.of(
                        "IKE_SA_INIT request 0 [ SA KE No " + natd
                                + "N(SIGNATURE_HASH_ALGORITHMS) N(REDIRECT_SUPPORTED) ]",
                        "IKE_SA_INIT response 0 [ SA KE No " + natd + "N(SIGNATURE_HASH_ALGORITHMS) "
                                + "N(CHILDLESS_IKEV2_SUPPORTED) N(MULTIPLE_AUTH_SUPPORTED) ]",
                        "IKE_AUTH request 1 [ IDi N(INITIAL_CONTACT) IDr AUTH SA TSi TSr N(MOBIKE_SUPPORTED) "
                                + "N(NO_ADDITIONAL_ADDRESSES) N(MULTIPLE_AUTH_SUPPORTED) N(EAP_ONLY_AUTHENTICATION) "
                                + "N(IKEV2_MESSAGE_ID_SYNC_SUPPORTED) ]",
                        "IKE_AUTH response 1 [ IDr AUTH SA TSi TSr N(MOBIKE_SUPPORTED) N(NO_ADDITIONAL_ADDRESSES) ]",
                        "CREATE_CHILD_SA request 2 [ N(REKEY_SA) SA No KE TSi TSr ]",
                        "CREATE_CHILD_SA response 2 [ SA No KE TSi TSr ]",
                        "INFORMATIONAL request 3 [ D ]",
                        "INFORMATIONAL response 3 [ D ]"),
                lines(conversation(Recording.read("strongswan-gcm"))).subList(0, 8));
    }

    @Test
    void fragmentsAreTold() throws IkeException, GeneralSecurityException {
        List<IkeMessage> said = conversation(Recording.read("strongswan-cbc"));
        assertEquals(
                "IKE_AUTH response 1 [ IDr AUTH CP(CFG_REPLY) SA TSi TSr N(MOBIKE_SUPPORTED) N(NO_ADDITIONAL_ADDRESSES) ]",
                MessageText.line(said.get(3)));
        ConfigurationPayload reply =
                said.get(3).first(ConfigurationPayload.class).orElseThrow();
        assertEquals(List.of(Octets.ofHex("0a090909")), reply.values(ConfigurationAttributeType.INTERNAL_IP4_DNS));
        assertEquals(
                List.of(AddressRange.of(IpAddress.parse("10.0.2.0"), IpAddress.parse("10.0.2.255"))),
                said.get(3).trafficSelectors(false).orElseThrow().selectors());
        assertEquals(
                "b.example.org", said.get(3).identification(false).orElseThrow().text());
    }
}
