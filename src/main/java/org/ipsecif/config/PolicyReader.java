package org.ipsecif.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
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
import org.ipsecif.sa.Selector.PortRange;
import org.ipsecif.sa.TransformTemplate;

/** One instance of a template's section, its keys to values. */
final class PolicyReader {
    static final List<String> REQUIRED = List.of("direction", "source", "destination", "action", "priority", "scope");
    static final List<String> OPTIONAL =
            List.of("protocol", "source-port", "destination-port", "icmp-type", "icmp-code", "transform");

    private static final String ANY = "any";

    /** setkey(8): protocol/mode/source-destination/level; transport mode needs no addresses. */
    private static final Pattern TRANSFORM =
            Pattern.compile("esp/(tunnel|transport)/(?:([^/-]*)-([^/-]*))?/(use|require|unique)(?::(\\d+))?");

    private final LayeredIni.Section section;
    private final TemplateFacts instance;

    PolicyReader(LayeredIni.Section section, TemplateFacts instance) {
        this.section = section;
        this.instance = instance;
    }

    SecurityPolicy read() throws ConfigException {
        Selector selector = selector();
        PolicyAction action = choice("action", value("action"), Arrays.asList(PolicyAction.values()));
        List<TransformTemplate> transforms = transforms(selector.family());
        if ((action == PolicyAction.PROTECT) == transforms.isEmpty()) {
            throw section.error(
                    transforms.isEmpty() ? null : "transform",
                    transforms.isEmpty() ? "action = protect needs a transform" : "only action = protect takes one");
        }
        return new SecurityPolicy(
                instance.instance().isEmpty() ? section.name() : section.name() + "/" + instance.instance(),
                direction(),
                selector,
                action,
                transforms,
                (int) number("priority", value("priority"), 0, Integer.MAX_VALUE),
                scope());
    }

    private Selector selector() throws ConfigException {
        IpPrefix source = prefix("source");
        IpPrefix destination = prefix("destination");
        if (source.family() != destination.family()) {
            throw section.error("destination", destination + " is not of the family of the source, " + source);
        }
        int protocol = protocol(source.family());
        boolean icmp = SelectorWords.isIcmp(protocol);
        refuse(icmp ? List.of("source-port", "destination-port") : List.of("icmp-type", "icmp-code"), protocol);
        return new Selector(
                source,
                destination,
                protocol,
                icmp ? icmp("icmp-type") : ports("source-port", protocol),
                icmp ? icmp("icmp-code") : ports("destination-port", protocol));
    }

    private String value(String key) throws ConfigException {
        return expand(key, section.value(key));
    }

    private String valueOrAny(String key) throws ConfigException {
        return section.has(key) ? value(key) : ANY;
    }

    private String expand(String key, String text) throws ConfigException {
        try {
            return instance.expand(text).strip();
        } catch (IllegalArgumentException e) {
            throw section.error(key, String.valueOf(e.getMessage()));
        }
    }

    private Direction direction() throws ConfigException {
        String word = value("direction").toLowerCase(Locale.ROOT);
        return switch (word) {
            case "in" -> Direction.INBOUND;
            case "out" -> Direction.OUTBOUND;
            case "forward", "fwd" -> Direction.FORWARD;
            default -> throw section.error("direction", "\"" + word + "\" is not in, out or forward");
        };
    }

    private IpPrefix prefix(String key) throws ConfigException {
        String text = value(key);
        Family family = instance.family();
        if (text.equals(ANY)) {
            if (family == null) {
                throw section.error(key, "\"any\" needs for-each, to know which family");
            }
            return IpPrefix.any(family);
        }
        try {
            return IpPrefix.parse(text);
        } catch (IllegalArgumentException e) {
            throw section.error(key, e.getMessage() + "; expected any, an address or a prefix");
        }
    }

    private int protocol(Family family) throws ConfigException {
        int protocol = read("protocol", () -> SelectorWords.protocol(valueOrAny("protocol")));
        if (protocol == (family == Family.INET ? 58 : 1)) {
            throw section.error("protocol", "\"" + valueOrAny("protocol") + "\" is not " + family.word() + "'s");
        }
        return protocol;
    }

    /** The kernels' selectors hold one port or all. */
    private PortRange ports(String key, int protocol) throws ConfigException {
        PortRange ports = read(key, () -> SelectorWords.ports(valueOrAny(key)));
        if (!ports.equals(PortRange.ANY) && !SelectorWords.hasPorts(protocol)) {
            throw section.error(key, "needs protocol = tcp, udp, sctp, dccp or udplite");
        }
        return oneOrAny(key, ports);
    }

