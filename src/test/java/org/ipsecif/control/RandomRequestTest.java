package org.ipsecif.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.ipsecif.control.ServedDaemon.Connection;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is on a line, the server answers JSON-RPC and serves the next line; a fault of its own is no answer. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class RandomRequestTest {
    private static final int ROUNDS = 2_000;
    private static final Set<Integer> CODES = Set.of(
            JsonRpc.PARSE_ERROR,
            JsonRpc.INVALID_REQUEST,
            JsonRpc.UNKNOWN_METHOD,
            JsonRpc.INVALID_PARAMS,
            JsonRpc.CONFIGURATION,
            JsonRpc.REFUSED);
    private static final List<String> SEEDS = List.of(
            "{\"id\":1,\"method\":\"interface.configure\",\"params\":{\"name\":\"x\",\"words\":[\"mtu\",\"1300\"]}}",
            "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"setkey\",\"params\":{\"origin\":\"f\",\"script\":\"dump;\"}}",
            "{\"id\":2,\"method\":\"interface.list\",\"params\":{\"name\":\"ipsec0\"}}",
            "[".repeat(2_000),
            "{\"id\":1e999,\"method\":\"\\ud800\",\"params\":{\"name\":null}}");
    private static final String PIECES = "{}[]\":,\\\r\t e-10u\u00e9\u0000";

    @RegisterExtension
    final ServedDaemon served = new ServedDaemon();

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void everyLineIsAnsweredAndTheServerGoesOn(long seed) throws IOException {
        Random random = new Random(seed);
        try (Connection connection = served.connect()) {
            for (int round = 0; round < ROUNDS; round++) {
                byte[] line = random.nextInt(4) == 0 ? noise(random) : mutated(random);
                connection.send(line);
                connection.send("\n{\"id\":\"next\",\"method\":\"version\"}\n");
                checkUpToNext(connection, "seed " + seed + " round " + round);
            }
        }
    }

    private static byte[] noise(Random random) {
        byte[] line = new byte[random.nextInt(200)];
        random.nextBytes(line);
        return line;
    }

    private static byte[] mutated(Random random) {
        StringBuilder text = new StringBuilder(SEEDS.get(random.nextInt(SEEDS.size())));
        for (int i = random.nextInt(4); i > 0; i--) {
            int at = random.nextInt(text.length());
            switch (random.nextInt(3)) {
                case 0 -> text.setCharAt(at, PIECES.charAt(random.nextInt(PIECES.length())));
                case 1 -> text.deleteCharAt(at);
                default -> text.insert(at, PIECES.charAt(random.nextInt(PIECES.length())));
            }
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void checkUpToNext(Connection connection, String where) throws IOException {
        JsonNode response;
        do {
            response = connection.answer();
            assertEquals("2.0", response.path("jsonrpc").asText(), where);
            assertTrue(response.has("id"), where);
            assertTrue(response.has("result") != response.has("error"), where);
            if (response.has("error")) {
                JsonNode error = response.path("error");
                assertTrue(CODES.contains(error.path("code").asInt()), () -> where + " " + error);
                assertTrue(error.path("message").isTextual(), where);
            }
        } while (!response.path("id").asText().equals("next"));
        assertEquals("1.2.3", response.path("result").path("version").asText(), where);
    }
}
