package org.ipsecif.platform.freebsd.sim.key;

import static org.ipsecif.platform.freebsd.sim.key.KeyBytes.*;
import static org.ipsecif.platform.freebsd.sim.key.KeyNumbers.*;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

/** What ipsec_output.c and ipsec.c make of packets. */
class SimulatedDataPlaneTest {
    private static final String SA = "0200 0100 | 00001234 04 01 05 0c 00000000";
    private static final String KEYS = "0300 0900 8000 0000 | 000102030405060708090a0b0c0d0e0f"
            + "0500 0800 0001 0000 | 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    private final SimulatedKeyKernel kernel = new SimulatedKeyKernel();
    private final SimulatedKeySocket socket = kernel.open(1);

    SimulatedDataPlaneTest() {
        socket.write(message(REGISTER, SATYPE_ESP));
        read(socket);
    }

    private void add(String... extensions) {
        assertEquals(0, socket.write(message(SPDADD, 0, extensions)));
        assertEquals(0, read(socket)[2]);
    }

    private static Packet packet(String from, String to, int port, boolean forwarded) {
        try {
            return new Packet(InetAddress.getByName(from), InetAddress.getByName(to), PROTO_UDP, port, port, forwarded);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static final Packet INSIDE = packet("10.1.0.1", "10.3.255.255", 4500, false);

    @Test
    void withoutAPolicyNothingIsDone() {
        assertEquals(Verdict.UNTOUCHED, kernel.outbound(INSIDE));
        add(SOURCE, DESTINATION, policy(2, 2, "0000"));
        assertEquals(Verdict.UNTOUCHED, kernel.outbound(packet("10.1.0.1", "10.4.0.0", 1, false)));
        assertEquals(Verdict.UNTOUCHED, kernel.outbound(packet("2001:db8::1", "2001:db8::2", 1, false)));
        assertEquals(Verdict.UNTOUCHED, kernel.inbound(INSIDE));
    }

    @Test
    void levelUseAsksAndLetsPass() { // ipsec4_allocsa: EJUSTRETURN
        add(SOURCE, DESTINATION, policy(2, 1, "0000"));
        add(SOURCE, DESTINATION, policy(1, 1, "0000"));
        assertEquals(Verdict.WITHOUT_SA, kernel.outbound(INSIDE));
        assertEquals(ACQUIRE, read(socket)[1]);
        assertEquals(Verdict.WITHOUT_SA, kernel.inbound(INSIDE));
    }

    @Test
    void levelsRequireAndUniqueAskAndDrop() {
        add(SOURCE, DESTINATION, policy(2, 2, "0000"));
        add(SOURCE, DESTINATION, policy(1, 3, "6400"));
        assertEquals(Verdict.DROPPED_FOR_SA, kernel.outbound(INSIDE));
        assertEquals(ACQUIRE, read(socket)[1]);
        assertEquals(Verdict.DISCARDED, kernel.inbound(INSIDE)); // ipsec_in_reject
    }

    @Test
    void anAssociationOfTheTunnelTakesThePacket() { // key_allocsa_policy
        String from = "0300 0500 ff 20 0000 | 10 02 0000 cb007101 0000000000000000";
        String to = "0300 0600 ff 20 0000 | 10 02 0000 c6336402 0000000000000000";
        add(SOURCE, DESTINATION, policy(2, 1, "0000"));
        assertEquals(0, socket.write(message(ADD, SATYPE_ESP, SA, from, to, KEYS)));
        assertEquals(Verdict.PROTECTED, kernel.outbound(INSIDE));
        assertEquals(0, socket.write(message(SPDUPDATE, 0, SOURCE, DESTINATION, policy(2, 3, "6400"))));
        assertEquals(Verdict.DROPPED_FOR_SA, kernel.outbound(INSIDE)); // the SA has another reqid
    }

    @Test
    void theFirstByPriorityCounts() {
        add(SOURCE, DESTINATION, policy(2, 2, "0000"));
        add(
                SOURCE,
                DESTINATION.replace("ff 0f", "ff 10").replace("0a02", "0a03"),
                bare(1, 2).replace("e803", "e703"));
        add(SOURCE, DESTINATION.replace("0a020000", "0a020001"), bare(0, 2).replace("e803", "e903"));
        assertEquals(Verdict.UNTOUCHED, kernel.outbound(INSIDE));
        assertEquals(Verdict.DROPPED_FOR_SA, kernel.outbound(packet("10.1.0.1", "10.2.0.1", 1, false)));
        add(SOURCE, DESTINATION, bare(0, 1));
        assertEquals(Verdict.DISCARDED, kernel.inbound(INSIDE));
    }

    @Test
    void portsAreLookedAtInWhatTheHostItselfSends() { // needport of ipsec4_checkpolicy
        String udp = SOURCE.replace("0500 ff", "0500 11").replace("02 0000", "02 1194");
        add(udp, DESTINATION.replace("0600 ff", "0600 11"), bare(0, 2));
        add(udp, DESTINATION.replace("0600 ff", "0600 11"), bare(0, 1));
        assertEquals(Verdict.DISCARDED, kernel.outbound(INSIDE));
        assertEquals(Verdict.UNTOUCHED, kernel.outbound(packet("10.1.0.1", "10.2.0.1", 4501, false)));
        assertEquals(Verdict.UNTOUCHED, kernel.outbound(packet("10.1.0.1", "10.2.0.1", 4500, true)));
        assertEquals(Verdict.UNTOUCHED, kernel.inbound(INSIDE));
    }
}
