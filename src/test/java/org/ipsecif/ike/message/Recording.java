package org.ipsecif.ike.message;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** A recorded exchange of src/test/resources/ike, with the keys that open its messages. */
final class Recording {
    private final Map<String, byte[]> keys = new HashMap<>();
    private final List<byte[]> messages = new ArrayList<>();

    private Recording() {}

    static Recording read(String name) {
        Recording recording = new Recording();
        try (InputStream in = Recording.class.getResourceAsStream("/ike/" + name + ".txt")) {
            new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().forEach(recording::add);
        } catch (IOException e) {
            throw new AssertionError(name, e);
        }
        return recording;
    }

    private void add(String line) {
        int equals = line.indexOf(" = ");
        if (equals > 0) {
            byte[] value = HexFormat.of().parseHex(line.substring(equals + 3));
            if (line.startsWith("SK_")) {
                keys.put(line.substring(0, equals), value);
            } else {
                messages.add(value);
            }
        }
    }

    /** In the order in which they were sent. */
    List<byte[]> messages() {
        return messages;
    }

    /** Opens and seals what the initiator sent, or the responder. */
    RecordedProtection protection(boolean initiator) throws GeneralSecurityException {
        String end = initiator ? "i" : "r";
        byte[] integrity = keys.get("SK_a" + end);
        byte[] encryption = keys.get("SK_e" + end);
        return integrity == null ? new RecordedGcm(encryption) : new RecordedCbc(encryption, integrity);
    }
}
