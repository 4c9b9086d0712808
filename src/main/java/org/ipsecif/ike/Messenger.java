package org.ipsecif.ike;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.ipsecif.ike.message.EncryptedFragmentPayload;
import org.ipsecif.ike.message.EncryptedPayload;
import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.ike.message.FragmentReassembler;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.IkeHeader;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.MessageSealer;
import org.ipsecif.ike.message.OpenedMessage;
import org.ipsecif.ike.message.Payload;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one IKE SA, after IKE_SA_INIT: numbers, a window of one each way, retransmission, protection, fragments (RFC 7296
 * sections 2.1 to 2.3, RFC 7383). Requests wait here for their turn.
 */
final class Messenger {
    /** What the messages lead to. */
    interface Receiver {
        /** A request, in its turn; to be answered by {@link #respond}, at once or later. */
        void request(OpenedMessage request);

        /** A request that is authentic and cannot be read. */
        void malformedRequest(IkeHeader header, IkeException why);

        /** The peer lives, and is there. */
        void authentic(Path from, boolean newRequest);

        /** A request has gone unanswered. */
        void unanswered();
    }

    /** What a request of this end's leads to. */
    interface Exchange {
        /** Called in its turn. @return the payloads to send; null to send nothing, after all */
        @Nullable
        List<Payload> start();

        /** The IKE SA has ended before the answer, and another has taken its place. */
        default void goOnWith(IkeSa next) {}

        void answered(OpenedMessage response);

        /** The response is authentic and cannot be read. */
        default void malformed(IkeException why) {}
    }

    private record Waiting(ExchangeType type, Exchange exchange) {}

    /** Bytes: what passes everywhere (RFC 7383 section 2.5.1), less IP and UDP headers and non-ESP marker. */
    private static final int MAX_INET_MESSAGE = 576 - 20 - 8 - 4;

    private static final int MAX_INET6_MESSAGE = 1280 - 40 - 8 - 4;
    private static final int REASSEMBLY_LIMIT = 40_000;

    private final IkeSa sa;
    private final IkeHost host;
    private final Timers timers;
    private final Receiver receiver;
    private final Deque<Waiting> queue = new ArrayDeque<>();
    private final FragmentReassembler requests = new FragmentReassembler(REASSEMBLY_LIMIT);
    private final FragmentReassembler responses = new FragmentReassembler(REASSEMBLY_LIMIT);

    private long nextId;
    private long expectedId;
    private @Nullable Waiting outstanding;
    private List<byte[]> sent = List.of();
    private int transmissions;
    private Timers.@Nullable Timer retransmission;
    private @Nullable Path answerTo;
    private boolean hurried;
    private List<Path> elsewhere = List.of();
    private long datagrams;
    private boolean answering;
    private List<byte[]> lastResponse = List.of();

    /**
     * @param nextId of the first request to send
     * @param expectedId of the first request to come
     */
    Messenger(IkeSa sa, IkeHost host, Timers timers, Receiver receiver, long nextId, long expectedId) {
        this.sa = sa;
        this.host = host;
        this.timers = timers;
        this.receiver = receiver;
        this.nextId = nextId;
        this.expectedId = expectedId;
    }

    /** Sends a request as soon as those before it are answered. */
    void enqueue(ExchangeType type, Exchange exchange) {
        queue.add(new Waiting(type, exchange));
        sendNext();
    }

    /** Sends a request before all others that wait. */
    void enqueueFirst(ExchangeType type, Exchange exchange) {
        queue.addFirst(new Waiting(type, exchange));
        sendNext();
    }

    boolean isIdle() {
        return outstanding == null && queue.isEmpty();
    }

    /**
     * There is reason to believe that the peer is gone: what is outstanding goes out again at once, and only so often as
     * {@link IkeTimes#HURRIED_TRANSMISSIONS} says; if nothing is, then the probe.
     */
    void hurry(Exchange probe) {
        if (hurried) {
            return;
        }
        hurried = true;
        if (outstanding == null) {
            enqueue(ExchangeType.INFORMATIONAL, probe);
        } else {
            cancelRetransmission();
            transmissions = 0;
            transmit();
        }
    }

    /** By another path: what is outstanding goes there now. */
    void resend() {
        if (outstanding != null) {
            cancelRetransmission();
            transmissions = 0;
            transmit();
        }
    }

    /**
     * What went unanswered goes there too, a few times, before it counts as unanswered again. Not if there was reason to believe that the
     * peer has lost its state, which it has everywhere.
     *
     * @return false if that is done already, or not to be done
     */
    boolean searches(List<Path> others) {
        if (hurried || outstanding == null) {
            return false;
        }
        hurried = true;
        elsewhere = List.copyOf(others);
        resend();
        return true;
    }

    boolean isSearching() {
        return !elsewhere.isEmpty();
    }

    private void sendNext() {
        while (outstanding == null && !sa.isClosed() && !queue.isEmpty()) {
            Waiting next = queue.remove();
            List<Payload> payloads = next.exchange.start();
            if (payloads != null) {
                outstanding = next;
                IkeHeader header =
                        new IkeHeader(sa.initiatorSpi(), sa.responderSpi(), next.type, sa.isInitiator(), false, nextId);
                sent = sealed(new IkeMessage(header, payloads));
                transmissions = 0;
                transmit();
            }
        }
    }

