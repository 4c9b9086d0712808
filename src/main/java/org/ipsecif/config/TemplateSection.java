package org.ipsecif.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.ipsecif.sa.Direction;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.Level;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.Selector;
import org.ipsecif.sa.TransformTemplate;
import org.jspecify.annotations.Nullable;

/** One section of a template: one policy, or one for each of something. */
final class TemplateSection {
    /** What {@code for-each} may say. */
    enum ForEach {
        ONCE,
        FAMILY,
        INNER,
        NETWORK
    }

    private static final List<String> REQUIRED =
            List.of("direction", "source", "destination", "action", "priority", "scope");
    private static final List<String> OPTIONAL = List.of("for-each", "protocol", "transform");

    /** setkey(8): protocol/mode/source-destination/level. */
    private static final Pattern TRANSFORM =
            Pattern.compile("esp/(tunnel|transport)/([^/-]*)-([^/-]*)/(use|require|unique)(?::(\\d+))?");

    private final IniFile ini;
    private final String name;
    private final Map<String, List<String>> keys;
    private final ForEach forEach;

    private TemplateSection(IniFile ini, String name) throws ConfigException {
        this.ini = ini;
        this.name = name;
        this.keys = ini.section(name);
        checkKeys();
        this.forEach = keys.containsKey("for-each")
                ? choice("for-each", raw("for-each"), Arrays.asList(ForEach.FAMILY, ForEach.INNER, ForEach.NETWORK))
                : ForEach.ONCE;
    }

    static TemplateSection read(IniFile ini, String name) throws ConfigException {
        return new TemplateSection(ini, name);
    }

    private void checkKeys() throws ConfigException {
        for (Map.Entry<String, List<String>> entry : keys.entrySet()) {
            String key = entry.getKey();
            if (!REQUIRED.contains(key) && !OPTIONAL.contains(key)) {
                throw ini.error(
                        name,
                        key,
                        "unknown key; known are " + String.join(", ", REQUIRED) + ", " + String.join(", ", OPTIONAL));
            }
            if (entry.getValue().size() > 1 && !key.equals("transform")) {
                throw ini.error(name, key, "given twice");
            }
        }
        for (String key : REQUIRED) {
            if (!keys.containsKey(key)) {
                throw ini.error(name, null, "has no " + key);
            }
        }
    }

    private String raw(String key) {
        return keys.getOrDefault(key, List.of("")).get(0);
    }

    List<SecurityPolicy> render(InterfaceFacts facts) throws ConfigException {
        List<SecurityPolicy> policies = new ArrayList<>();
        for (TemplateFacts instance : TemplateFacts.instances(facts, forEach)) {
            policies.add(render(facts, instance));
        }
        return policies;
    }

    private SecurityPolicy render(InterfaceFacts facts, TemplateFacts instance) throws ConfigException {
        IpPrefix source = prefix("source", instance);
        IpPrefix destination = prefix("destination", instance);
        PolicyAction action = choice("action", value("action", instance), Arrays.asList(PolicyAction.values()));
        if (source.family() != destination.family()) {
            throw ini.error(name, "destination", destination + " is not of the family of the source, " + source);
        }
        List<TransformTemplate> transforms = transforms(instance);
        if ((action == PolicyAction.PROTECT) == transforms.isEmpty()) {
            throw ini.error(
                    name,
                    transforms.isEmpty() ? null : "transform",
                    transforms.isEmpty() ? "action = protect needs a transform" : "only action = protect takes one");
        }
        return new SecurityPolicy(
                instance.instance().isEmpty() ? name : name + "/" + instance.instance(),
                direction(instance),
                new Selector(source, destination, protocol(instance), Selector.PortRange.ANY, Selector.PortRange.ANY),
                action,
                transforms,
                (int) number("priority", value("priority", instance), 0, Integer.MAX_VALUE),
                scope(facts, instance));
    }

    private String value(String key, TemplateFacts instance) throws ConfigException {
        return expand(key, raw(key), instance);
    }

    private String expand(String key, String text, TemplateFacts instance) throws ConfigException {
        try {
            return instance.expand(text).strip();
        } catch (IllegalArgumentException e) {
            throw ini.error(name, key, String.valueOf(e.getMessage()));
        }
    }

