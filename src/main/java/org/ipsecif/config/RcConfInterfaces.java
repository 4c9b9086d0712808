package org.ipsecif.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * rc.conf(5)'s variables for interfaces: {@code ifconfig_IF}, {@code ifconfig_IF_aliasN}, {@code ifconfig_IF_ipv6}, {@code
 * ifconfig_IF_descr}, {@code create_args_IF}, {@code ipsecif_IF_*}. Variables of the rest of the system are none of ours.
 */
final class RcConfInterfaces {
    private static final String DYNAMIC = "dynamic";
    private static final String DYNAMIC_MAX = "dynamic_max";

    private static final Pattern OURS = Pattern.compile("ipsec\\d+");
    private static final Pattern IFCONFIG = Pattern.compile("ifconfig_(ipsec\\d+)(_.*)?");
    private static final String IFCONFIG_PREFIX = "ifconfig_";

    /** Other variables in which rc.conf(5), of any release, has addresses of an interface. */
    private static final Pattern OTHER_ADDRESSES =
            Pattern.compile("(?:ipv4_addrs|ipv6_addrs|ipv6_prefix|ipv6_ifconfig)_(.+?)(?:_alias\\d+)?");

    private static final Pattern SUFFIX = Pattern.compile("(_alias(\\d+)|_ipv6|_descr)?");
    private static final Set<String> GLOBALS =
            new TreeSet<>(Set.of("enable", "interfaces", "flags", "rcconf", "java_home", DYNAMIC, DYNAMIC_MAX));

    /** What rc.subr(8) reads as {@code NAME_} for every service, beside {@code enable} and {@code flags}. */
    static final Set<String> OF_EVERY_SERVICE = new TreeSet<>(Set.of(
            "chdir",
            "chroot",
            "cpuset",
            "env",
            "env_file",
            "fib",
            "group",
            "groups",
            "limits",
            "login_class",
            "nice",
            "offcmd",
            "oomprotect",
            "prepend",
            "program",
            "setup",
            "svcj",
            "svcj_ipaddrs",
            "svcj_options",
            "umask",
            "user"));

    /** rc.conf(5), ifconfig_IF: the system's own scripts are to leave this interface alone, which is ours in any case. */
    private static final String NOAUTO = "NOAUTO";

    /** Known {@code ipsecif_IF_} settings; {@link #set} gives each its meaning. */
    private static final Set<String> SETTINGS = new TreeSet<>(Set.of(
            "template",
            "encap",
            "sa_file",
            "key",
            "ikey",
            "okey",
            IfconfigWords.LOCAL_NETWORKS,
            IfconfigWords.REMOTE_NETWORKS));

    static {
        SETTINGS.addAll(PacketWords.KNOWN);
        SETTINGS.addAll(IkeWords.KNOWN);
    }

    private final RcConf rc;
    private final IpsecifConf defaults;
    private final List<String> names = new ArrayList<>();

    /** The beginnings of names. */
    private final List<String> kinds = new ArrayList<>();

    RcConfInterfaces(RcConf rc, IpsecifConf defaults) throws ConfigException {
        this.rc = rc;
        this.defaults = defaults;
        kinds.addAll(listKinds());
        names.addAll(listNames());
        checkVariables();
    }

    /** In the order listed, or in which the variables stand. */
    List<String> names() {
        return names;
    }

    /** rc.subr's checkyesno; without the variable there is nothing to switch off. */
    boolean isEnabled() throws ConfigException {
        RcConf.Variable variable = rc.get("ipsecif_enable");
        if (variable == null) {
            return true;
        }
        return switch (variable.value().toLowerCase(Locale.ROOT)) {
            case "yes", "true", "on", "1" -> true;
            case "no", "false", "off", "0" -> false;
            default -> throw variable.error("\"" + variable.value() + "\" is not YES or NO");
        };
    }

    private List<String> listKinds() throws ConfigException {
        RcConf.Variable list = rc.get("ipsecif_" + DYNAMIC);
        List<String> found = new ArrayList<>();
        if (list == null) {
            return found;
        }
        for (String word : words(list.value())) {
            try {
                String kind = DynamicKinds.beginning(word);
                if (found.contains(kind)) {
                    throw DynamicKinds.wrongName(word);
                }
                found.add(kind);
            } catch (ConfigException e) {
                throw list.error(String.valueOf(e.getMessage()));
            }
        }
        return found;
    }

    /** Interfaces that come into being with a peer, here and in ipsecif.conf. */
    Configuration.Dynamic readDynamic() throws ConfigException {
        List<InterfaceConfig> read = new ArrayList<>();
        for (String kind : kinds) {
            InterfaceConfig config = read(kind);
            String problem = DynamicKinds.problem(config);
            if (problem != null) {
                throw new ConfigException(null, 0, "ifconfig_" + InterfaceName.inVariable(kind), problem);
            }
            read.add(config);
        }
        read.addAll(defaults.readDynamic(kinds));
        return new Configuration.Dynamic(read, most());
    }

