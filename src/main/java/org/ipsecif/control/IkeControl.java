package org.ipsecif.control;

import java.util.List;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.jspecify.annotations.Nullable;

/** What the control protocol can ask of IKE. A call may wait, and holds up nobody else. Keys are never told. */
public interface IkeControl {
    /** The IKE SAs. @param name of one interface, or null for all */
    List<IkeSaStatus> list(@Nullable String name) throws RefusedException;

    /**
     * Connects, and makes the Child SAs that are missing; waits until all is up.
     *
     * @param seconds for which it waits at most
     * @throws RefusedException with what the log says of the reason
     */
    void up(String name, int seconds) throws RefusedException;

    /** Deletes the IKE SAs of an interface and tells the peer; it is not connected again until somebody or a packet asks. */
    void down(String name) throws RefusedException;

    /**
     * Replaces an interface's IKE SA, its Child SAs, or one after the other; waits until that is done.
     *
     * @param what {@code ike}, {@code child}, or null for both
     * @param seconds for which it waits at most
     */
    void rekey(String name, @Nullable String what, int seconds) throws RefusedException;

    /**
     * The last events.
     *
     * @param name of an interface, or null for all and for strangers
     * @param most how many at most
     */
    List<IkeEvent> log(@Nullable String name, int most) throws RefusedException;

    /**
     * Begins a stream of what happens from now on. It ends when nobody has asked for its events for half a minute.
     *
     * @param trace whether messages are wanted, decoded, rather than events
     * @param name of an interface, or null for all
     * @return its name
     */
    String follow(boolean trace, @Nullable String name) throws RefusedException;

    /** What a stream has had since the last call. @param seconds to wait for the first event; 0 does not wait */
    IkeEventBatch next(String stream, int seconds) throws RefusedException;

    /**
     * Writes the keys of an interface's SAs to a new private file, as a table of Wireshark's.
     *
     * @param table {@code ike} or {@code esp}
     * @param file absolute path; nothing may be there, and its directory has to be nobody else's
     */
    IkeKeyFile keys(String name, String table, String file) throws RefusedException;
}