    private PortRange icmp(String key) throws ConfigException {
        return oneOrAny(key, read(key, () -> SelectorWords.icmp(valueOrAny(key))));
    }

    private PortRange oneOrAny(String key, PortRange range) throws ConfigException {
        if (!range.equals(PortRange.ANY) && range.first() != range.last()) {
            throw section.error(
                    key,
                    range.first() + "-" + range.last() + " has no place in a kernel's SPD, which selects one value or"
                            + " all; give one, or any");
        }
        return range;
    }

    private void refuse(List<String> keys, int protocol) throws ConfigException {
        for (String key : keys) {
            if (!valueOrAny(key).equals(ANY)) {
                throw section.error(
                        key,
                        SelectorWords.isIcmp(protocol)
                                ? "ICMP has no ports; expected icmp-type and icmp-code"
                                : "needs protocol = icmp or icmp6");
            }
        }
    }

    private List<TransformTemplate> transforms(Family family) throws ConfigException {
        List<TransformTemplate> transforms = new ArrayList<>();
        for (String raw : section.values("transform")) {
            transforms.add(transform(expand("transform", raw), family));
        }
        return transforms;
    }

    private TransformTemplate transform(String text, Family family) throws ConfigException {
        Matcher matcher = TRANSFORM.matcher(text);
        if (!matcher.matches() || (matcher.group(2) == null && matcher.group(1).equals("tunnel"))) {
            throw section.error(
                    "transform", "\"" + text + "\" is not esp/tunnel/LOCAL-REMOTE/unique:REQID (setkey(8))");
        }
        Level level = choice("transform", matcher.group(4), Arrays.asList(Level.values()));
        String reqid = matcher.group(5);
        if ((level == Level.UNIQUE) == (reqid == null)) {
            throw section.error("transform", "level unique takes a reqid (unique:REQID), the others none");
        }
        int number = reqid == null ? 0 : (int) number("transform", reqid, 1, 0xffff_ffffL);
        if (matcher.group(2) == null) {
            IpAddress none = IpPrefix.any(family).address();
            return new TransformTemplate(IpsecMode.TRANSPORT, none, none, level, number);
        }
        return read(
                "transform",
                () -> new TransformTemplate(
                        matcher.group(1).equals("tunnel") ? IpsecMode.TUNNEL : IpsecMode.TRANSPORT,
                        IpAddress.parse(matcher.group(2)),
                        IpAddress.parse(matcher.group(3)),
                        level,
                        number));
    }

    private PolicyScope scope() throws ConfigException {
        String word = value("scope");
        InterfaceFacts facts = instance.ofInterface();
        return switch (word) {
            case "if_id" -> new PolicyScope.IfId(facts.ifId());
            case "mark" -> mark(facts);
            case "device" -> new PolicyScope.Device(facts.name());
            case "host" -> new PolicyScope.Host();
            default -> throw section.error("scope", "\"" + word + "\" is not if_id, mark, device or host");
        };
    }

    private PolicyScope mark(InterfaceFacts facts) throws ConfigException {
        boolean outbound = direction() == Direction.OUTBOUND;
        int key = outbound ? facts.settings().keyOut() : facts.settings().keyIn();
        if (key == 0) {
            throw section.error(
                    "scope",
                    "mark needs the interface's " + (outbound ? "okey" : "ikey") + " (or key), and " + facts.name()
                            + " has none: the policy would be for all packets without a mark");
        }
        return new PolicyScope.Mark(key, -1);
    }

    private interface Reading<T> {
        T read() throws ConfigException;
    }

    /** Has a mistake in a value named with its place. */
    private <T> T read(String key, Reading<T> reading) throws ConfigException {
        try {
            return reading.read();
        } catch (IllegalArgumentException e) {
            throw section.error(key, String.valueOf(e.getMessage()));
        } catch (ConfigException e) {
            throw section.error(key, String.valueOf(e.getMessage()).replaceFirst("^[^:]*: ", ""));
        }
    }

    private long number(String key, String text, long least, long most) throws ConfigException {
        return read(key, () -> IfconfigWords.number(key, text, least, most));
    }

    private <E extends Enum<E>> E choice(String key, String word, List<E> choices) throws ConfigException {
        for (E choice : choices) {
            if (choice.name().toLowerCase(Locale.ROOT).equals(word)) {
                return choice;
            }
        }
        throw section.error(
                key,
                "\"" + word + "\" is not one of "
                        + choices.stream()
                                .map(each -> each.name().toLowerCase(Locale.ROOT))
                                .collect(Collectors.joining(", ")));
    }
}
