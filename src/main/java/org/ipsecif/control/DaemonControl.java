package org.ipsecif.control;

import java.util.List;
import org.ipsecif.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * What the control protocol can ask of the daemon; the server calls it, the daemon implements it. Every call is run on
 * the daemon's control thread by the implementation, and returns when done. A call that fails changes nothing.
 */
public interface DaemonControl {
    /** A request that is well-formed but cannot be done; the message is for the user. */
    final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;

        public RefusedException(String message) {
            super(message);
        }
    }

    /**
     * Makes an interface, and applies ifconfig(8) words to it.
     *
     * @param name the wanted name, or {@code ipsec} for the lowest free {@code ipsecN}
     * @param words such as {@code reqid 100 inet tunnel A B}; may be empty
     * @return the name it got, and warnings
     */
    Created create(String name, List<String> words) throws ConfigException, RefusedException;

    /** Applies ifconfig(8) words to an interface that exists. @return warnings, if any */
    List<String> configure(String name, List<String> words) throws ConfigException, RefusedException;

    void destroy(String name) throws RefusedException;

    /** @param name one interface, or null for all, in the order of their names */
    List<InterfaceStatus> interfaces(@Nullable String name) throws RefusedException;

    /**
     * Runs a setkey(8) script, all of it or nothing.
     *
     * @param origin the file's name for messages, such as {@code /etc/ipsecif/ipsec0.sa} or {@code <stdin>}
     * @param script the text
     * @return what {@code dump}, {@code spddump} and {@code get} statements print
     */
    SetkeyResult setkey(String origin, String script) throws ConfigException, RefusedException;

    /** The SAD. */
    List<SaStatus> securityAssociations();

    /** Removes all SAs. */
    void flushSecurityAssociations();

    /** The in-process SPD beside the kernel's. @param name one interface, or null for all */
    List<PolicyStatus> policies(@Nullable String name) throws RefusedException;

    /** @param name one template, or null for all, sorted; of all, one with a mistake says so instead of failing the call */
    List<TemplateStatus> templates(@Nullable String name) throws ConfigException;

    /** Reads a template that the daemon does not have yet. @param origin the file's name for messages */
    TemplateCheck checkTemplate(String origin, String text) throws ConfigException;

    /**
     * What a template would make of an interface; changes nothing.
     *
     * @param template its name
     * @param name an interface that is there or not
     * @param words of ifconfig(8), applied to what it is
     * @param dialect a program whose statements are wanted, such as {@code ip-xfrm}, or null
     */
    Rendering render(String template, String name, List<String> words, @Nullable String dialect)
            throws ConfigException, RefusedException;

    /** IKE. */
    IkeControl ike();

    /** Datagrams that belong to no interface: keepalives, unknown SPIs. One per reason, all of them, zeros included. */
    List<Counter> hostCounters();

    /** Reads the configuration again and applies the difference, as SIGHUP. @return one line for each change made */
    List<String> reload() throws ConfigException, RefusedException;

    /** The daemon's memory, and what its collector costs. */
    MemoryStatus memory();

    /** The daemon's version. */
    String version();

    /** The Java that runs the daemon: version, vendor, home, collector and the heap's limit, in a line. */
    String java();
}
