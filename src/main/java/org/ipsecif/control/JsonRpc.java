package org.ipsecif.control;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** JSON-RPC 2.0 envelopes and error codes (jsonrpc.org/specification). */
final class JsonRpc {
    static final int PARSE_ERROR = -32_700;
    static final int INVALID_REQUEST = -32_600;
    static final int UNKNOWN_METHOD = -32_601;
    static final int INVALID_PARAMS = -32_602;
    static final int INTERNAL_ERROR = -32_603;

    /** The daemon's own: what the user wrote is wrong. */
    static final int CONFIGURATION = 1;

    /** The daemon's own: the request cannot be done. */
    static final int REFUSED = 2;

    /** One value a line: a second one behind it would be lost in silence. */
    static final ObjectMapper JSON = new ObjectMapper()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** What an error response says. */
    static final class ErrorException extends Exception {
        private static final long serialVersionUID = 1L;

        private final int code;

        ErrorException(int code, String message) {
            super(message);
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    private JsonRpc() {}

    static ObjectNode request(long id, String method, JsonNode params) {
        ObjectNode request =
                JSON.createObjectNode().put("jsonrpc", "2.0").put("id", id).put("method", method);
        return request.set("params", params);
    }

    /**
     * An object on a line.
     *
     * @throws LineReader.TooLongException if it is longer than a line may be; no more memory than that has been taken
     */
    static byte[] line(ObjectNode object) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        JSON.writeValue(
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        write(new byte[] {(byte) b}, 0, 1);
                    }

                    @Override
                    public void write(byte[] bytes, int offset, int length) throws IOException {
                        if (line.size() + length > ControlSocket.MAX_LINE) {
                            throw new LineReader.TooLongException(ControlSocket.MAX_LINE);
                        }
                        line.write(bytes, offset, length);
                    }
                },
                object);
        line.write('\n');
        return line.toByteArray();
    }

    static ObjectNode result(@Nullable JsonNode id, JsonNode result) {
        return envelope(id).set("result", result);
    }

    static ObjectNode error(@Nullable JsonNode id, int code, String message) {
        return envelope(id)
                .set("error", JSON.createObjectNode().put("code", code).put("message", message));
    }

    private static ObjectNode envelope(@Nullable JsonNode id) {
        ObjectNode envelope = JSON.createObjectNode().put("jsonrpc", "2.0");
        return envelope.set("id", id == null ? JSON.nullNode() : id);
    }
}
