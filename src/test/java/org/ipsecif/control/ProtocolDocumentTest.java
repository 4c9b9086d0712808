package org.ipsecif.control;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ipsecif.control.ServedDaemon.Connection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The examples of docs/control-protocol.md: errors to the letter, results in members and types. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class ProtocolDocumentTest {
    private static final Path DOCUMENT = Path.of("docs", "control-protocol.md");
    private static final Pattern EXAMPLE = Pattern.compile("^    \u2192 (.*)\n    \u2190 (.*)$", Pattern.MULTILINE);
    private static final Pattern METHOD = Pattern.compile("^### ([a-z.]+)$", Pattern.MULTILINE);

    @RegisterExtension
    final ServedDaemon served = new ServedDaemon();

    @Test
    void examplesAreWhatTheServerAnswers() throws IOException {
        List<String> methods = new ArrayList<>();
        try (Connection connection = served.connect()) {
            Matcher example = EXAMPLE.matcher(Files.readString(DOCUMENT));
            while (example.find()) {
                connection.send(example.group(1) + "\n");
                JsonNode documented = JsonRpc.JSON.readTree(example.group(2));
                JsonNode answer = connection.answer();
                if (documented.has("error")) {
                    assertEquals(documented, answer);
                } else {
                    assertEquals(shape(documented), shape(answer), example.group(1));
                    methods.add(JsonRpc.JSON
                            .readTree(example.group(1))
                            .path("method")
                            .asText());
                }
            }
        }
        assertEquals(23, methods.size());
        assertEquals(
                METHOD.matcher(Files.readString(DOCUMENT))
                        .results()
                        .map(found -> found.group(1))
                        .toList(),
                methods);
    }

    /** Members and types; of an array, those of its first element. */
    private static Object shape(JsonNode node) {
        if (node.isObject()) {
            Map<String, Object> members = new TreeMap<>();
            node.fields().forEachRemaining(each -> members.put(each.getKey(), shape(each.getValue())));
            return members;
        }
        if (node.isArray()) {
            return node.isEmpty() ? "array" : List.of("array", shape(node.get(0)));
        }
        return node.getNodeType();
    }
}