    private int most() throws ConfigException {
        RcConf.Variable variable = rc.get("ipsecif_" + DYNAMIC_MAX);
        Integer other = defaults.dynamicMost();
        if (variable == null) {
            return other == null ? Configuration.Dynamic.DEFAULT_MOST : other;
        }
        if (other != null) {
            throw variable.error("ipsecif.conf has dynamic_max already; keep one of the two");
        }
        try {
            return DynamicKinds.most(variable.value());
        } catch (ConfigException e) {
            throw variable.error(String.valueOf(e.getMessage()));
        }
    }

    private Set<String> listNames() throws ConfigException {
        RcConf.Variable list = rc.get("ipsecif_interfaces");
        Set<String> found = new LinkedHashSet<>();
        if (list != null) {
            for (String name : words(list.value())) {
                checkName(list, name);
                found.add(name);
            }
            return found;
        }
        RcConf.Variable cloned = rc.get("cloned_interfaces");
        if (cloned != null) {
            words(cloned.value()).stream()
                    .filter(name -> OURS.matcher(name).matches())
                    .forEach(found::add);
        }
        for (RcConf.Variable variable : rc.all()) {
            Matcher matcher = IFCONFIG.matcher(variable.name());
            if (matcher.matches()) {
                found.add(matcher.group(1));
            }
        }
        return found;
    }

    private static void checkName(RcConf.Variable list, String name) throws ConfigException {
        try {
            InterfaceName.check(name);
        } catch (ConfigException e) {
            throw list.error(String.valueOf(e.getMessage()));
        }
    }

