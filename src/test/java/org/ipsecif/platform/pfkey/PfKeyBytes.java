package org.ipsecif.platform.pfkey;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/** Messages as hex digits, as they stand in memory on a little-endian machine. */
final class PfKeyBytes {
    static final String ZERO_8 = "0000000000000000";

    private PfKeyBytes() {}

    static ByteBuffer of(String hex) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", ""))).order(ByteOrder.LITTLE_ENDIAN);
    }

    static String hex(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.limit()];
        bytes.get(0, copy);
        return HexFormat.of().formatHex(copy);
    }

    static String encode(Dialect dialect, PfKeyMessage message) {
        ByteBuffer to = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < to.capacity(); i++) {
            to.put(i, (byte) 0xa5); // so that what is not written shows
        }
        return hex(to.limit(new PfKeyWriter(dialect).write(message, to)));
    }
}
