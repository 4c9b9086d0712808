package org.ipsecif.ike.message;

import static org.ipsecif.ike.message.FragmentReassembler.Outcome.COMPLETE;
import static org.ipsecif.ike.message.FragmentReassembler.Outcome.DUPLICATE;
import static org.ipsecif.ike.message.FragmentReassembler.Outcome.NOT_AUTHENTIC;
import static org.ipsecif.ike.message.FragmentReassembler.Outcome.OBSOLETE;
import static org.ipsecif.ike.message.FragmentReassembler.Outcome.STORED;
import static org.ipsecif.ike.message.FragmentReassembler.Outcome.TOO_LARGE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The rules of RFC 7383 section 2.6. */
class FragmentReassemblerTest {
    private static final int LIMIT = 20_000;

    private final PlainProtection protection = new PlainProtection();
    private final MessageSealer sealer = new MessageSealer(protection);
    private final FragmentReassembler reassembler = new FragmentReassembler(LIMIT);

    private static IkeMessage message(int messageId) {
        byte[] certificate = new byte[2_000];
        new Random(messageId).nextBytes(certificate);
        return new IkeMessage(
                new IkeHeader(1, 2, ExchangeType.IKE_AUTH, true, false, messageId),
                new IdentificationPayload(true, IdentificationType.ID_FQDN, Octets.ofHex("61")),
                new CertificatePayload(4, Octets.of(certificate)));
    }

    private FragmentReassembler.Outcome add(byte[] fragment) throws IkeException {
        byte[] shifted = new OctetWriter().u8(0xff).octets(fragment).u8(0xff).toBytes();
        return reassembler.add(HexMessage.parse(fragment), shifted, 1, fragment.length, protection);
    }

    private FragmentReassembler.Outcome addAll(List<byte[]> fragments) throws IkeException {
        FragmentReassembler.Outcome last = STORED;
        for (byte[] each : fragments) {
            assertEquals(STORED, last);
            last = add(each);
        }
        return last;
    }

    @Test
    void fragmentsInAnyOrderAreTheMessage() throws IkeException {
        Random random = new Random(7_383);
        for (int i = 0; i < 50; i++) {
            List<byte[]> fragments = new ArrayList<>(sealer.seal(message(i), 200 + i));
            Collections.shuffle(fragments, random);
            assertEquals(COMPLETE, addAll(fragments));
            OpenedMessage whole = reassembler.take();
            assertEquals(message(i), whole.message());
            assertArrayEquals(message(i).intermediateOctets(), whole.intermediateOctets());
        }
    }

    @Test
    void oneFragmentOfOneIsAMessage() throws IkeException {
        byte[] inner = message(1).encodeInner();
        byte[] before =
                new OctetWriter().octets(fragmentHeader(inner, 35, 1, 1)).toBytes();
        assertEquals(COMPLETE, add(join(before, protection.seal(before, inner))));
        assertEquals(message(1), reassembler.take().message());
    }

    private byte[] fragmentHeader(byte[] text, int next, int number, int total) {
        OctetWriter out = new OctetWriter();
        message(1).header().write(out, PayloadType.SKF.number());
        int sealed = protection.sealedLength(text.length);
        out.u32At(IkeHeader.LENGTH_AT, 36 + sealed);
        return out.u8(next).u8(0).u16(8 + sealed).u16(number).u16(total).toBytes();
    }

    private static byte[] join(byte[] first, byte[] second) {
        return new OctetWriter().octets(first).octets(second).toBytes();
    }

    @Test
    void duplicateChangesNothing() throws IkeException {
        List<byte[]> fragments = sealer.seal(message(1), 700);
        add(fragments.get(0));
        assertEquals(DUPLICATE, add(fragments.get(0)));
        assertEquals(DUPLICATE, add(sealer.seal(message(1), 700).get(0)), "sealed again");
        assertEquals(COMPLETE, addAll(fragments.subList(1, fragments.size())));
        assertEquals(message(1), reassembler.take().message());
    }

    @Test
    void finerFragmentationStartsOverAndCoarserIsObsolete() throws IkeException {
        List<byte[]> coarse = sealer.seal(message(1), 900);
        List<byte[]> fine = sealer.seal(message(1), 300);
        assertEquals(STORED, add(coarse.get(0)));
        assertEquals(STORED, add(fine.get(1)));
        assertEquals(OBSOLETE, add(coarse.get(1)));
        assertEquals(OBSOLETE, add(coarse.get(2)));
        List<byte[]> rest = new ArrayList<>(fine);
        rest.remove(1);
        assertEquals(COMPLETE, addAll(rest));
        assertEquals(message(1), reassembler.take().message());
    }

