package org.ipsecif.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One command's dealings with the daemon and the terminal. */
final class Session {
    private final Path socket;
    private final boolean json;
    private final PrintWriter out;
    private final PrintWriter err;

    Session(Path socket, boolean json, PrintWriter out, PrintWriter err) {
        this.err = err;
        this.socket = socket;
        this.json = json;
        this.out = out;
    }

    PrintWriter out() {
        return out;
    }

    /** For warnings. */
    PrintWriter err() {
        return err;
    }

    /** Prints what an answer warns of. */
    void warn(JsonNode result) {
        result.path("warnings").forEach(line -> err.println("ipsecifctl: warning: " + line.asText()));
    }

    /** A connection for several calls. */
    ControlClient connect() throws IOException {
        return ControlClient.connect(socket);
    }

    boolean isJson() {
        return json;
    }

    JsonNode call(String method, JsonNode params) throws IOException {
        try (ControlClient client = ControlClient.connect(socket)) {
            return client.call(method, params);
        }
    }

    JsonNode call(String method) throws IOException {
        return call(method, JsonRpc.JSON.createObjectNode());
    }

    /** A call about one interface, or about all when {@code name} is null. */
    JsonNode callFor(String method, @Nullable String name) throws IOException {
        ObjectNode params = JsonRpc.JSON.createObjectNode();
        if (name != null) {
            params.put("name", name);
        }
        return call(method, params);
    }

    /** A call with ifconfig(8) words. */
    JsonNode callWithWords(String method, String name, List<String> words) throws IOException {
        ObjectNode params = JsonRpc.JSON.createObjectNode().put("name", name);
        words.forEach(params.putArray("words")::add);
        return call(method, params);
    }

    /** A call with the text of a file. @throws IOException naming the file, if that is too long */
    JsonNode callWithText(String method, String origin, String member, String text) throws IOException {
        try {
            return call(
                    method,
                    JsonRpc.JSON.createObjectNode().put("origin", origin).put(member, text));
        } catch (LineReader.TooLongException e) {
            throw new IOException(
                    origin + ": too long: a request to ipsecifd has at most " + ControlSocket.MAX_LINE + " bytes", e);
        }
    }

    /** Prints a list as JSON, or each element as text. */
    <T> void print(JsonNode list, Class<T> type, Function<T, String> text) throws IOException {
        printAll(list, type, all -> all.stream().map(text).collect(Collectors.joining()));
    }

    /** Prints a list as JSON, or all of it as one text. */
    <T> void printAll(JsonNode list, Class<T> type, Function<List<T>, String> text) throws IOException {
        if (json) {
            printJson(list);
            return;
        }
        out.print(text.apply(read(list, type)));
    }

    <T> List<T> read(JsonNode list, Class<T> type) throws JsonProcessingException {
        return JsonRpc.JSON.treeToValue(list, JsonRpc.JSON.getTypeFactory().constructCollectionType(List.class, type));
    }

    void printJson(JsonNode node) throws JsonProcessingException {
        out.println(
                JsonRpc.JSON.writer().with(SerializationFeature.INDENT_OUTPUT).writeValueAsString(node));
    }
}
