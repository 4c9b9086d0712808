package org.ipsecif.ike;

import static org.ipsecif.ike.TestNetwork.A;
import static org.ipsecif.ike.TestNetwork.B;
import static org.ipsecif.ike.TestNetwork.SECOND;
import static org.ipsecif.ike.TestNetwork.peer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.ipsecif.crypto.EncryptionAlgorithm;
import org.ipsecif.crypto.IkeCipher;
import org.ipsecif.crypto.IkeSuite;
import org.ipsecif.crypto.IntegrityAlgorithm;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.ike.message.AuthenticationPayload;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.KeyExchangePayload;
import org.ipsecif.ike.message.MessageProtection;
import org.ipsecif.ike.message.MessageText;
import org.ipsecif.ike.message.NoncePayload;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.OpenedMessage;
import org.junit.jupiter.api.Test;

/** What others see of IKE: snapshots, messages, keys for Wireshark; and connecting and disconnecting by hand. */
class SnapshotTest {
    private final TestNetwork network = new TestNetwork(1);
    private final TestNetwork.End a = network.end(A);
    private final TestNetwork.End b = network.end(B);

    private void connect() {
        a.endpoint.configure(peer(A, B));
        b.endpoint.configure(peer(B, A));
        assertTrue(a.endpoint.complete("ipsec0"));
        network.deliver();
    }

    private static IkeStatus only(TestNetwork.End end) {
        List<IkeStatus> all = end.endpoint.snapshot(null);
        assertEquals(1, all.size());
        return all.get(0);
    }

    @Test
    void bothEndsTellTheSame() {
        connect();
        network.pass(100 * SECOND);
        IkeStatus ours = only(a);
        IkeStatus theirs = only(b);
        assertEquals("established", ours.state());
        assertTrue(ours.isEstablished() && ours.initiator() && !theirs.initiator());
        assertEquals(ours.initiatorSpi(), theirs.initiatorSpi());
        assertEquals(ours.responderSpi(), theirs.responderSpi());
        assertEquals(Identity.of(A), ours.localId());
        assertEquals(Identity.of(B), ours.remoteId());
        assertEquals(new Path(A, 500, B, 500), ours.path());
        assertEquals(100 * SECOND, ours.ageNanos());
        assertEquals("AES_GCM_16_128/PRF_HMAC_SHA2_256/CURVE_25519", ours.algorithms());
        assertFalse(ours.localNat() || ours.remoteNat());
        ChildStatus child = ours.children().get(0);
        ChildStatus other = theirs.children().get(0);
        assertTrue(child.isActive() && child.esn() && !child.inUdp());
        assertEquals(child.inboundSpi(), other.outboundSpi());
        assertEquals(child.local(), other.remote());
        assertEquals(List.of(TestNetwork.ANY, TestNetwork.ANY6), child.local());
        assertEquals("AES_GCM_16_128/ESN", child.algorithms());
    }

    /** Jitter takes a tenth at most. */
    @Test
    void timeToTheNextRekeyingCountsDown() {
        connect();
        long ike = only(a).rekeyNanos();
        long child = only(a).children().get(0).rekeyNanos();
        assertTrue(ike <= IkeTimes.DEFAULT.rekeyIke() && ike >= IkeTimes.DEFAULT.rekeyIke() * 9 / 10, () -> "" + ike);
        assertTrue(child <= IkeTimes.DEFAULT.rekeyChild() && child >= IkeTimes.DEFAULT.rekeyChild() * 9 / 10);
        network.pass(60 * SECOND);
        assertEquals(ike - 60 * SECOND, only(a).rekeyNanos());
        assertEquals(child - 60 * SECOND, only(a).children().get(0).rekeyNanos());
    }

    @Test
    void stateIsSaidWhileTheWireIsSilent() {
        a.endpoint.configure(peer(A, B));
        a.endpoint.connect("ipsec0");
        assertTrue(only(a).isConnecting());
        assertEquals(0, only(a).responderSpi());
        assertEquals("", only(a).algorithms());
        assertEquals(-1, only(a).rekeyNanos());
        b.endpoint.configure(peer(B, A));
        network.pass(2 * SECOND);
        a.endpoint.rekeyIke("ipsec0");
        assertEquals("rekeying", only(a).state());
        network.deliver();
        a.endpoint.rekeyChildren("ipsec0");
        assertEquals("rekeying", only(a).children().get(0).state());
        assertTrue(only(a).children().get(0).isActive());
    }

    @Test
    void childThatThePeerDeletedIsMadeAgainWhenAskedFor() {
        connect();
        IkeSa sa = a.endpoint.all().iterator().next();
        a.endpoint.childSas().delete(sa, sa.children.get(0));
        network.deliver();
        assertEquals(List.of(), only(b).children());
        assertTrue(b.endpoint.complete("ipsec0"));
        network.deliver();
        assertTrue(only(a).children().get(0).isActive());
        assertEquals(1, only(b).children().size());
    }