    private Direction direction(TemplateFacts instance) throws ConfigException {
        String word = value("direction", instance).toLowerCase(Locale.ROOT);
        return switch (word) {
            case "in" -> Direction.INBOUND;
            case "out" -> Direction.OUTBOUND;
            case "forward", "fwd" -> Direction.FORWARD;
            default -> throw ini.error(name, "direction", "\"" + word + "\" is not in, out or forward");
        };
    }

    private IpPrefix prefix(String key, TemplateFacts instance) throws ConfigException {
        String text = value(key, instance);
        Family family = instance.family();
        if (text.equals("any")) {
            if (family == null) {
                throw ini.error(name, key, "\"any\" needs for-each = family, inner or network, to know which family");
            }
            return IpPrefix.any(family);
        }
        try {
            return IpPrefix.parse(text);
        } catch (IllegalArgumentException e) {
            throw ini.error(name, key, e.getMessage() + "; expected any, an address or a prefix");
        }
    }

    private int protocol(TemplateFacts instance) throws ConfigException {
        String text = keys.containsKey("protocol") ? value("protocol", instance) : "any";
        return switch (text) {
            case "any" -> Selector.ANY_PROTOCOL;
            case "icmp" -> 1;
            case "tcp" -> 6;
            case "udp" -> 17;
            case "gre" -> 47;
            case "icmp6", "ipv6-icmp" -> 58;
            default -> (int) number("protocol", text, 1, 255);
        };
    }

    private List<TransformTemplate> transforms(TemplateFacts instance) throws ConfigException {
        List<TransformTemplate> transforms = new ArrayList<>();
        for (String raw : keys.getOrDefault("transform", List.of())) {
            transforms.add(transform(expand("transform", raw, instance)));
        }
        return transforms;
    }

    private TransformTemplate transform(String text) throws ConfigException {
        Matcher matcher = TRANSFORM.matcher(text);
        if (!matcher.matches()) {
            throw ini.error(
                    name, "transform", "\"" + text + "\" is not esp/tunnel/LOCAL-REMOTE/unique:REQID (setkey(8))");
        }
        Level level = choice("transform", matcher.group(4), Arrays.asList(Level.values()));
        String reqid = matcher.group(5);
        if ((level == Level.UNIQUE) == (reqid == null)) {
            throw ini.error(name, "transform", "level unique takes a reqid (unique:REQID), the others none");
        }
        try {
            return new TransformTemplate(
                    matcher.group(1).equals("tunnel") ? IpsecMode.TUNNEL : IpsecMode.TRANSPORT,
                    IpAddress.parse(matcher.group(2)),
                    IpAddress.parse(matcher.group(3)),
                    level,
                    reqid == null ? 0 : (int) number("transform", reqid, 1, 0xffff_ffffL));
        } catch (IllegalArgumentException e) {
            throw ini.error(name, "transform", String.valueOf(e.getMessage()));
        }
    }

    private PolicyScope scope(InterfaceFacts facts, TemplateFacts instance) throws ConfigException {
        String word = value("scope", instance);
        boolean outbound = direction(instance) == Direction.OUTBOUND;
        return switch (word) {
            case "if_id" -> new PolicyScope.IfId(facts.ifId());
            case "mark" -> new PolicyScope.Mark(outbound ? facts.keyOut() : facts.keyIn(), -1);
            case "device" -> new PolicyScope.Device(facts.name());
            case "host" -> new PolicyScope.Host();
            default -> throw ini.error(name, "scope", "\"" + word + "\" is not if_id, mark, device or host");
        };
    }

    private long number(String key, String text, long least, long most) throws ConfigException {
        try {
            return IfconfigWords.number(key, text, least, most);
        } catch (ConfigException e) {
            throw ini.error(name, key, String.valueOf(e.getMessage()).replaceFirst("^[^:]*: ", ""));
        }
    }

    private <E extends Enum<E>> E choice(String key, @Nullable String word, List<E> choices) throws ConfigException {
        for (E choice : choices) {
            if (choice.name().toLowerCase(Locale.ROOT).equals(word)) {
                return choice;
            }
        }
        throw ini.error(
                name,
                key,
                "\"" + word + "\" is not one of "
                        + choices.stream()
                                .map(each -> each.name().toLowerCase(Locale.ROOT))
                                .collect(Collectors.joining(", ")));
    }
}
