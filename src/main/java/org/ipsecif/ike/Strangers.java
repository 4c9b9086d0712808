package org.ipsecif.ike;

import java.util.List;
import org.ipsecif.ike.message.EncryptedFragmentPayload;
import org.ipsecif.ike.message.EncryptedPayload;
import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.IkeHeader;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.OctetWriter;
import org.ipsecif.ike.message.Octets;

/**
 * What belongs to no SA, of which nobody knows who sent it. It is answered rarely, and what it says is a hint: a reason to ask the peer
 * for a sign of life, and for nothing else (RFC 7296 sections 1.5, 2.21.4).
 */
final class Strangers {
    private static final long SECOND_NANOS = 1_000_000_000L;

    /** Of each kind in a second: lines of the log, answers, hints that are looked at. */
    private static final int MOST = 10;

    /** Nanoseconds between two notices to a peer about ESP with an SPI that this end does not know. */
    private static final long NOTICE_NANOS = 3 * SECOND_NANOS;

    /** So many in a second. */
    private final class Limit {
        private long since = endpoint.timers().now();
        private int passed;

        boolean allows() {
            long now = endpoint.timers().now();
            if (now - since > SECOND_NANOS) {
                since = now;
                passed = 0;
            }
            return ++passed <= MOST;
        }
    }

    private final IkeEndpoint endpoint;
    private final Limit lines;
    private final Limit answers;
    private final Limit hints;

    Strangers(IkeEndpoint endpoint) {
        this.endpoint = endpoint;
        this.lines = new Limit();
        this.answers = new Limit();
        this.hints = new Limit();
    }

    /** What somebody who is not authenticated causes: a few lines a second, lest the log be filled by who likes. */
    void warn(String peer, String line) {
        if (lines.allows()) {
            endpoint.host().events().warn(peer, line);
        }
    }

    /** A message of no IKE SA that there is. A peer that this end has forgotten learns that it has. */
    void receive(IkeMessage message, Path path) {
        IkeHeader header = message.header();
        if (header.response() || !endpoint.peers().mayBe(path)) {
            return;
        }
        NotifyPayload notification =
                message.notification(NotifyType.INVALID_SPI).orElse(null);
        if (isProtected(message)) {
            answer(NotifyType.INVALID_IKE_SPI, header, path);
        } else if (header.is(ExchangeType.INFORMATIONAL) && notification != null && hints.allows()) {
            espHint(notification.data(), path);
        }
    }

    /** A message of another version. RFC 7296 section 2.5: who speaks a later one is told which is spoken here, by the answer's header. */
    void otherVersion(byte[] bytes, int offset, int length, Path path) {
        try {
            IkeHeader header = IkeHeader.parseAnyVersion(bytes, offset, length);
            if (header.majorVersion() > IkeHeader.MAJOR_VERSION
                    && endpoint.peers().mayBe(path)) {
                answer(NotifyType.INVALID_MAJOR_VERSION, header, path);
            }
        } catch (IkeException e) {
            // Nor is it of a later one.
        }
    }

    private static boolean isProtected(IkeMessage message) {
        return message.first(EncryptedPayload.class).isPresent()
                || message.first(EncryptedFragmentPayload.class).isPresent();
    }

    /** Unprotected, to a request; a response to a response could go on for ever. */
    private void answer(NotifyType type, IkeHeader header, Path path) {
        if (!header.response() && answers.allows()) {
            endpoint.host().send(path, new IkeMessage(header.reply(), NotifyPayload.of(type)).encode());
        }
    }

    /** The peer, or somebody in its name, does not know SPIs that this end sends with. */
    void espHint(Octets spi, Path path) {
        for (IkeSa sa : endpoint.all()) {
            if (spi.length() == Integer.BYTES
                    && sa.path().remote().equals(path.remote())
                    && sa.childByOutboundSpi(InformationalResponder.spi(spi)) != null) {
                endpoint.lifecycle().suspect(sa, "does not know an SA that we send with");
            }
        }
    }

    /** @return whether an answer for this IKE SA, which is not protected, is such a hint; then it is no message of the IKE SA */
    boolean isHint(IkeSa sa, IkeMessage message, Path path) {
        if (isProtected(message)) {
            return false;
        }
        boolean answersUs = message.header().response() && message.header().initiator() != sa.isInitiator();
        boolean fromPeer = path.remote().equals(sa.path().remote());
        if (answersUs && fromPeer && message.has(NotifyType.INVALID_IKE_SPI) && hints.allows()) {
            endpoint.lifecycle().suspect(sa, "does not know the IKE_SA");
        }
        return true;
    }

    /**
     * ESP came that this end cannot read, perhaps from a peer that it has forgotten: says so in the IKE SA with that peer. Without one it
     * connects, if that is its task, or else gives the peer a hint.
     */
    void unknownEsp(Path path, int spi) {
        if (endpoint.childSas().isRecent(spi)) {
            return; // it was on its way when the SA was deleted, or comes before the answer that makes the SA
        }
        NotifyPayload notification = NotifyPayload.of(
                NotifyType.INVALID_SPI,
                new OctetWriter().u32(Integer.toUnsignedLong(spi)).toOctets());
        List<IkeSa> known = endpoint.all().stream()
                .filter(sa -> sa.state == IkeSa.State.ESTABLISHED
                        && sa.path().local().equals(path.local())
                        && sa.path().remote().equals(path.remote()))
                .toList();
        List<PeerConfig> peers = endpoint.peers().naming(path);
        known.forEach(sa -> tell(sa, notification));
        if (known.isEmpty()) {
            peers.stream().filter(PeerConfig::start).forEach(peer -> endpoint.connect(peer.name()));
        }
        boolean waits = known.isEmpty()
                && endpoint.peers().mayBe(path)
                && peers.stream().noneMatch(PeerConfig::start);
        if (waits && answers.allows()) {
            hint(path, notification);
        }
    }

    private void tell(IkeSa sa, NotifyPayload notification) {
        long now = endpoint.timers().now();
        if (sa.messenger().isIdle() && (sa.noticedNanos == 0 || now - sa.noticedNanos >= NOTICE_NANOS)) {
            sa.noticedNanos = now;
            sa.messenger().enqueue(ExchangeType.INFORMATIONAL, Informational.notice(notification));
        }
    }

    private void hint(Path path, NotifyPayload notification) {
        IkeHeader header = new IkeHeader(0, 0, ExchangeType.INFORMATIONAL, true, false, 0);
        endpoint.host().send(path, new IkeMessage(header, notification).encode());
    }
}