    private List<byte[]> sealed(IkeMessage message) {
        host.events().message(sa.name(), sa.path(), true, message);
        MessageSealer sealer = new MessageSealer(sa.protection());
        return sa.fragments() ? sealer.seal(message, maxLength()) : List.of(sealer.seal(message));
    }

    private int maxLength() {
        return sa.path().local().family() == org.ipsecif.sa.Family.INET6 ? MAX_INET6_MESSAGE : MAX_INET_MESSAGE;
    }

    /** Sent so far. */
    long datagrams() {
        return datagrams;
    }

    private void send(Path path, List<byte[]> messages) {
        datagrams += messages.size();
        messages.forEach(each -> host.send(path, each));
    }

    private void transmit() {
        transmissions++;
        send(sa.path(), sent);
        elsewhere.forEach(each -> send(each, sent));
        IkeTimes times = sa.times();
        boolean last = transmissions >= (hurried ? IkeTimes.HURRIED_TRANSMISSIONS : times.transmissions());
        long wait = hurried ? IkeTimes.HURRIED_WAIT : times.waitAfter(transmissions);
        retransmission = timers.after(wait, last ? receiver::unanswered : this::transmit);
    }

    /** Takes a message that came for this IKE SA. What is not authentic changes nothing. */
    void receive(IkeMessage outer, byte[] bytes, int offset, int length, Path from) {
        IkeHeader header = outer.header();
        if (header.initiator() == sa.isInitiator()) {
            return; // one of this end's own, sent back
        }
        if (header.response()) {
            receiveResponse(outer, bytes, offset, length, from);
        } else if (header.messageId() == expectedId && !answering && sa.state != IkeSa.State.DELETED) {
            receiveRequest(outer, bytes, offset, length, from);
        } else if (header.messageId() == expectedId - 1 && isFirst(outer)) {
            send(from, lastResponse);
        }
    }

    /** RFC 7383 section 2.6.1: only the first fragment of a repeated request is answered. */
    private static boolean isFirst(IkeMessage outer) {
        return outer.first(EncryptedFragmentPayload.class)
                .map(each -> each.number() == 1)
                .orElse(true);
    }

    private void receiveRequest(IkeMessage outer, byte[] bytes, int offset, int length, Path from) {
        try {
            OpenedMessage request = open(outer, bytes, offset, length, requests);
            if (request != null) {
                begin(from);
                host.events().message(sa.name(), from, false, request.message());
                receiver.authentic(from, true);
                receiver.request(request);
            }
        } catch (IkeException e) {
            begin(from);
            receiver.authentic(from, true);
            receiver.malformedRequest(outer.header(), e);
        }
    }

    /** The answer goes where the request came from (RFC 7296 section 2.11). */
    private void begin(Path from) {
        answering = true;
        answerTo = from;
    }

    private void receiveResponse(IkeMessage outer, byte[] bytes, int offset, int length, Path from) {
        Waiting waiting = outstanding;
        if (waiting == null
                || outer.header().messageId() != nextId
                || !outer.header().is(waiting.type)) {
            return;
        }
        try {
            OpenedMessage response = open(outer, bytes, offset, length, responses);
            if (response != null) {
                host.events().message(sa.name(), from, false, response.message());
                receiver.authentic(from, false);
                settle();
                waiting.exchange.answered(response);
                sendNext();
            }
        } catch (IkeException e) {
            settle();
            waiting.exchange.malformed(e);
            sendNext();
        }
    }

    private void cancelRetransmission() {
        if (retransmission != null) {
            retransmission.cancel();
        }
    }

    private void settle() {
        cancelRetransmission();
        hurried = false;
        elsewhere = List.of();
        outstanding = null;
        sent = List.of();
        nextId++;
    }

    /** @return null if it is not authentic, or fragments are missing */
    private @Nullable OpenedMessage open(
            IkeMessage outer, byte[] bytes, int offset, int length, FragmentReassembler reassembler)
            throws IkeException {
        if (outer.first(EncryptedPayload.class).isPresent()) {
            return OpenedMessage.open(outer, bytes, offset, length, sa.protection());
        }
        if (outer.first(EncryptedFragmentPayload.class).isEmpty() || !sa.fragments()) {
            return null;
        }
        var outcome = reassembler.add(outer, bytes, offset, length, sa.protection());
        return outcome == FragmentReassembler.Outcome.COMPLETE ? reassembler.take() : null;
    }

    /** As if the request had not come: it will come again. */
    void ignore() {
        answering = false;
    }

    /** Answers the request that {@link Receiver#request} was given. */
    void respond(IkeHeader request, List<Payload> payloads) {
        answering = false;
        expectedId++;
        if (!sa.isClosed()) {
            lastResponse = sealed(new IkeMessage(request.reply(), payloads));
            send(answerTo == null ? sa.path() : answerTo, lastResponse);
        }
    }

    /** What has not been answered, or not been sent, is to go on with another IKE SA. */
    void handOver(IkeSa next) {
        List<Waiting> left = new ArrayList<>(queue);
        if (outstanding != null) {
            left.add(0, outstanding);
        }
        stop();
        left.forEach(each -> each.exchange.goOnWith(next));
    }

    /** Nothing more is sent again but answers; what waits never goes. */
    void stop() {
        cancelRetransmission();
        queue.clear();
        outstanding = null;
    }
}
