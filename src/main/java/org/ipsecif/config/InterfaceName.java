package org.ipsecif.config;

import java.util.regex.Pattern;

/** What an interface may be called: on Linux and FreeBSD alike, 15 bytes at most (IFNAMSIZ less the NUL). */
public final class InterfaceName {
    private static final Pattern VALID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,14}");

    private InterfaceName() {}

    /** @throws ConfigException if no interface can have this name */
    public static void check(String name) throws ConfigException {
        if (!VALID.matcher(name).matches()) {
            throw new ConfigException("\"" + name + "\" is not an interface name: expected 1 to 15 letters, digits,"
                    + " '.', '_' or '-', the first a letter or digit");
        }
    }

    /** As rc.subr spells the name inside a variable's name: what a shell's variable cannot hold becomes '_'. */
    static String inVariable(String name) {
        return name.replaceAll("[./+-]", "_");
    }
}
