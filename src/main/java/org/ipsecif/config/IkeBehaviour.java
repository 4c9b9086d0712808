package org.ipsecif.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What an IKE SA does on its own, and when.
 *
 * @param start at the beginning, and when a connection is lost
 * @param close as said by {@code close_action}; null if nothing was, see {@link #onClose}
 * @param dpdDelay silence after which the peer is asked for a sign of life; zero for never
 * @param rekeyTime age at which an IKE SA is replaced; zero for never
 * @param childRekeyTime likewise for a Child SA
 * @param fragmentation offers and uses RFC 7383
 * @param childless makes an IKE SA first and then its Child SAs (RFC 6023)
 * @param children as said by {@code children}; null if nothing was: then any-to-any policies share one, others have one each
 */
public record IkeBehaviour(
        IkeAction start,
        @Nullable IkeAction close,
        Duration dpdDelay,
        Duration rekeyTime,
        Duration childRekeyTime,
        boolean fragmentation,
        boolean childless,
        @Nullable IkeChildren children) {
    public static final IkeBehaviour DEFAULT = new IkeBehaviour(
            IkeAction.START, null, Duration.ofSeconds(30), Duration.ofHours(4), Duration.ofHours(1), true, false, null);

    /** When the peer ends the connection: the same as at the beginning, unless said otherwise. */
    public IkeAction onClose() {
        return close != null ? close : start;
    }

    IkeBehaviour withStart(IkeAction value) {
        return new IkeBehaviour(value, close, dpdDelay, rekeyTime, childRekeyTime, fragmentation, childless, children);
    }

    IkeBehaviour withClose(IkeAction value) {
        return new IkeBehaviour(start, value, dpdDelay, rekeyTime, childRekeyTime, fragmentation, childless, children);
    }

    IkeBehaviour withDpdDelay(Duration value) {
        return new IkeBehaviour(start, close, value, rekeyTime, childRekeyTime, fragmentation, childless, children);
    }

    IkeBehaviour withRekeyTime(Duration value) {
        return new IkeBehaviour(start, close, dpdDelay, value, childRekeyTime, fragmentation, childless, children);
    }

    IkeBehaviour withChildRekeyTime(Duration value) {
        return new IkeBehaviour(start, close, dpdDelay, rekeyTime, value, fragmentation, childless, children);
    }

    IkeBehaviour withFragmentation(boolean value) {
        return new IkeBehaviour(start, close, dpdDelay, rekeyTime, childRekeyTime, value, childless, children);
    }

    IkeBehaviour withChildless(boolean value) {
        return new IkeBehaviour(start, close, dpdDelay, rekeyTime, childRekeyTime, fragmentation, value, children);
    }

    IkeBehaviour withChildren(IkeChildren value) {
        return new IkeBehaviour(start, close, dpdDelay, rekeyTime, childRekeyTime, fragmentation, childless, value);
    }
}
