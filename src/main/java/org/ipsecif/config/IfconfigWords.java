package org.ipsecif.config;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.PacketSettings;
import org.ipsecif.sa.TunnelEndpoints;
import org.jspecify.annotations.Nullable;

/** The words of ifconfig(8) and if_ipsec(4) for one interface, all of which may stand on one line. */
public final class IfconfigWords {
    private static final String KNOWN = "inet, inet6, ADDRESS[/LENGTH] [netmask MASK | prefixlen LENGTH] [DESTINATION],"
            + " tunnel LOCAL REMOTE|any|HOST, deletetunnel, mtu N, up, down, reqid N, description TEXT, alias, -alias, delete,"
            + " encap no|udp, template NAME, template_PARAM VALUE, local_networks|remote_networks PREFIX[,PREFIX]|none,"
            + " key K, ikey K, okey K, fib N, tunnelfib N, dscp copy|N, dscp_in keep|copy, ecn normal|compatibility,"
            + " df copy|set|clear, ttl copy|N, flowlabel copy|N, mss auto|off|N, tfc off|pad-to-mtu [dummy N],"
            + " and for IKE, with one value each, " + String.join(", ", IkeWords.KNOWN);
    private static final String ENDPOINTS = "the local and the remote outer address";
    private static final int INET6_PREFIX = 64;

    static final String LOCAL_NETWORKS = "local_networks";
    static final String REMOTE_NETWORKS = "remote_networks";

    /** Followed by the parameter's name. */
    static final String TEMPLATE_PARAMETER = "template_";

    private final List<String> words;
    private InterfaceConfig config;
    private int at;
    private @Nullable Family family;
    private boolean stateGiven;
    private boolean tunnelGiven;
    private boolean isSetting;

    private IfconfigWords(InterfaceConfig base, List<String> words) {
        this.config = base;
        this.words = words;
    }

    /**
     * What {@code base} becomes. As with ifconfig(8), setting an address brings the interface up unless {@code down} is
     * among the words.
     *
     * @throws ConfigException naming the word that is wrong and what was expected
     */
    public static InterfaceConfig apply(InterfaceConfig base, List<String> words) throws ConfigException {
        InterfaceConfig config = applyPart(base, words);
        Contradiction contradiction = Contradiction.of(config);
        if (contradiction != null) {
            throw contradiction.toException();
        }
        return config;
    }

    /** The same, where other words are still to come. */
    static InterfaceConfig applyPart(InterfaceConfig base, List<String> words) throws ConfigException {
        IfconfigWords parser = new IfconfigWords(base, words);
        try {
            while (parser.at < words.size()) {
                parser.readClause();
            }
        } catch (IllegalArgumentException e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        }
        return parser.config;
    }

    /**
     * What {@code base} becomes by one word and its value, as configuration files have them.
     *
     * @throws ConfigException naming the word if the value is empty, wrong, or more than one
     */
    static InterfaceConfig applySetting(InterfaceConfig base, String word, List<String> value) throws ConfigException {
        List<String> words = new ArrayList<>(List.of(word));
        words.addAll(value);
        IfconfigWords parser = new IfconfigWords(base, words);
        parser.isSetting = true;
        try {
            parser.readClause();
        } catch (IllegalArgumentException e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        }
        if (parser.at < words.size()) {
            throw new ConfigException(word + ": " + ConfigException.shown(words.get(parser.at))
                    + " is a word too many"
                    + (PacketWords.KNOWN.contains(word) ? "; expected " + PacketWords.expected(word) : ""));
        }
        return parser.config;
    }

    /** Whether a word is one of IKE's and nothing else, with one value after it. */
    public static boolean isIkeWord(String word) {
        return IkeWords.KNOWN.contains(word) && !word.equals(IkeWords.KEY);
    }

    private void readClause() throws ConfigException {
        String word = words.get(at++);
        switch (word) {
            case "inet" -> family = Family.INET;
            case "inet6" -> family = Family.INET6;
            case "create" -> {
                // rc.conf's create_args and "ifconfig ipsec0 create" both say it; the interface is there by then.
            }
            case "tunnel" -> readTunnel();
            case "deletetunnel" ->
                config = config.withTunnel(null).withIke(config.ike().withPeerHost(null));
            case "mtu" -> config = config.withMtu(mtu(argument("mtu", "a number or auto")));
            case "up", "down" -> {
                config = config.withUp(word.equals("up"));
                stateGiven = true;
            }
            case "reqid" -> config = config.withReqid((int) number("reqid", 1, 0xffff_ffffL));
            case FibNumbers.INNER, FibNumbers.TUNNEL ->
                config = config.withFibs(config.fibs().with(word, (int) number(word, 0, FibNumbers.MOST)));
            case "description", "descr" -> config = config.withDescription(argument(word, "a text"));
            case "-description", "-descr" -> config = config.withDescription("");
            case "encap" -> config = config.withEncap(encap(argument("encap", "no or udp")));
            case "template", LOCAL_NETWORKS, REMOTE_NETWORKS, "ikey", "okey" -> readPolicySetting(word);
            default -> {
                if (IkeWords.takes(word, at < words.size() ? words.get(at) : "")) {
                    String value = argument(word, IkeWords.expected(word));
                    config = config.withIke(IkeWords.apply(config.ike(), word, value, null));
                } else if (word.equals(IkeWords.KEY)) {
                    readPolicySetting(word);
                } else if (word.startsWith(TEMPLATE_PARAMETER)) {
                    readParameter(word);
                } else if (PacketWords.KNOWN.contains(word)) {
                    config = config.withPackets(readPacketSetting(word));
                } else {
                    readAddress(word);
                }
            }
        }
    }

