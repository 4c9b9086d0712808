package org.ipsecif.config;

import java.util.regex.Pattern;

/** Names of hosts, as RFC 1123 section 2.1 has them. */
final class HostName {
    private static final int MAX_LENGTH = 253;

    /** A dot tells a name from other words, a letter in the last label from an address. */
    private static final Pattern FORM = Pattern.compile(
            "([a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?[.])+"
                    + "([a-z]|[a-z0-9][a-z0-9-]{0,61}[a-z]|[a-z][a-z0-9-]{0,61}[a-z0-9])?",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern NUMBERS = Pattern.compile("[0-9.]*");

    private HostName() {}

    /** Whether it is one with a dot in it, if only at its end. */
    static boolean isOne(String text) {
        return text.length() <= MAX_LENGTH
                && FORM.matcher(text).matches()
                && !NUMBERS.matcher(text).matches();
    }
}
