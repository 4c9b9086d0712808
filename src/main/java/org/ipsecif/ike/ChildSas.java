package org.ipsecif.ike;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.ipsecif.crypto.ChildKeys;
import org.ipsecif.crypto.KeyDerivation;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.ike.message.AddressRange;
import org.ipsecif.ike.message.DeletePayload;
import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.OpenedMessage;
import org.ipsecif.ike.message.Payload;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.Lifetimes;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.SaSelectors;
import org.jspecify.annotations.Nullable;

/** Makes Child SAs of agreements, and brings them to the SAD and out of it. */
final class ChildSas {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** Of an SA's planned age, after which it ends though nobody could replace it. */
    private static final double HARD = 1.25;

    /** For which ESP may be on its way that was sent with an SA before it was deleted, or before this end had it. */
    private static final long ON_THE_WAY = 5 * NANOS_PER_SECOND;

    private static final int MOST_REMEMBERED = 4_096;

    private final ChildSaSink sink;
    private final IkeEndpoint endpoint;

    /** Inbound SPIs that were given out or removed lately, and when, the oldest first. */
    private final Map<Integer, Long> recent = new LinkedHashMap<>();

    ChildSas(IkeEndpoint endpoint) {
        this.endpoint = endpoint;
        this.sink = endpoint.host().childSas();
    }

    /** Whether this is the SPI of an inbound SA that has just been removed, or is about to be added. */
    boolean isRecent(int spi) {
        Long when = recent.get(spi);
        return when != null && endpoint.timers().now() - when < ON_THE_WAY;
    }

    /**
     * Whether the peer has a Child SA for certain: it has said so, has sent with it, or has given up asking for it by now. One that does not
     * know it would take this end's wish to replace it for a mistake.
     */
    boolean isConfirmed(IkeSa sa, ChildSa child) {
        return child.confirmed
                || sink.packets(child.inbound()) > 0
                || endpoint.timers().now() - child.madeNanos > sa.times().patience();
    }

    private void remember(int spi) {
        long now = endpoint.timers().now();
        var oldest = recent.entrySet().iterator();
        while (oldest.hasNext() && (now - oldest.next().getValue() >= ON_THE_WAY || recent.size() >= MOST_REMEMBERED)) {
            oldest.remove();
        }
        recent.remove(spi); // to the end
        recent.put(spi, now);
    }

    /** This end is elsewhere. */
    void readdress(ChildSa child, IpAddress local) {
        SaParameters inbound = child.inbound();
        SaParameters outbound = child.outbound();
        child.readdress(inbound.between(inbound.source(), local), outbound.between(local, outbound.destination()));
        sink.readdress(inbound, child.inbound());
        if (child.outboundAdded) {
            sink.readdress(outbound, child.outbound());
        }
    }

    private IkeEvents events() {
        return endpoint.host().events();
    }

    int allocateSpi() {
        int spi = sink.allocateSpi();
        remember(spi);
        return spi;
    }

    /** @param shared secrets of the exchange's own key exchanges */
    ChildSa make(IkeSa sa, Agreement agreement, List<KeyMaterial> shared) {
        KeyDerivation derivation = new KeyDerivation(
                sa.prf(),
                agreement.initiatorNonce().toBytes(),
                agreement.responderNonce().toBytes());
        ChildKeys keys =
                derivation.childKeys(sa.keys().skD(), shared, agreement.chosen().suite());
        boolean initiator = agreement.initiator();
        SaParameters inbound = parameters(
                sa,
                agreement,
                true,
                initiator ? keys.responderEncryption() : keys.initiatorEncryption(),
                initiator ? keys.responderIntegrity() : keys.initiatorIntegrity());
        SaParameters outbound = parameters(
                sa,
                agreement,
                false,
                initiator ? keys.initiatorEncryption() : keys.responderEncryption(),
                initiator ? keys.initiatorIntegrity() : keys.responderIntegrity());
        boolean inUdp = sa.nat.any() || sa.peer().forceEncapsulation();
        return new ChildSa(agreement, sa.path(), inUdp, inbound, outbound);
    }

    private SaParameters parameters(
            IkeSa sa, Agreement agreement, boolean inbound, KeyMaterial encryption, KeyMaterial integrity) {
        IpAddress known = sa.peer().remote();
        IpAddress remote = known != null ? known : sa.path().remote(); // a NAT may have it elsewhere for now
        IpAddress local = sa.path().local();
        ChildConfig config = agreement.config();
        return new SaParameters(
                inbound ? remote : local,
                inbound ? local : remote,
                inbound ? agreement.localSpi() : agreement.remoteSpi(),
                config.reqid(),
                config.mode(),
                agreement.chosen().suite().encryption(),
                encryption,
                agreement.chosen().suite().integrity(),
                integrity,
                config.replayWindow(),
                agreement.chosen().esn(),
                lifetimes(sa.times()),
                inbound
                        ? selectors(agreement.remote(), agreement.local())
                        : selectors(agreement.local(), agreement.remote()),
                0);
    }

