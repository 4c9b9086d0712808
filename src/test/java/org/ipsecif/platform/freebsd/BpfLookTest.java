package org.ipsecif.platform.freebsd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayDeque;
import java.util.List;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.LinkConfigurer.Route;
import org.ipsecif.platform.PacketChannel;
import org.junit.jupiter.api.Test;

/** ESP by bpf(4): which interface is read, when that is looked for, and what becomes of a look that fails. */
class BpfLookTest extends BpfHost {
    @Test
    void addressMayComeLaterAndMove() throws Exception {
        try (EspTransport opened = open(LOCAL)) {
            assertEquals(List.of(NOTHING), device());
            assertEquals(0, receiveAll());
            links.set(2, "192.0.2.1");
            routing(12); // RTM_NEWADDR
            assertEquals(0, receiveAll());
            assertEquals(attach("em0", LOCAL, 1), device());
            links.set(2);
            links.set(3, "192.0.2.1");
            linkType(0);
            routing(13); // RTM_DELADDR
            routing(12);
            assertEquals(0, receiveAll());
            assertEquals(attach("em1", LOCAL, 0), device());
            byte[] packet = WirePackets.join(
                    WirePackets.hex("02000000"), WirePackets.inet(FROM, US, 50, 1, 0, "", esp(0x1001, 40)));
            libc.give(BPF, WirePackets.record(packet, packet.length, 28));
            assertEquals(1, receive());
            assertArrayEquals(esp(0x1001, 40), came(0));
            assertEquals(0, receiveAll());
            links.set(3);
            routing(13);
            assertEquals(0, receiveAll());
            assertEquals(List.of(NOTHING), device(), "lest it be ready all the time and nobody read it");
            assertEquals(0, opened.dropped());
        }
    }

    /** What came by the one before is taken before the next is read. */
    @Test
    void nothingThatWasReadIsLostWhenItMoves() throws Exception {
        links.set(2, "192.0.2.1");
        try (EspTransport opened = open(LOCAL)) {
            byte[] all = new byte[0];
            for (int i = 0; i < 150; i++) {
                all = WirePackets.join(all, frame(0x1000 + i, 60));
            }
            libc.give(BPF, all);
            assertEquals(64, receive());
            links.set(2);
            links.set(3, "192.0.2.1");
            linkType(12);
            routing(12);
            assertEquals(64, receive());
            assertArrayEquals(esp(0x1000 + 64, 60), came(0));
            assertEquals(22, receive());
            assertArrayEquals(esp(0x1000 + 149, 60), came(21));
            assertEquals(0, receiveAll());
            assertEquals(0, receiveAll());
            assertEquals(attach("em1", LOCAL, 12).get(1), device().get(5));
            assertEquals(0, opened.dropped());
        }
    }

    @Test
    void othersAffairsAreNoReasonToLook() throws Exception {
        links.set(2, "192.0.2.1");
        try (EspTransport opened = open(LOCAL)) {
            receiveAll();
            int looks = links.looks;
            routing(1); // RTM_ADD
            routing(2); // RTM_DELETE
            receiveAll();
            assertEquals(looks, links.looks);
            routing(17); // RTM_IFANNOUNCE
            receiveAll();
            assertEquals(looks + 1, links.looks);
            for (int i = 0; i < 32; i++) { // a queue that may have been full
                routing(1);
            }
            receiveAll();
            assertEquals(looks + 2, links.looks);
            assertEquals(LOCAL, opened.local());
        }
    }

    /** FreeBSD 14 says so (SO_RERROR of getsockopt(2)). */
    @Test
    void lossOfNoticesIsAReasonToLook() throws Exception {
        links.set(2, "192.0.2.1");
        try (EspTransport opened = open(LOCAL)) {
            receiveAll();
            int looks = links.looks;
            libc.failures.put(ROUTING, new ArrayDeque<>(List.of(55)));
            routing(1);
            receiveAll();
            assertEquals(looks + 1, links.looks);
            assertEquals(LOCAL, opened.local());
        }
    }

    @Test
    void interfaceThatWentAndCameIsReadAnew() throws Exception {
        links.set(2, "192.0.2.1");
        try (EspTransport opened = open(LOCAL)) {
            receiveAll();
            device();
            libc.empty = ENXIO;
            links.set(2);
            assertEquals(PacketChannel.NOTHING, receive());
            libc.empty = WireLibC.EAGAIN;
            assertEquals(List.of(NOTHING), device());
            links.set(2, "192.0.2.1");
            routing(17);
            receiveAll();
            assertEquals(attach("em0", LOCAL, 1), device());
            assertEquals(0, opened.dropped());
        }
    }

