package org.ipsecif.sa;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.ipsecif.crypto.Aead;
import org.ipsecif.wire.PacketView;
import org.jspecify.annotations.Nullable;

/**
 * An SAD entry with its cipher and its state (RFC 4301 section 4.4.2). One worker seals or opens with it; the control
 * thread makes and closes it; any thread reads its counters.
 */
public final class SecurityAssociation implements AutoCloseable {
    /** {@link #nextSequence()} has none left: RFC 4303 section 3.3.3 forbids to wrap. */
    public static final long EXHAUSTED = -1;

    /** Of 16 parts of the sequence numbers, after which a new SA is asked for. */
    private static final int SOFT_PARTS = 15;

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private volatile SaParameters parameters;
    private final Aead aead;
    private final ReplayWindow replayWindow;
    private final AtomicLong lastSequence = new AtomicLong();
    private final TrafficCounters traffic = new TrafficCounters();
    private final VerdictCounters verdicts = new VerdictCounters();
    /** Null where every packet is its own, as is common: so one look settles it. */
    private final @Nullable SaSelectors selectors;

    private final long addedNanos;
    private final long lastAllowed;
    private final long softBytes;
    private final long softPackets;
    private final long softSequence;
    private final long hardBytes;
    private final long hardPackets;
    private final AtomicBoolean softRaised = new AtomicBoolean();
    private final AtomicBoolean hardRaised = new AtomicBoolean();

    /**
     * Takes over the keys in {@code parameters}.
     *
     * @param nowNanos of a monotonic clock
     * @throws IllegalArgumentException if keys and algorithms do not fit, naming lengths, never bytes
     */
    public SecurityAssociation(SaParameters parameters, long nowNanos) {
        this.parameters = parameters;
        this.aead = Aead.of(
                parameters.encryption(),
                parameters.encryptionKey(),
                parameters.integrity(),
                parameters.integrityKey(),
                parameters.esn());
        this.lastAllowed = SaParameters.lastSequence(parameters.esn());
        this.replayWindow = new ReplayWindow(parameters.replayWindow());
        if (parameters.sequence() > 0) {
            replayWindow.startAfter(parameters.sequence());
            skipTo(parameters.sequence());
        }
        this.selectors = parameters.selectors().isAny() ? null : parameters.selectors();
        this.addedNanos = nowNanos;
        Lifetimes lifetimes = parameters.lifetimes();
        this.softBytes = limit(lifetimes.softBytes());
        this.softPackets = limit(lifetimes.softPackets());
        this.softSequence = lastAllowed / 16 * SOFT_PARTS;
        this.hardBytes = limit(lifetimes.hardBytes());
        this.hardPackets = limit(lifetimes.hardPackets());
    }

    private static long limit(long given) {
        return given == 0 ? Long.MAX_VALUE : given;
    }

    /** Its addresses are others; all else stays. By the SAD only, which finds it by them. */
    void readdress(SaParameters next) {
        parameters = next;
    }

    public SaParameters parameters() {
        return parameters;
    }

    /** Whether its selectors take the inner packet (RFC 4301 sections 5.1, 5.2). */
    public boolean takes(PacketView packet) {
        return selectors == null || selectors.take(packet);
    }

    /** Whether they take every packet. */
    public boolean takesAll() {
        return selectors == null;
    }

    /** Whether they look at ports, which only whole packets show. */
    public boolean selectsByPort() {
        return selectors != null && selectors.havePorts();
    }

    public Aead aead() {
        return aead;
    }

    public ReplayWindow replayWindow() {
        return replayWindow;
    }

    /** The number of the next outbound packet, from 1, or {@link #EXHAUSTED}. */
    public long nextSequence() {
        long sequence = lastSequence.get() + 1;
        if (sequence > lastAllowed) {
            return EXHAUSTED;
        }
        lastSequence.setPlain(sequence);
        return sequence;
    }

    /**
     * The 64-bit sequence number of a received packet, of which {@code low} is the part on the wire.
     *
     * @return negative if no packet can have it
     */
    public long received(int low) {
        return parameters.esn() ? replayWindow.extend(low) : Integer.toUnsignedLong(low);
    }

    /** The highest sequence number sent or authenticated. */
    public long sequence() {
        return Math.max(lastSequence.get(), replayWindow.highest());
    }

    /** Sends on after {@code sequence}, which is not lower than before. */
    public void skipTo(long sequence) {
        lastSequence.set(sequence);
    }

    public boolean isExhausted() {
        return lastSequence.get() >= lastAllowed;
    }

    /** Whether its hard lifetime in bytes or packets leaves room for another packet. */
    public boolean mayCarryMore() {
        return traffic.bytes() < hardBytes && traffic.packets() < hardPackets;
    }

    /**
     * Counts a packet that was sent or accepted.
     *
     * @param length bytes of the inner packet
     * @return true once, when a soft lifetime has been reached or the sequence numbers come to their end
     */
    public boolean count(int length) {
        traffic.countAlone(length);
        boolean reached = traffic.bytes() >= softBytes
                || traffic.packets() >= softPackets
                || lastSequence.getPlain() >= softSequence;
        return reached && raiseSoft();
    }

    /** @return true once: a new SA is to be asked for */
    private boolean raiseSoft() {
        return !softRaised.get() && softRaised.compareAndSet(false, true);
    }

    /** @return true once: the SA is to be removed */
    public boolean raiseHard() {
        return !hardRaised.get() && hardRaised.compareAndSet(false, true);
    }

    /** Whether a replacement has been asked for. */
    public boolean isDying() {
        return softRaised.get();
    }

    /** @return true once, when the soft lifetime in seconds has passed */
    public boolean reachesSoftAge(long nowNanos) {
        return reached(parameters.lifetimes().softSeconds(), nowNanos) && raiseSoft();
    }

    /** Whether the hard lifetime in seconds has passed. */
    public boolean isOverAge(long nowNanos) {
        return reached(parameters.lifetimes().hardSeconds(), nowNanos);
    }

    private boolean reached(long seconds, long nowNanos) {
        return seconds != 0 && (nowNanos - addedNanos) / NANOS_PER_SECOND >= seconds;
    }

    /** Packets sent or accepted with this SA. */
    public TrafficCounters traffic() {
        return traffic;
    }

    /** Packets dropped that belonged to this SA. */
    public VerdictCounters verdicts() {
        return verdicts;
    }

    /** When it was added, on the clock given to the constructor. */
    public long addedNanos() {
        return addedNanos;
    }

    @Override
    public void close() {
        aead.close();
        parameters.encryptionKey().close();
        parameters.integrityKey().close();
    }
}
