package org.ipsecif.config;

/**
 * Which of the host's routing tables (forwarding information bases, setfib(1)) an interface's packets go by, as {@code fib} and
 * {@code tunnelfib} of ifconfig(8) say it.
 *
 * @param inner of what comes out of the interface; {@link #PROCESS} for that of the daemon's process
 * @param tunnel of the outer packets; likewise
 */
public record FibNumbers(int inner, int tunnel) {
    /** Not said. */
    public static final int PROCESS = -1;

    public static final FibNumbers OF_PROCESS = new FibNumbers(PROCESS, PROCESS);

    static final String INNER = "fib";
    static final String TUNNEL = "tunnelfib";

    /** RT_MAXFIBS of FreeBSD's net/route.h, less one; a host has fewer. */
    static final int MOST = 65_534;

    FibNumbers with(String word, int value) {
        return word.equals(INNER) ? new FibNumbers(value, tunnel) : new FibNumbers(inner, value);
    }
}
