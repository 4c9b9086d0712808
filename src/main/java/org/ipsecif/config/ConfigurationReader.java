package org.ipsecif.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Joins rc.conf and ipsecif.conf into one {@link Configuration}. */
public final class ConfigurationReader {
    private ConfigurationReader() {}

    /**
     * Reads all files.
     *
     * @param rcConfs rc.conf files in order
     * @param conf ipsecif.conf, or null
     * @throws ConfigException with file, line and variable or key
     */
    public static Configuration read(List<Path> rcConfs, @Nullable Path conf) throws ConfigException {
        RcConf rc = RcConf.parse(rcConfs);
        IpsecifConf ini = conf == null ? IpsecifConf.EMPTY : IpsecifConf.read(conf);
        RcConfInterfaces fromRc = new RcConfInterfaces(rc, ini);
        Map<String, InterfaceConfig> interfaces = new LinkedHashMap<>();
        for (String name : fromRc.names()) {
            interfaces.put(name, fromRc.read(name));
        }
        for (String name : ini.interfaceNames()) {
            if (interfaces.containsKey(name)) {
                throw ini.error(name, "rc.conf describes this interface already; keep one of the two");
            }
            interfaces.put(name, ini.read(name));
        }
        boolean enabled = fromRc.isEnabled();
        List<String> warnings = new ArrayList<>();
        if (!enabled) {
            warnings.add("ipsecif_enable is not YES: no interfaces");
            interfaces.clear();
        }
        checkReqids(interfaces.values());
        Configuration.Dynamic dynamic = enabled ? fromRc.readDynamic() : Configuration.Dynamic.NONE;
        checkPools(interfaces.values(), dynamic.kinds());
        List<InterfaceConfig> all = new ArrayList<>(interfaces.values());
        all.addAll(dynamic.kinds());
        warnings.addAll(ikeWarnings(all));
        return new Configuration(
                enabled,
                List.copyOf(interfaces.values()),
                warnings,
                ini.adopt(),
                ini.readAdopted(),
                dynamic,
                ini.kernelSpd());
    }

    /** What is said for all interfaces is complained about once. */
    private static List<String> ikeWarnings(Iterable<InterfaceConfig> interfaces) {
        Map<String, List<String>> names = new LinkedHashMap<>();
        for (InterfaceConfig each : interfaces) {
            each.ike()
                    .warnings()
                    .forEach(warning -> names.computeIfAbsent(warning, key -> new ArrayList<>())
                            .add(each.name()));
        }
        List<String> warnings = new ArrayList<>();
        names.forEach((warning, of) ->
                warnings.add(of.get(0) + (of.size() == 1 ? "" : " and " + (of.size() - 1) + " more") + ": " + warning));
        return warnings;
    }

    private static void checkPools(Iterable<InterfaceConfig> interfaces, List<InterfaceConfig> kinds)
            throws ConfigException {
        for (InterfaceConfig each : interfaces) {
            refuse(each, DynamicKinds.poolProblem(each));
        }
        for (int i = 0; i < kinds.size(); i++) {
            for (InterfaceConfig other : kinds.subList(0, i)) {
                refuse(kinds.get(i), DynamicKinds.problem(kinds.get(i), other));
            }
        }
    }

    private static void refuse(InterfaceConfig config, @Nullable String problem) throws ConfigException {
        if (problem != null) {
            throw new ConfigException(null, 0, config.name(), problem);
        }
    }

    private static void checkReqids(Iterable<InterfaceConfig> interfaces) throws ConfigException {
        Map<Integer, String> owners = new HashMap<>();
        for (InterfaceConfig each : interfaces) {
            String other = each.reqid() == 0 ? null : owners.put(each.reqid(), each.name());
            if (other != null) {
                throw new ConfigException(
                        null,
                        0,
                        each.name(),
                        "reqid " + Integer.toUnsignedString(each.reqid()) + " is " + other
                                + "'s already; reqids are unique");
            }
        }
    }
}