    static List<String> words(String value) {
        return Arrays.stream(value.strip().split("\\s+"))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    /** Every variable that can only be meant for us is one that we know. */
    private void checkVariables() throws ConfigException {
        for (RcConf.Variable variable : rc.all()) {
            String name = variable.name();
            if (name.startsWith("ipsecif_")) {
                checkSetting(variable, name.substring("ipsecif_".length()));
            }
            Matcher other = OTHER_ADDRESSES.matcher(name);
            if (other.matches() && names.stream().map(InterfaceName::inVariable).anyMatch(other.group(1)::equals)) {
                throw variable.error("is not read; the interface's addresses are in " + known(other.group(1)));
            }
            String rest = name.startsWith(IFCONFIG_PREFIX) ? name.substring(IFCONFIG_PREFIX.length()) : "";
            String owner = owner(names, rest);
            if (owner != null && !SUFFIX.matcher(rest.substring(owner.length())).matches()) {
                throw variable.error("unknown variable; known are " + known(owner));
            }
        }
    }

    private static String known(String owner) {
        String prefix = IFCONFIG_PREFIX + owner;
        return prefix + ", " + prefix + "_aliasN, " + prefix + "_ipv6, " + prefix + "_descr";
    }

    /**
     * Whose variable it is, as its name is in variables: vpn_a's and not vpn's, where there are both.
     *
     * @param rest of the variable's name, from the interface's name on
     * @return null if it is nobody's
     */
    private static @Nullable String owner(List<String> names, String rest) {
        return names.stream()
                .map(InterfaceName::inVariable)
                .filter(each -> rest.equals(each) || rest.startsWith(each + "_"))
                .max(Comparator.comparingInt(String::length))
                .orElse(null);
    }

    private void checkSetting(RcConf.Variable variable, String rest) throws ConfigException {
        if (GLOBALS.contains(rest) || OF_EVERY_SERVICE.contains(rest)) {
            return;
        }
        List<String> all = new ArrayList<>(names);
        all.addAll(kinds);
        all.removeIf(each -> InterfaceName.inVariable(each).equals(rest)); // vpn's mss, though there be a vpn-mss
        String owner = owner(all, rest);
        if (owner != null) {
            String setting = rest.substring(owner.length() + 1);
            if (SETTINGS.contains(setting) || setting.startsWith(IfconfigWords.TEMPLATE_PARAMETER)) {
                return;
            }
            throw variable.error("unknown variable; known are ipsecif_" + owner + "_{" + known() + "}");
        }
        throw variable.error("unknown variable, or of an interface that is not configured; known are ipsecif_{"
                + String.join(",", GLOBALS) + "} and ipsecif_IF_{" + known() + "}");
    }

    private static String known() {
        return String.join(",", SETTINGS) + "," + IfconfigWords.TEMPLATE_PARAMETER + "PARAM";
    }

    InterfaceConfig read(String name) throws ConfigException {
        String inVariable = InterfaceName.inVariable(name);
        InterfaceConfig config = defaults.applyDefaults(InterfaceConfig.named(name));
        RcConf.Variable main = rc.get("ifconfig_" + inVariable);
        if (main == null && rc.get("ifconfig_" + inVariable + "_ipv6") == null) {
            throw new ConfigException(
                    listFile(),
                    0,
                    "ifconfig_" + inVariable,
                    "is not there, but " + name + " is listed as an interface");
        }
        config = apply(config, rc.get("create_args_" + inVariable), "");
        config = apply(config, main == null ? null : withoutNoauto(main), "");
        for (RcConf.Variable alias : aliases(inVariable)) {
            config = apply(config, alias, "");
        }
        config = apply(config, rc.get("ifconfig_" + inVariable + "_ipv6"), "inet6 ");
        RcConf.Variable description = rc.get("ifconfig_" + inVariable + "_descr");
        if (description != null) {
            config = set(config, "description", description);
        }
        for (String setting : SETTINGS) {
            RcConf.Variable variable = rc.get("ipsecif_" + inVariable + "_" + setting);
            if (variable != null) {
                config = set(config, setting, variable);
            }
        }
        checkConsistent(config, inVariable, main);
        return withParameters(
                withPlace(config, rc.get("ipsecif_" + inVariable + "_template")), "ipsecif_" + inVariable + "_");
    }

    /** The template's name again, and where it stands. */
    private static InterfaceConfig withPlace(InterfaceConfig config, RcConf.@Nullable Variable variable) {
        return variable == null
                ? config
                : config.withPolicies(config.policies()
                        .withTemplate(new GivenParameter(
                                config.template(), variable.file(), variable.line(), variable.name())));
    }

    /** @param main what the interface is known by; null if it has IPv6 only */
    private void checkConsistent(InterfaceConfig config, String inVariable, RcConf.@Nullable Variable main)
            throws ConfigException {
        Contradiction contradiction = Contradiction.of(config);
        if (contradiction == null) {
            return;
        }
        RcConf.Variable culprit = rc.get("ipsecif_" + inVariable + "_" + contradiction.word());
        RcConf.Variable entry = main != null ? main : rc.get("ifconfig_" + inVariable + "_ipv6");
        if (culprit != null) {
            throw culprit.error(contradiction.problem());
        }
        throw entry == null
                ? contradiction.toException()
                : entry.error(contradiction.word() + ": " + contradiction.problem());
    }

    /** After the template, since its parameters are its own. */
    private InterfaceConfig withParameters(InterfaceConfig config, String prefix) throws ConfigException {
        InterfaceConfig result = config;
        for (RcConf.Variable variable : rc.all()) {
            if (variable.name().startsWith(prefix + IfconfigWords.TEMPLATE_PARAMETER)) {
                GivenParameter given =
                        new GivenParameter(variable.value(), variable.file(), variable.line(), variable.name());
                result = IfconfigWords.withParameter(result, variable.name().substring(prefix.length()), given);
            }
        }
        return result;
    }

    private @Nullable String listFile() {
        RcConf.Variable list = rc.get("ipsecif_interfaces");
        RcConf.Variable cloned = rc.get("cloned_interfaces");
        return list != null ? list.file() : cloned != null ? cloned.file() : null;
    }

    private static RcConf.Variable withoutNoauto(RcConf.Variable main) {
        List<String> rest = words(main.value()).stream()
                .filter(word -> !word.equalsIgnoreCase(NOAUTO))
                .toList();
        return new RcConf.Variable(main.name(), String.join(" ", rest), main.file(), main.line());
    }

    private static InterfaceConfig apply(InterfaceConfig config, RcConf.@Nullable Variable variable, String family)
            throws ConfigException {
        if (variable == null) {
            return config;
        }
        String value = variable.value().strip();
        try {
            return IfconfigWords.applyPart(config, words(value.startsWith(family.strip()) ? value : family + value));
        } catch (ConfigException e) {
            throw variable.error(String.valueOf(e.getMessage()));
        }
    }

    /** rc.conf(5) counts them from 0 without a gap. */
    private List<RcConf.Variable> aliases(String inVariable) throws ConfigException {
        Pattern pattern = Pattern.compile("ifconfig_" + Pattern.quote(inVariable) + "_alias(\\d+)");
        Map<Long, RcConf.Variable> found = new TreeMap<>();
        for (RcConf.Variable variable : rc.all()) {
            Matcher matcher = pattern.matcher(variable.name());
            if (matcher.matches() && matcher.group(1).length() < 10) {
                found.put(Long.valueOf(matcher.group(1)), variable);
            }
        }
        long expected = 0;
        for (Map.Entry<Long, RcConf.Variable> entry : found.entrySet()) {
            if (entry.getKey() != expected++) {
                throw entry.getValue()
                        .error("aliases count from 0 without a gap (rc.conf(5)): there is no _alias" + (expected - 1));
            }
        }
        return List.copyOf(found.values());
    }

    private static InterfaceConfig set(InterfaceConfig config, String setting, RcConf.Variable variable)
            throws ConfigException {
        try {
            return IpsecifConf.set(config, setting, variable.value(), Path.of(variable.file()));
        } catch (ConfigException e) {
            throw variable.error(String.valueOf(e.getMessage()));
        }
    }
}
