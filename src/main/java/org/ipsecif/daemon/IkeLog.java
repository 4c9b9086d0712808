package org.ipsecif.daemon;

import java.time.Clock;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.ipsecif.control.IkeEvent;
import org.ipsecif.ike.IkeEvents;
import org.ipsecif.ike.Path;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.MessageText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** IKE's events in the daemon's log, a line each, and for those who ask for them; its messages for those who trace it. Any thread. */
final class IkeLog implements IkeEvents {
    private static final Logger LOG = LoggerFactory.getLogger("ike");

    private final Clock clock;
    private final IkeJournal journal;
    private final IkeStreams streams;
    private final AtomicLong messages = new AtomicLong();

    /** @param clock for people; @param nanoTime monotonic */
    IkeLog(Clock clock, LongSupplier nanoTime) {
        this.clock = clock;
        this.journal = new IkeJournal(clock);
        this.streams = new IkeStreams(nanoTime);
    }

    IkeJournal journal() {
        return journal;
    }

    IkeStreams streams() {
        return streams;
    }

    @Override
    public void log(String peer, String line) {
        LOG.info("{}: {}", peer, line);
        streams.event(journal.add(IkeEvent.INFO, peer, line));
    }

    @Override
    public void warn(String peer, String line) {
        LOG.warn("{}: {}", peer, line);
        streams.event(journal.add(IkeEvent.WARNING, peer, line));
    }

    @Override
    public void message(String peer, Path path, boolean outbound, IkeMessage message) {
        if (LOG.isDebugEnabled()) {
            LOG.debug("{}: {} {} {}", peer, path, outbound ? "-->" : "<--", MessageText.line(message));
        }
        streams.message(
                peer,
                path,
                () -> new IkeEvent(
                        messages.incrementAndGet(),
                        clock.instant().toString(),
                        outbound ? IkeEvent.SENT : IkeEvent.RECEIVED,
                        peer,
                        path + " " + MessageText.of(message)));
    }
}
