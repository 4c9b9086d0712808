package org.ipsecif.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.ipsecif.config.ConfigException;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.ipsecif.control.JsonRpc.ErrorException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From a line to the daemon's answer (docs/control-protocol.md). Any thread. Parameters are never logged: they hold keys. */
final class Dispatcher {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
    private static final ObjectMapper JSON = JsonRpc.JSON;

    /** Seconds to wait for what takes its time, unless said otherwise and at most. */
    private static final int WAIT = 30;

    private static final int MAX_WAIT = 3_600;

    /** Likewise for a stream's next event. */
    private static final int MAX_POLL = 10;

    /** Events of IKE's at once. */
    private static final int MAX_LINES = 1_000;

    private final DaemonControl daemon;

    Dispatcher(DaemonControl daemon) {
        this.daemon = daemon;
    }

    /** The response to a request, or null if it was a notification. Never throws. */
    @Nullable
    ObjectNode answer(String line) {
        JsonNode request;
        try {
            request = JSON.readTree(line);
        } catch (JsonProcessingException e) {
            return JsonRpc.error(null, JsonRpc.PARSE_ERROR, "not JSON");
        }
        JsonNode id = request == null ? null : request.get("id");
        if (request == null || !request.isObject() || !request.path("method").isTextual()) {
            return JsonRpc.error(id, JsonRpc.INVALID_REQUEST, "expected an object with a method");
        }
        ObjectNode response = answer(id, request.path("method").asText(), request.path("params"));
        return id == null ? null : response;
    }

    private ObjectNode answer(@Nullable JsonNode id, String method, JsonNode params) {
        try {
            return JsonRpc.result(id, call(method, params));
        } catch (ErrorException e) {
            return JsonRpc.error(id, e.code(), String.valueOf(e.getMessage()));
        } catch (ConfigException e) {
            return JsonRpc.error(id, JsonRpc.CONFIGURATION, String.valueOf(e.getMessage()));
        } catch (RefusedException e) {
            return JsonRpc.error(id, JsonRpc.REFUSED, String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.error("fault while serving {}", method, e);
            return JsonRpc.error(id, JsonRpc.INTERNAL_ERROR, "internal error; the daemon's log has the details");
        }
    }

    private JsonNode call(String method, JsonNode params) throws ErrorException, ConfigException, RefusedException {
        if (!params.isObject() && !isAbsent(params)) {
            throw new ErrorException(JsonRpc.INVALID_PARAMS, "expected an object, params");
        }
        return switch (method) {
            case "version" ->
                JSON.createObjectNode().put("version", daemon.version()).put("java", daemon.java());
            case "interface.create" -> JSON.valueToTree(daemon.create(text(params, "name"), words(params)));
            case "interface.configure" ->
                JSON.createObjectNode()
                        .set("warnings", JSON.valueToTree(daemon.configure(text(params, "name"), words(params))));
            case "interface.destroy" -> {
                daemon.destroy(text(params, "name"));
                yield JSON.createObjectNode();
            }
            case "interface.list" -> JSON.valueToTree(daemon.interfaces(optionalText(params, "name")));
            case "setkey" -> JSON.valueToTree(daemon.setkey(text(params, "origin"), text(params, "script")));
            case "sa.list" -> JSON.valueToTree(daemon.securityAssociations());
            case "sa.flush" -> {
                daemon.flushSecurityAssociations();
                yield JSON.createObjectNode();
            }
            case "policy.list" -> JSON.valueToTree(daemon.policies(optionalText(params, "name")));
            case "template.list" -> JSON.valueToTree(daemon.templates(optionalText(params, "name")));
            case "template.check" ->
                JSON.valueToTree(daemon.checkTemplate(text(params, "origin"), text(params, "text")));
            case "template.render" ->
                JSON.valueToTree(daemon.render(
                        text(params, "template"), text(params, "name"), words(params), optionalText(params, "as")));
            case "host.counters" -> JSON.valueToTree(daemon.hostCounters());
            case "memory" -> JSON.valueToTree(daemon.memory());
            case "reload" -> JSON.createObjectNode().set("changes", JSON.valueToTree(daemon.reload()));
            default -> ike(method, params);
        };
    }

    private JsonNode ike(String method, JsonNode params) throws ErrorException, RefusedException {
        IkeControl ike = daemon.ike();
        return switch (method) {
            case "ike.list" -> JSON.valueToTree(ike.list(optionalText(params, "name")));
            case "ike.up" -> {
                ike.up(text(params, "name"), number(params, "seconds", WAIT, MAX_WAIT));
                yield JSON.createObjectNode();
            }
            case "ike.down" -> {
                ike.down(text(params, "name"));
                yield JSON.createObjectNode();
            }
            case "ike.rekey" -> {
                ike.rekey(
                        text(params, "name"), optionalText(params, "what"), number(params, "seconds", WAIT, MAX_WAIT));
                yield JSON.createObjectNode();
            }
            case "ike.log" ->
                JSON.valueToTree(ike.log(optionalText(params, "name"), number(params, "lines", MAX_LINES, MAX_LINES)));
            case "ike.follow" ->
                JSON.createObjectNode()
                        .put("stream", ike.follow(isTrace(text(params, "what")), optionalText(params, "name")));
            case "ike.next" ->
                JSON.valueToTree(ike.next(text(params, "stream"), number(params, "seconds", MAX_POLL, MAX_POLL)));
            case "ike.keys" ->
                JSON.valueToTree(ike.keys(text(params, "name"), text(params, "table"), text(params, "file")));
            default -> throw new ErrorException(JsonRpc.UNKNOWN_METHOD, "unknown method " + method);
        };
    }

    private static boolean isTrace(String what) throws ErrorException {
        if (!what.equals("log") && !what.equals("trace")) {
            throw new ErrorException(JsonRpc.INVALID_PARAMS, "expected log or trace, what");
        }
        return what.equals("trace");
    }

    /** 0 to {@code most}. */
    private static int number(JsonNode params, String name, int preset, int most) throws ErrorException {
        JsonNode value = params.path(name);
        if (isAbsent(value)) {
            return preset;
        }
        if (!value.isInt() || value.asInt() < 0 || value.asInt() > most) {
            throw new ErrorException(JsonRpc.INVALID_PARAMS, "expected a number " + name + ", 0 to " + most);
        }
        return value.asInt();
    }

    private static String text(JsonNode params, String name) throws ErrorException {
        String value = optionalText(params, name);
        if (value == null) {
            throw new ErrorException(JsonRpc.INVALID_PARAMS, "expected a string " + name);
        }
        return value;
    }

    private static @Nullable String optionalText(JsonNode params, String name) throws ErrorException {
        JsonNode value = params.path(name);
        if (isAbsent(value)) {
            return null;
        }
        if (!value.isTextual()) {
            throw new ErrorException(JsonRpc.INVALID_PARAMS, "expected a string " + name);
        }
        return value.asText();
    }

    private static boolean isAbsent(JsonNode value) {
        return value.isMissingNode() || value.isNull();
    }

    private static List<String> words(JsonNode params) throws ErrorException {
        JsonNode given = params.path("words");
        if (!given.isArray() && !isAbsent(given)) {
            throw new ErrorException(JsonRpc.INVALID_PARAMS, "expected an array of strings, words");
        }
        List<String> words = new ArrayList<>();
        for (JsonNode word : given) {
            if (!word.isTextual()) {
                throw new ErrorException(JsonRpc.INVALID_PARAMS, "expected an array of strings, words");
            }
            words.add(word.asText());
        }
        return words;
    }
}
