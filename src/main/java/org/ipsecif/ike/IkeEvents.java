package org.ipsecif.ike;

import org.ipsecif.ike.message.IkeMessage;

/** What is told of IKE's doings, a line an event. No key is among it. */
public interface IkeEvents {
    /** @param peer name of the interface, or an address while nobody knows whose it is */
    void log(String peer, String line);

    /** Something is wrong that an administrator of either end can mend. */
    void warn(String peer, String line);

    /** A message that was sent or came, opened. */
    void message(String peer, Path path, boolean outbound, IkeMessage message);
}