    private void readPolicySetting(String word) throws ConfigException {
        TemplateSettings settings = config.policies();
        config = config.withPolicies(
                switch (word) {
                    case "template" ->
                        settings.withTemplate(TemplateSettings.named(argument(word, "a template's name")));
                    case LOCAL_NETWORKS -> settings.withLocalNetworks(networks(word, argument(word, "prefixes")));
                    case REMOTE_NETWORKS -> settings.withRemoteNetworks(networks(word, argument(word, "prefixes")));
                    default -> {
                        int key = (int) number(word, 0, 0xffff_ffffL);
                        yield settings.withKeys(
                                word.equals("okey") ? settings.keyIn() : key,
                                word.equals("ikey") ? settings.keyOut() : key);
                    }
                });
    }

    private void readParameter(String word) throws ConfigException {
        String value = argument(word, "the parameter's value");
        config = withParameter(config, word, new GivenParameter(value, null, 0, word));
    }

    /** @param word {@code template_NAME} */
    static InterfaceConfig withParameter(InterfaceConfig config, String word, GivenParameter value)
            throws ConfigException {
        String name = word.substring(TEMPLATE_PARAMETER.length());
        if (!name.matches(TemplateParameter.NAME)) {
            throw value.error("\"" + name + "\" is no parameter's name: expected small letters, digits and '_'");
        }
        return config.withPolicies(config.policies().withParameter(name, value));
    }

    /** Prefixes with white space or commas between them, or {@code none}; one that is given twice counts once. */
    static List<IpPrefix> networks(String word, String text) throws ConfigException {
        Set<IpPrefix> networks = new LinkedHashSet<>();
        if (text.strip().equals("none")) {
            return List.of();
        }
        for (String each : RcConfInterfaces.words(text.replace(',', ' '))) {
            try {
                networks.add(IpPrefix.parse(each));
            } catch (IllegalArgumentException e) {
                throw new ConfigException(word + ": " + e.getMessage() + "; expected prefixes such as 10.1.0.0/16");
            }
        }
        return List.copyOf(networks);
    }

    private static int mtu(String text) throws ConfigException {
        return text.equals("auto")
                ? InterfaceConfig.AUTO_MTU
                : (int) number("mtu", text, InterfaceConfig.MIN_MTU, InterfaceConfig.MAX_MTU);
    }

    private PacketSettings readPacketSetting(String word) throws ConfigException {
        PacketSettings changed = PacketWords.apply(config.packets(), word, argument(word, PacketWords.expected(word)));
        if (word.equals("tfc") && at < words.size() && words.get(at).equals("dummy")) {
            at++;
            int dummies = (int) number("tfc dummy", 0, PacketSettings.MAX_DUMMIES);
            return changed.withTfc(changed.padToMtu(), dummies);
        }
        return changed;
    }

    private String argument(String word, String expected) throws ConfigException {
        if (at == words.size()) {
            boolean isEmpty = isSetting && at == 1;
            throw new ConfigException(
                    word + (isEmpty ? ": empty; expected " + expected : ": expected " + expected + " after it"));
        }
        return words.get(at++);
    }

    private long number(String word, long least, long most) throws ConfigException {
        String text = argument(word, "a number");
        return number(word, text, least, most);
    }

    /** Decimal, or hexadecimal with 0x. */
    static long number(String word, String text, long least, long most) throws ConfigException {
        long value;
        try {
            value = Long.decode(text.matches("0\\d+") ? text.replaceFirst("^0+(?=.)", "") : text);
        } catch (NumberFormatException e) {
            throw new ConfigException(word + ": " + ConfigException.shown(text) + " is not a number");
        }
        if (value < least || value > most) {
            throw new ConfigException(
                    word + ": " + ConfigException.shownNumber(text) + " is not " + least + " to " + most);
        }
        return value;
    }

