package org.ipsecif.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.stream.Stream;
import org.ipsecif.platform.IcmpReceiver;
import org.ipsecif.sa.Family;
import org.ipsecif.wire.Bytes;
import org.junit.jupiter.params.provider.MethodSource;

/** Any ICMP message: a quotation whose bytes are in it, or nothing. */
class IcmpErrorPathFuzzTest {
    private static final class Once extends HostEnd.Memory implements IcmpReceiver {
        private final byte[] message;

        Once(byte[] message) {
            this.message = message;
        }

        @Override
        public int receive(byte[] buffer) {
            Arrays.fill(buffer, (byte) 0x5a); // what is behind the message is not read
            System.arraycopy(message, 0, buffer, 0, message.length);
            return message.length;
        }
    }

    static Stream<byte[]> messages() {
        return Stream.of(
                IcmpErrorPathTest.error(1_400, false),
                IcmpErrorPathTest.error(0, true),
                IcmpErrorPathTest.error6(1_290),
                IcmpErrorPathTest.error6(0));
    }

    @MethodSource("messages")
    @FuzzTest(maxDuration = "2m")
    void anyMessage(byte[] message) {
        if (message.length > 2_048) {
            return;
        }
        for (Family family : Family.values()) {
            HostEvents events = new HostEvents();
            new IcmpErrorPath(new Once(message), family, events, () -> 0).step();
            for (QuotedEsp quoted : events.tooBig) {
                int mtu = events.mtus.get(0);
                assertTrue(mtu > 0 && mtu <= 0xffff);
                if (family == Family.INET6) {
                    assertEquals(Math.min(Bytes.u32(message, 4), 0xffff), mtu);
                    assertTrue(mtu >= 1_280);
                }
                assertEquals(family, quoted.source().family());
                assertEquals(family, quoted.destination().family());
                assertTrue(holds(message, quoted));
            }
        }
    }

    /** SPI and sequence number stand behind the quoted header, and so within the message. */
    private static boolean holds(byte[] message, QuotedEsp quoted) {
        for (int at = 8 + 20; at + 8 <= message.length; at += 4) {
            if (Bytes.i32(message, at) == quoted.spi() && Bytes.u32(message, at + 4) == quoted.sequence()) {
                return true;
            }
        }
        return false;
    }
}
