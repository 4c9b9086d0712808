package org.ipsecif.platform.freebsd.sim.key;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/** Messages as bytes written by hand: hexadecimal, blanks and bars between fields as one likes. */
final class KeyBytes {
    static final int PID = 0x4d2;

    /** 10.1.0.0/16 to 10.2.0.0/15, any protocol. */
    static final String SOURCE = "0300 0500 ff 10 0000 | 10 02 0000 0a010000 0000000000000000";

    static final String DESTINATION = "0300 0600 ff 0f 0000 | 10 02 0000 0a020000 0000000000000000";

    /** The tunnel 203.0.113.1 to 198.51.100.2, two sockaddrs. */
    static final String ENDS = "10 02 0000 cb007101 0000000000000000 | 10 02 0000 c6336402 0000000000000000";

    private KeyBytes() {}

    static byte[] hex(String... parts) {
        return HexFormat.of().parseHex(String.join("", parts).replaceAll("[ |\\n]", ""));
    }

    /** A message of sequence 0x11223344 from process 1234, its length filled in. */
    static byte[] message(int type, int satype, String... extensions) {
        byte[] body = hex(extensions);
        ByteBuffer to = ByteBuffer.allocate(16 + body.length).order(ByteOrder.LITTLE_ENDIAN);
        to.put((byte) 2).put((byte) type).put((byte) 0).put((byte) satype);
        to.putShort((short) (to.capacity() / 8))
                .putShort((short) 0)
                .putInt(0x11223344)
                .putInt(PID);
        return to.put(body).array();
    }

    /** A request for ESP in tunnel mode; reqid in the bytes' order. */
    static String request(int level, String reqid) {
        return "2800 3200 02 0%d %s |".formatted(level, reqid) + ENDS;
    }

    /** X_POLICY of type ipsec with one request. */
    static String policy(int direction, int level, String reqid) {
        return "0700 1200 0200 0%d 00 00000000 e8030000 |".formatted(direction) + request(level, reqid);
    }

    /** X_POLICY without requests. */
    static String bare(int type, int direction) {
        return "0200 1200 0%d00 0%d 00 00000000 e8030000".formatted(type, direction);
    }

    static byte[] read(SimulatedKeySocket socket) {
        byte[] message = socket.poll();
        assertNotNull(message, "no message");
        return message;
    }

    static void assertBytes(String expected, byte[] message) {
        assertEquals(words(hex(expected)), words(message));
    }

    private static String words(byte[] bytes) {
        return HexFormat.of().formatHex(bytes).replaceAll("(.{8})", "$1 ").trim();
    }

    static int word(byte[] message, int at) {
        return ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN).getInt(at);
    }
}