    static Encap encap(String text) throws ConfigException {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "no" -> Encap.NO;
            case "udp" -> Encap.UDP;
            default -> throw new ConfigException("encap: " + ConfigException.shown(text) + " is not no or udp");
        };
    }

    private void readTunnel() throws ConfigException {
        if (tunnelGiven) {
            throw new ConfigException("tunnel: given twice");
        }
        tunnelGiven = true;
        IpAddress local = endpoint(argument("tunnel", ENDPOINTS));
        String text = argument("tunnel", ENDPOINTS);
        boolean isName = HostName.isOne(text);
        boolean anywhere = isName || text.equals("any") || text.equals(IkeSettings.ANYBODY);
        config = config.withIke(config.ike().withPeerHost(isName ? text : null))
                .withTunnel(anywhere ? TunnelEndpoints.anywhere(local) : new TunnelEndpoints(local, endpoint(text)));
    }

    private IpAddress endpoint(String text) throws ConfigException {
        try {
            return IpAddress.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("tunnel: " + e.getMessage());
        }
    }

    private void readAddress(String word) throws ConfigException {
        int slash = word.indexOf('/');
        IpAddress local = address(slash < 0 ? word : word.substring(0, slash));
        checkFamily(local);
        int prefixLength = slash < 0 ? -1 : prefixLength(local.family(), word.substring(slash + 1));
        IpAddress remote = null;
        boolean remove = false;
        while (at < words.size()) {
            String next = words.get(at);
            if (next.equals("netmask") || next.equals("prefixlen")) {
                at++;
                prefixLength = next.equals("netmask")
                        ? netmask(local.family(), argument("netmask", "a mask"))
                        : prefixLength(local.family(), argument("prefixlen", "a length"));
            } else if (next.equals("alias")
                    || next.equals("-alias")
                    || next.equals("delete")
                    || next.equals("remove")) {
                at++;
                remove = !next.equals("alias");
            } else if (remote == null && looksLikeAddress(next)) {
                at++;
                remote = address(next);
            } else {
                break;
            }
        }
        if (remove) {
            removeAddress(local);
        } else {
            addAddress(local, prefixLength, remote);
        }
    }

    private static boolean looksLikeAddress(String word) {
        return !word.contains("/") && (word.indexOf(':') >= 0 || word.matches("[0-9.]+"));
    }

    private IpAddress address(String text) throws ConfigException {
        if (!looksLikeAddress(text)) {
            throw new ConfigException("\"" + text + "\" is not understood; known words are " + KNOWN);
        }
        IpAddress address = IpAddress.parse(text);
        if (address.isUnspecified() || address.isMulticast()) {
            throw new ConfigException(text + " is not a unicast address");
        }
        return address;
    }

    private void checkFamily(IpAddress address) throws ConfigException {
        if (family != null && family != address.family()) {
            throw new ConfigException(address + " follows " + family.word() + ", but is not of that family");
        }
    }

    private static int prefixLength(Family family, String text) throws ConfigException {
        return (int) number("prefix length", text, 0, family.addressBits());
    }

    /** Dotted, or hexadecimal as ifconfig(8) prints it. */
    private static int netmask(Family family, String text) throws ConfigException {
        if (family != Family.INET) {
            throw new ConfigException("netmask: IPv6 addresses take prefixlen N");
        }
        long mask = text.startsWith("0x")
                ? number("netmask", text, 0, 0xffff_ffffL)
                : IpAddress.parse(text).low();
        int length = Long.numberOfLeadingZeros(~(mask << 32));
        if (mask != (length == 0 ? 0 : 0xffff_ffffL & (0xffff_ffffL << (32 - length)))) {
            throw new ConfigException("netmask: " + text + " has a one after a zero");
        }
        return length;
    }

    private void addAddress(IpAddress local, int prefixLength, @Nullable IpAddress remote) throws ConfigException {
        int length = prefixLength;
        if (length < 0) {
            if (remote == null && local.family() == Family.INET) {
                throw new ConfigException(local + ": expected a prefix length (" + local + "/30), a netmask or a"
                        + " destination address");
            }
            length = remote != null ? local.family().addressBits() : INET6_PREFIX;
        }
        InnerAddress added = new InnerAddress(local, length, remote);
        List<InnerAddress> addresses = new ArrayList<>(config.addresses());
        int existing = indexOf(addresses, local);
        if (existing >= 0) {
            addresses.set(existing, added);
        } else {
            addresses.add(added);
        }
        config = config.withAddresses(addresses);
        if (!stateGiven) {
            config = config.withUp(true);
        }
    }

    private void removeAddress(IpAddress local) throws ConfigException {
        List<InnerAddress> addresses = new ArrayList<>(config.addresses());
        int existing = indexOf(addresses, local);
        if (existing < 0) {
            throw new ConfigException(config.name() + " has no address " + local);
        }
        addresses.remove(existing);
        config = config.withAddresses(addresses);
    }

    private static int indexOf(List<InnerAddress> addresses, IpAddress local) {
        for (int i = 0; i < addresses.size(); i++) {
            if (addresses.get(i).local().equals(local)) {
                return i;
            }
        }
        return -1;
    }
}