    /** A router's address often is that of lo0: then packets come in where those to the peer go out. */
    @Test
    void loopbackAddressIsReceivedTowardsThePeer() throws Exception {
        links.set(1, "127.0.0.1", "192.0.2.1");
        links.routes.put(PEER.address(), new Route(3, 1500));
        try (EspTransport opened = open(LOCAL)) {
            assertEquals(List.of(NOTHING), device());
            receiveAll();
            outer.set(0, 64, 0, false);
            assertEquals(0, opened.send(esp(1, 40), 0, 40, PEER, outer));
            assertEquals(1, libc.waits.get(0).nudges);
            receiveAll();
            assertEquals(attach("em1", LOCAL, 1), device());
            assertEquals(0, opened.send(esp(1, 40), 0, 40, PEER, outer));
            assertEquals(1, libc.waits.get(0).nudges);
            links.routes.put(PEER.address(), new Route(2, 1500));
            routing(1);
            receiveAll();
            assertEquals(attach("em0", LOCAL, 1), device());
        }
    }

    /** No notice says that packets to the peer go out elsewhere now. */
    @Test
    void anotherRoutingTableIsAReasonToLook() throws Exception {
        links.set(1, "127.0.0.1", "192.0.2.1");
        links.routes.put(PEER.address(), new Route(3, 1500));
        try (EspTransport opened = open(LOCAL)) {
            outer.set(0, 64, 0, false);
            assertEquals(0, opened.send(esp(1, 40), 0, 40, PEER, outer));
            receiveAll();
            device();
            links.routes.put(PEER.address(), new Route(2, 1500));
            opened.setFib(1);
            assertEquals(2, libc.waits.get(0).nudges);
            receiveAll();
            assertEquals(attach("em0", LOCAL, 1), device());
            assertEquals(1, links.fib);
        }
    }

    /** A routing socket hears of those in its own table alone. */
    @Test
    void whereThereAreSeveralTablesItLooksEachSecond() throws Exception {
        try (EspTransport opened = open(LOCAL)) {
            receiveAll();
            device();
            links.set(2, "192.0.2.1");
            assertEquals(0, nudgesOfTheClock());
            receiveAll();
            assertEquals(List.of(), device());
            libc.fibs = 2;
            assertEquals(3, nudgesOfTheClock());
            receiveAll();
            assertEquals(attach("em0", LOCAL, 1), device());
            assertEquals(LOCAL, opened.local());
        }
    }

    /** Nothing tells that the kernel has memory again. */
    @Test
    void lookThatFailedIsRepeatedOnceASecond() throws Exception {
        links.set(2, "192.0.2.1");
        links.refusal = new ErrnoException("sysctl", 12, "Cannot allocate memory");
        try (EspTransport opened = open(LOCAL)) {
            assertEquals(0, nudgesOfTheClock());
            receiveAll();
            now += 999_999_999;
            assertEquals(0, nudgesOfTheClock());
            receiveAll();
            assertEquals(1, links.looks);
            now++;
            assertEquals(1, nudgesOfTheClock());
            receiveAll();
            assertEquals(2, links.looks);
            assertEquals(0, nudgesOfTheClock());
            links.refusal = null;
            now += 1_000_000_000;
            assertEquals(1, nudgesOfTheClock());
            receiveAll();
            assertEquals(attach("em0", LOCAL, 1), device());
            libc.give(BPF, frame(0x1001, 50));
            assertEquals(1, receive());
            now += 2_000_000_000;
            assertEquals(0, nudgesOfTheClock());
            receiveAll();
            assertEquals(3, links.looks);
            assertEquals(LOCAL, opened.local());
        }
    }

    @Test
    void interfaceThatCouldNotBeReadIsTriedAgain() throws Exception {
        links.set(2, "192.0.2.1");
        libc.refused.put("ioctl 4 8020426c", 55);
        try (EspTransport opened = open(LOCAL)) {
            receiveAll();
            device();
            libc.refused.clear();
            now += 1_000_000_000;
            receiveAll(); // woken for whatever reason
            assertEquals(attach("em0", LOCAL, 1), device());
            assertEquals(LOCAL, opened.local());
        }
    }

    /** What is read goes on being read while it cannot be found out whether it should be. */
    @Test
    void failedLookTakesNothingAway() throws Exception {
        links.set(2, "192.0.2.1");
        try (EspTransport opened = open(LOCAL)) {
            receiveAll();
            links.refusal = new ErrnoException("sysctl", 12, "Cannot allocate memory");
            routing(12);
            libc.give(BPF, frame(0x1001, 50));
            assertEquals(1, receiveAll());
            libc.give(BPF, frame(0x1002, 50));
            assertEquals(1, receiveAll());
            links.refusal = null;
            links.set(2);
            links.set(3, "192.0.2.1");
            device();
            now += 1_000_000_000;
            assertEquals(1, nudgesOfTheClock());
            receiveAll();
            assertEquals(attach("em1", LOCAL, 1), device());
            assertEquals(LOCAL, opened.local());
        }
    }
}