    private static SaSelectors selectors(List<AddressRange> sources, List<AddressRange> destinations) {
        SaSelectors selectors = SaSelectors.between(
                sources.stream().map(AddressRange::toTrafficRange).toList(),
                destinations.stream().map(AddressRange::toTrafficRange).toList());
        return selectors.isAny() ? SaSelectors.ANY : selectors; // of which there are many
    }

    /** A soft age is IKE's own business. */
    private Lifetimes lifetimes(IkeTimes times) {
        return new Lifetimes(
                0,
                (long) hard(times.rekeyChild() / NANOS_PER_SECOND),
                soft(times.rekeyBytes()),
                (long) hard(times.rekeyBytes()),
                soft(times.rekeyPackets()),
                (long) hard(times.rekeyPackets()));
    }

    private static double hard(long soft) {
        return soft == 0 ? 0 : soft * HARD + 1;
    }

    /** Not both ends at once. */
    private long soft(long wanted) {
        return wanted == 0 ? 0 : Math.max(1, endpoint.lifecycle().jittered(wanted));
    }

    /**
     * Adds the inbound SA, and the outbound one if the peer is ready for it.
     *
     * @param done with null when both ends may use it, else with why the SAD refused it
     */
    void add(IkeSa sa, ChildSa child, boolean outboundToo, Consumer<@Nullable String> done) {
        sa.children.add(child);
        child.owner = sa;
        child.madeNanos = endpoint.timers().now();
        sink.add(child, child.inbound(), refused -> {
            if (refused != null) {
                sa.children.remove(child);
                child.state = ChildSa.State.GONE;
                done.accept(refused);
            } else if (outboundToo) {
                addOutbound(sa, child, done);
            } else {
                child.state = ChildSa.State.ACTIVE;
                done.accept(null);
            }
        });
    }

    /** Traffic to the peer changes over. */
    void addOutbound(IkeSa sa, ChildSa child, Consumer<@Nullable String> done) {
        if (child.outboundAdded || child.state == ChildSa.State.GONE) {
            done.accept(null);
            return;
        }
        child.outboundAdded = true;
        sink.add(child, child.outbound(), refused -> {
            if (refused != null) {
                remove(sa, child);
            } else if (child.state == ChildSa.State.ADDING) {
                child.state = ChildSa.State.ACTIVE;
            }
            done.accept(refused);
        });
    }

    void addOutbound(IkeSa sa, ChildSa child) {
        addOutbound(sa, child, refused -> {
            if (refused != null) {
                events().warn(sa.name(), "CHILD_SA " + child + ": " + refused);
            }
        });
    }

    /** Sends no more with it. */
    void silence(ChildSa child) {
        if (child.outboundAdded) {
            child.outboundAdded = false;
            sink.remove(child, child.outbound());
        }
    }

    /** @param done called when packets see all that was asked for before */
    void settled(Runnable done) {
        sink.settled(done);
    }

    /** Takes both SAs out of the SAD, if they are there. */
    void remove(IkeSa sa, ChildSa child) {
        remove(sa, child, () -> sink.remove(child, child.inbound()));
    }

    /** Likewise, after both ends have agreed to: what the peer sent before still arrives. */
    void retire(IkeSa sa, ChildSa child) {
        remove(sa, child, () -> sink.retire(child, child.inbound()));
    }

    private void remove(IkeSa sa, ChildSa child, Runnable removeInbound) {
        sa.children.remove(child);
        if (child.state == ChildSa.State.GONE) {
            return;
        }
        child.state = ChildSa.State.GONE;
        endpoint.lifecycle().forget(child);
        removeInbound.run();
        remember(child.inbound().spi());
        if (child.outboundAdded) {
            sink.remove(child, child.outbound());
        } else {
            child.outbound().encryptionKey().close();
            child.outbound().integrityKey().close();
        }
    }

    /** Of an exchange that this end initiated: the peer can receive already. */
    void install(
            IkeSa sa,
            Agreement agreement,
            List<KeyMaterial> shared,
            Consumer<ChildSa> done,
            Consumer<String> notTaken) {
        ChildSa child = make(sa, agreement, shared);
        child.confirmed = true;
        shared.forEach(KeyMaterial::close);
        add(sa, child, true, refused -> {
            if (refused != null) {
                String line = missing(sa, "no CHILD_SA " + child + ": " + refused);
                disown(sa, child.inbound().spi());
                notTaken.accept(line);
                return;
            }
            established(sa, child);
            done.accept(child);
        });
    }