    @Test
    void disconnectedIsNotConnectedAgainByItself() {
        PeerConfig started = new PeerConfig(
                "ipsec0",
                A,
                B,
                Identity.of(A),
                Identity.of(B),
                peer(A, B).proposals(),
                peer(A, B).children(),
                IkeTimes.DEFAULT,
                true,
                true,
                false,
                true);
        a.endpoint.configure(started);
        network.pass(100 * SECOND); // nobody answers; the next attempt is planned
        a.endpoint.disconnect("ipsec0");
        int before = a.messages.size();
        network.pass(100 * SECOND);
        assertEquals(before, a.messages.size());
        assertEquals(List.of(), a.endpoint.snapshot(null));
        assertFalse(a.endpoint.complete("ipsec9"));
        assertTrue(a.endpoint.complete("ipsec0"));
        assertTrue(only(a).isConnecting());
    }

    /** Both ends are told of all four messages. */
    @Test
    void responderTellsOfIkeSaInitToo() {
        connect();
        assertEquals(4, b.messages.size());
        assertEquals(
                a.messages.stream().map(MessageText::line).toList(),
                b.messages.stream().map(MessageText::line).toList());
    }

    @Test
    void textOfMessagesHasNoSecretButItsLength() {
        connect();
        String text = String.join("\n", a.messages.stream().map(MessageText::of).toList());
        for (IkeMessage message : a.messages) {
            message.first(NoncePayload.class)
                    .ifPresent(nonce -> assertFalse(text.contains(nonce.nonce().toString())));
            message.first(AuthenticationPayload.class)
                    .ifPresent(auth -> assertFalse(text.contains(auth.data().toString())));
            message.first(KeyExchangePayload.class)
                    .ifPresent(ke -> assertFalse(text.contains(ke.data().toString())));
        }
        assertTrue(text.contains("No 32 bytes"), text);
        assertTrue(text.contains("IDi 203.0.113.1 "), text);
    }

    /** The table's keys open what was on the wire, by the codec alone. */
    @Test
    void keyTableOpensTheExchange() throws Exception {
        List<byte[]> wire = new ArrayList<>();
        network.passes = (path, bytes) -> wire.add(bytes.clone());
        connect();
        String line = new String(a.endpoint.keyTable("ipsec0").get(0).orElseThrow(), StandardCharsets.US_ASCII);
        assertEquals(line, new String(b.endpoint.keyTable("ipsec0").get(0).orElseThrow(), StandardCharsets.US_ASCII));
        String[] fields = line.strip().split(",", -1);
        IkeStatus status = only(a);
        assertEquals(String.format("%016x", status.initiatorSpi()), fields[0]);
        assertEquals(String.format("%016x", status.responderSpi()), fields[1]);
        assertEquals("\"AES-GCM-128 with 16 octet ICV [RFC5282]\"", fields[4]);
        assertEquals(List.of("", "", "\"NONE [RFC4306]\""), List.of(fields[5], fields[6], fields[7]));
        byte[] request = wire.get(2);
        assertTrue(opens(request, fields[2]));
        assertFalse(opens(request, fields[3]));
        assertTrue(opens(wire.get(3), fields[3]));
        assertEquals(List.of(), a.endpoint.keyTable("ipsec9"));
    }

    private static boolean opens(byte[] message, String key) throws Exception {
        IkeCipher cipher = IkeCipher.of(
                new IkeSuite(EncryptionAlgorithm.ENCR_AES_GCM_16, 128, IntegrityAlgorithm.NONE),
                KeyMaterial.copyOf(HexFormat.of().parseHex(key)),
                KeyMaterial.none());
        return OpenedMessage.open(
                        IkeMessage.parse(message, 0, message.length),
                        message,
                        0,
                        message.length,
                        new MessageProtection() {
                            @Override
                            public int sealedLength(int textLength) {
                                return cipher.sealedLength(textLength);
                            }

                            @Override
                            public byte[] seal(byte[] associated, byte[] text) {
                                return cipher.seal(associated, text);
                            }

                            @Override
                            public byte[] open(byte[] associated, byte[] sealed) {
                                return cipher.open(associated, sealed);
                            }
                        })
                != null;
    }

    @Test
    void identityIsNeverEmpty() {
        for (String text : List.of("@#", "@", "keyid:", "fqdn:", "email:")) {
            assertThrows(IllegalArgumentException.class, () -> Identity.parse(text), text);
        }
        assertEquals(Octets.of(new byte[] {0x2a}), Identity.parse("@#2a").data());
    }
}
