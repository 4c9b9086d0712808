package org.ipsecif.config;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpPrefix;
import org.jspecify.annotations.Nullable;

/** Names and limits of interfaces that come into being with a peer, in rc.conf and ipsecif.conf alike. */
final class DynamicKinds {
    /** Letters before the number of such an interface, which has up to five digits. */
    private static final Pattern NAME = Pattern.compile("([A-Za-z][A-Za-z0-9._-]{0,8}[A-Za-z._-]|[A-Za-z])%d");

    private static final Pattern MOST = Pattern.compile("[1-9][0-9]{0,4}");

    /** Of an interface that has no business with one. */
    static final String POOLS = "a pool is for interfaces that come into being with a peer (ipsecif_dynamic)";

    private DynamicKinds() {}

    /** What their names begin with. @throws ConfigException if these are no names of interfaces with {@code %d} for a number */
    static String beginning(String name) throws ConfigException {
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            throw wrongName(name);
        }
        return matcher.group(1);
    }

    static ConfigException wrongName(String name) {
        return new ConfigException("\"" + name
                + "\": expected different names that end in %d, such as branch%d, of at most 10 letters before it");
    }

    /** What keeps an interface from being of a kind; null if nothing does. */
    static @Nullable String problem(InterfaceConfig config) {
        boolean anywhere = config.tunnel() != null && config.tunnel().isAnywhere();
        if (!anywhere || config.ike().peerHost() != null || !config.ike().isUsed()) {
            return "an interface that comes into being with a peer has tunnel LOCAL any, and IKE";
        }
        if (config.reqid() != 0) {
            return "reqids of interfaces that come into being with a peer are automatic";
        }
        for (Family family : Family.values()) {
            List<InnerAddress> own = config.addresses().stream()
                    .filter(each -> each.family() == family)
                    .toList();
            boolean open = !own.isEmpty() && own.stream().allMatch(each -> each.remote() == null);
            if (config.ike().addresses().assigns(family) && !open) {
                return "the pool has addresses of the family " + family.word()
                        + "; expected inner ones of this end's, without destinations";
            }
        }
        return null;
    }

    /** What keeps two kinds from being beside each other; null if nothing does. */
    static @Nullable String problem(InterfaceConfig one, InterfaceConfig other) {
        for (IpPrefix pool : one.ike().addresses().pool()) {
            for (IpPrefix others : other.ike().addresses().pool()) {
                if (pool.contains(others.address()) || others.contains(pool.address())) {
                    return "the pool " + pool + " has addresses of " + other.name() + "%d's " + others;
                }
            }
        }
        return null;
    }

    /** What keeps an interface that does not come and go from having a pool; null if nothing does. */
    static @Nullable String poolProblem(InterfaceConfig config) {
        return config.ike().addresses().assigns() ? POOLS : null;
    }

    /** How many of them there may be. */
    static int most(String value) throws ConfigException {
        if (!MOST.matcher(value).matches()) {
            throw new ConfigException("\"" + value + "\" is not a number from 1 to 99999");
        }
        return Integer.parseInt(value);
    }
}