    /**
     * Deletes a Child SA that the peer has and this end has not: its answer could not be used, or the SAD has refused what came of it.
     *
     * @param spi of the SA towards this end, as it was offered
     */
    void disown(IkeSa sa, int spi) {
        sa.messenger().enqueueFirst(ExchangeType.INFORMATIONAL, new Disowning(spi));
    }

    void established(IkeSa sa, ChildSa child) {
        events().log(
                        sa.name(),
                        "CHILD_SA " + child + " established, " + child.algorithms()
                                + (child.inUdp() ? ", in UDP" : ""));
        endpoint.lifecycle().childEstablished(sa, child);
    }

    /** What was wished for is not there. @return the line in the log */
    String missing(IkeSa sa, ChildWish wish, @Nullable String why) {
        return missing(sa, "no CHILD_SA " + wish.config().name() + ": " + why);
    }

    private String missing(IkeSa sa, String line) {
        events().warn(sa.name(), line);
        sa.wants.problem = line;
        return line;
    }

    /** Likewise because the peer does not want it. */
    String refused(IkeSa sa, ChildWish wish, NotifyPayload error) {
        String offer = error.is(NotifyType.NO_PROPOSAL_CHOSEN)
                ? "; we offered "
                        + Negotiation.text(
                                new ChildOffer(wish, 0, true).negotiation().offer(Octets.EMPTY))
                : error.is(NotifyType.TS_UNACCEPTABLE) || error.is(NotifyType.SINGLE_PAIR_REQUIRED)
                        ? "; we offered " + wish.text()
                        : "";
        return missing(sa, wish, "peer answers " + NotifyType.text(error.type()) + offer);
    }

    /**
     * Traffic changes over to what took the place of a Child SA that is being deleted: its maker can receive by now. Those for other traffic
     * are not touched.
     */
    void takeOver(IkeSa sa, ChildSa deleted) {
        for (ChildSa each : List.copyOf(sa.children)) {
            if (each != deleted
                    && each.state == ChildSa.State.ACTIVE
                    && (each == deleted.replacedByPeer || each.meets(deleted))) {
                addOutbound(sa, each);
            }
        }
    }

    /** Likewise to what there is in other IKE SAs with the peer, of one that ends. */
    void takeOverAll(IkeSa ending) {
        for (IkeSa other : endpoint.all(ending.name())) {
            if (other != ending && other.state == IkeSa.State.ESTABLISHED) {
                ending.children.forEach(each -> takeOver(other, each));
            }
        }
    }

    /**
     * Deletes a Child SA; what is on the way from the peer still arrives. The peer may forget it at once, and so is told when packets do not
     * go there any more.
     */
    void delete(IkeSa sa, ChildSa child) {
        if (child.state != ChildSa.State.ACTIVE) {
            return;
        }
        child.state = ChildSa.State.REPLACED;
        silence(child);
        settled(() -> tellDeleted(child.owner == null ? sa : child.owner, child));
    }

    private void tellDeleted(IkeSa owner, ChildSa child) {
        if (child.state != ChildSa.State.GONE) { // the peer may have been faster
            owner.messenger().enqueueFirst(ExchangeType.INFORMATIONAL, new Deletion(owner, child));
        }
    }

    /** Of what only the peer has. */
    private record Disowning(int spi) implements Messenger.Exchange {
        @Override
        public List<Payload> start() {
            return List.of(DeletePayload.esp(spi));
        }

        @Override
        public void answered(OpenedMessage response) {}

        @Override
        public void goOnWith(IkeSa next) {
            next.messenger().enqueueFirst(ExchangeType.INFORMATIONAL, this);
        }
    }

    /** RFC 7296 section 1.4.1. */
    private final class Deletion implements Messenger.Exchange {
        private final IkeSa sa;
        private final ChildSa child;

        Deletion(IkeSa sa, ChildSa child) {
            this.sa = sa;
            this.child = child;
        }

        @Override
        public List<Payload> start() {
            return List.of(DeletePayload.esp(child.inbound().spi()));
        }

        @Override
        public void answered(OpenedMessage response) {
            IkeSa owner = child.owner;
            retire(owner == null ? sa : owner, child);
        }

        @Override
        public void malformed(IkeException why) {
            IkeSa owner = child.owner;
            retire(owner == null ? sa : owner, child);
        }

        @Override
        public void goOnWith(IkeSa next) {
            if (child.owner == next && child.state != ChildSa.State.GONE) {
                next.messenger().enqueueFirst(ExchangeType.INFORMATIONAL, new Deletion(next, child));
            }
        }
    }
}
