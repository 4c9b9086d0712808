package org.ipsecif.ike;

import java.util.List;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.OpenedMessage;
import org.ipsecif.ike.message.Payload;

/**
 * An INFORMATIONAL exchange of this end's (RFC 7296 section 1.4): a deletion, a notification, or nothing but the question whether the
 * peer lives.
 */
final class Informational implements Messenger.Exchange {
    private final List<Payload> payloads;
    private final Runnable done;

    /** @param done when it is answered, whatever the answer */
    Informational(List<Payload> payloads, Runnable done) {
        this.payloads = payloads;
        this.done = done;
    }

    /** Is the peer there? */
    static Informational probe() {
        return new Informational(List.of(), () -> {});
    }

    /** The peer is to know; its answer says nothing more. */
    static Informational notice(Payload notification) {
        return new Informational(List.of(notification), () -> {});
    }

    @Override
    public List<Payload> start() {
        return payloads;
    }

    @Override
    public void answered(OpenedMessage response) {
        done.run();
    }

    @Override
    public void malformed(IkeException why) {
        done.run();
    }
}