    @Test
    void forgedFragmentTakesNoPlace() throws IkeException {
        List<byte[]> fragments = sealer.seal(message(1), 700);
        assertEquals(STORED, add(fragments.get(0)));
        byte[] forged = fragments.get(1).clone();
        forged[60] ^= 1;
        assertEquals(NOT_AUTHENTIC, add(forged));
        byte[] moreInTotal = fragments.get(1).clone();
        moreInTotal[34] = 1; // 256 more
        assertEquals(NOT_AUTHENTIC, add(moreInTotal));
        byte[] otherMessage = fragments.get(1).clone();
        otherMessage[23] = 9;
        assertEquals(NOT_AUTHENTIC, add(otherMessage));
        assertEquals(COMPLETE, addAll(fragments.subList(1, fragments.size())));
    }

    @Test
    void nextMessageDropsAnUnfinishedOne() throws IkeException {
        add(sealer.seal(message(1), 700).get(0));
        assertEquals(COMPLETE, addAll(sealer.seal(message(2), 700)));
        assertEquals(message(2), reassembler.take().message());
    }

    @Test
    void fragmentsOfRequestAndResponseAreNotMixed() throws IkeException {
        IkeMessage response =
                new IkeMessage(message(1).header().reply(), message(1).payloads());
        List<byte[]> requests = sealer.seal(message(1), 700);
        assertEquals(STORED, add(requests.get(0)));
        assertEquals(STORED, add(requests.get(1)));
        assertEquals(COMPLETE, addAll(sealer.seal(response, 700)), "none of the request's counts");
        assertEquals(response, reassembler.take().message());
    }

    @Test
    void memoryIsBounded() throws IkeException {
        byte[] certificate = new byte[LIMIT];
        IkeMessage large = new IkeMessage(message(1).header(), new CertificatePayload(4, Octets.of(certificate)));
        List<byte[]> fragments = sealer.seal(large, 1_000);
        assertEquals(TOO_LARGE, addAll(fragments.subList(0, 20)));
        assertEquals(COMPLETE, addAll(sealer.seal(message(1), 700)), "all were dropped");
    }

    /** Empty fragments cost too: 65,535 of them would otherwise take megabytes under any limit. */
    @Test
    void emptyFragmentsAreBounded() throws IkeException {
        FragmentReassembler.Outcome outcome = STORED;
        int number = 0;
        while (outcome == STORED) {
            byte[] before = fragmentHeader(new byte[0], 0, ++number, 65_535);
            outcome = add(join(before, protection.seal(before, new byte[0])));
        }
        assertEquals(TOO_LARGE, outcome);
        assertEquals(LIMIT / 64 + 1, number);
    }

    @Test
    void unprotectedPayloadsOfTheFirstAreLeftOut() throws IkeException {
        byte[] vendor = HexMessage.bytes("35 00 0006 6162");
        byte[] text = HexMessage.bytes("00 00 0006 6364");
        OctetWriter out = new OctetWriter();
        message(1).header().write(out, PayloadType.VENDOR_ID.number());
        int sealed = protection.sealedLength(text.length);
        out.u32At(IkeHeader.LENGTH_AT, 42 + sealed);
        byte[] before =
                out.octets(vendor).u8(43).u8(0).u16(8 + sealed).u16(1).u16(1).toBytes();
        assertEquals(COMPLETE, add(join(before, protection.seal(before, text))));
        OpenedMessage whole = reassembler.take();
        assertEquals(new IkeMessage(message(1).header(), new VendorIdPayload(Octets.ofHex("6364"))), whole.message());
        assertArrayEquals(
                new IkeMessage(
                                message(1).header(),
                                new VendorIdPayload(Octets.ofHex("6162")),
                                new EncryptedPayload(43, Octets.of(text)))
                        .encode(),
                whole.intermediateOctets());
    }

    @Test
    void malformedWholeIsTheSendersFault() throws IkeException {
        byte[] text = HexMessage.bytes("00 00 0007 6364");
        byte[] before = fragmentHeader(text, 43, 1, 1);
        assertEquals(COMPLETE, add(join(before, protection.seal(before, text))));
        IkeException refused = assertThrows(IkeException.class, reassembler::take);
        assertEquals(NotifyType.INVALID_SYNTAX, refused.kind());
        assertThrows(IllegalStateException.class, reassembler::take, "forgotten");
    }

    @Test
    void unfinishedMessageIsNotTaken() throws IkeException {
        assertThrows(IllegalStateException.class, reassembler::take);
        add(sealer.seal(message(1), 700).get(0));
        assertThrows(IllegalStateException.class, reassembler::take);
        reassembler.clear();
        assertEquals(COMPLETE, addAll(sealer.seal(message(1), 700)));
    }
}
