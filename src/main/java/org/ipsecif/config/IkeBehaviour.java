package org.ipsecif.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What an IKE SA does on its own, and when.
 *
 * @param start at the beginning, and when a connection is lost
 * @param close as said by {@code close_action}; null if nothing was, see {@link #onClose}
 * @param dpd as said by {@code dpd_action}; null if nothing was, see {@link #onDead}
 * @param dpdDelay silence after which the peer is asked for a sign of life; zero for never
 * @param rekeyTime age at which an IKE SA is replaced; zero for never
 * @param childRekeyTime likewise for a Child SA
 * @param fragmentation offers and uses RFC 7383
 * @param childless makes an IKE SA first and then its Child SAs (RFC 6023)
 * @param children as said by {@code children}; null if nothing was: then any-to-any policies share one, others have one each
 * @param limits of SAs beside their age
 * @param selectorNotices tells the peer of packets that do not belong to the SA with which they came (RFC 4301 section 5.2)
 */
public record IkeBehaviour(
        IkeAction start,
        @Nullable IkeAction close,
        @Nullable IkeAction dpd,
        Duration dpdDelay,
        Duration rekeyTime,
        Duration childRekeyTime,
        boolean fragmentation,
        boolean childless,
        @Nullable IkeChildren children,
        Limits limits,
        boolean selectorNotices) {
    /**
     * After what an SA is replaced, beside its age; 0 for never.
     *
     * @param reauthTime since both ends authenticated each other
     * @param childBytes that a Child SA's ESP SA has carried
     * @param childPackets likewise
     */
    public record Limits(Duration reauthTime, long childBytes, long childPackets) {
        static final Limits NONE = new Limits(Duration.ZERO, 0, 0);
    }

    public static final IkeBehaviour DEFAULT = new IkeBehaviour(
            IkeAction.START,
            null,
            null,
            Duration.ofSeconds(30),
            Duration.ofHours(4),
            Duration.ofHours(1),
            true,
            false,
            null,
            Limits.NONE,
            true);

    /** When the peer ends the connection: the same as at the beginning, unless said otherwise. */
    public IkeAction onClose() {
        return close != null ? close : start;
    }

    /** When the peer does not answer any more: likewise. */
    public IkeAction onDead() {
        return dpd != null ? dpd : start;
    }

    /** Whether a packet without an SA to go by begins a connection. */
    public boolean isTrap() {
        return start == IkeAction.TRAP || onClose() == IkeAction.TRAP || onDead() == IkeAction.TRAP;
    }

    IkeBehaviour withStart(IkeAction value) {
        return new IkeBehaviour(
                value,
                close,
                dpd,
                dpdDelay,
                rekeyTime,
                childRekeyTime,
                fragmentation,
                childless,
                children,
                limits,
                selectorNotices);
    }

    IkeBehaviour withClose(IkeAction value) {
        return new IkeBehaviour(
                start,
                value,
                dpd,
                dpdDelay,
                rekeyTime,
                childRekeyTime,
                fragmentation,
                childless,
                children,
                limits,
                selectorNotices);
    }

    IkeBehaviour withDpd(IkeAction value) {
        return new IkeBehaviour(
                start,
                close,
                value,
                dpdDelay,
                rekeyTime,
                childRekeyTime,
                fragmentation,
                childless,
                children,
                limits,
                selectorNotices);
    }

    IkeBehaviour withDpdDelay(Duration value) {
        return new IkeBehaviour(
                start,
                close,
                dpd,
                value,
                rekeyTime,
                childRekeyTime,
                fragmentation,
                childless,
                children,
                limits,
                selectorNotices);
    }

    IkeBehaviour withRekeyTime(Duration value) {
        return new IkeBehaviour(
                start,
                close,
                dpd,
                dpdDelay,
                value,
                childRekeyTime,
                fragmentation,
                childless,
                children,
                limits,
                selectorNotices);
    }

    IkeBehaviour withChildRekeyTime(Duration value) {
        return new IkeBehaviour(
                start,
                close,
                dpd,
                dpdDelay,
                rekeyTime,
                value,
                fragmentation,
                childless,
                children,
                limits,
                selectorNotices);
    }

    IkeBehaviour withFragmentation(boolean value) {
        return new IkeBehaviour(
                start,
                close,
                dpd,
                dpdDelay,
                rekeyTime,
                childRekeyTime,
                value,
                childless,
                children,
                limits,
                selectorNotices);
    }

    IkeBehaviour withChildless(boolean value) {
        return new IkeBehaviour(
                start,
                close,
                dpd,
                dpdDelay,
                rekeyTime,
                childRekeyTime,
                fragmentation,
                value,
                children,
                limits,
                selectorNotices);
    }

    IkeBehaviour withChildren(IkeChildren value) {
        return new IkeBehaviour(
                start,
                close,
                dpd,
                dpdDelay,
                rekeyTime,
                childRekeyTime,
                fragmentation,
                childless,
                value,
                limits,
                selectorNotices);
    }

    IkeBehaviour withLimits(Limits value) {
        return new IkeBehaviour(
                start,
                close,
                dpd,
                dpdDelay,
                rekeyTime,
                childRekeyTime,
                fragmentation,
                childless,
                children,
                value,
                selectorNotices);
    }

    IkeBehaviour withSelectorNotices(boolean value) {
        return new IkeBehaviour(
                start,
                close,
                dpd,
                dpdDelay,
                rekeyTime,
                childRekeyTime,
                fragmentation,
                childless,
                children,
                limits,
                value);
    }
}
