package org.ipsecif.ike;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.ike.message.AddressRange;
import org.ipsecif.sa.Flow;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * The traffic selectors that this end asks for in one exchange.
 *
 * @param pairs that it is about; none if it is to replace a Child SA, or to be as one that was
 * @param local selectors to offer
 * @param remote likewise of the other end
 * @param flow the packet that asked for it, or null
 */
record ChildWish(
        ChildConfig config,
        List<SelectorPair> pairs,
        List<AddressRange> local,
        List<AddressRange> remote,
        @Nullable Flow flow) {
    ChildWish {
        pairs = List.copyOf(pairs);
        local = List.copyOf(local);
        remote = List.copyOf(remote);
    }

    static ChildWish of(ChildConfig config, List<SelectorPair> pairs) {
        return new ChildWish(
                config,
                pairs,
                pairs.stream().map(SelectorPair::local).distinct().toList(),
                pairs.stream().map(SelectorPair::remote).distinct().toList(),
                null);
    }

    /** All of them, with as few Child SAs as the configuration allows. */
    static List<ChildWish> all(ChildConfig config, boolean singly) {
        List<List<SelectorPair>> groups = singly || config.separate()
                ? config.pairs().stream().map(List::of).toList()
                : SelectorGroups.of(config.pairs());
        return groups.stream().map(each -> of(config, each)).toList();
    }

    /** RFC 7296 section 2.9.2: what replaces a Child SA is to carry no less. */
    static ChildWish as(ChildSa child) {
        return new ChildWish(child.config(), List.of(), child.local(), child.remote(), null);
    }

    /** RFC 7296 section 2.9: the packet's own addresses come first, so that the peer narrows to what has them. */
    ChildWish withFlow(Flow packet) {
        return new ChildWish(
                config,
                pairs,
                prepend(packet.source(), local, packet, true),
                prepend(packet.destination(), remote, packet, false),
                packet);
    }

    /** For a peer that wants a single pair of addresses (RFC 7296 section 2.9): nothing but the packet's own. */
    ChildWish onlyFlow(Flow packet) {
        ChildWish with = withFlow(packet);
        return new ChildWish(config, pairs, with.local.subList(0, 1), with.remote.subList(0, 1), packet);
    }

    private List<AddressRange> prepend(IpAddress address, List<AddressRange> ranges, Flow packet, boolean isLocal) {
        AddressRange of = pairs.stream()
                .filter(each -> each.takes(packet))
                .map(each -> isLocal ? each.local() : each.remote())
                .findFirst()
                .orElse(ranges.get(0));
        AddressRange own = new AddressRange(of.protocol(), of.startPort(), of.endPort(), address, address);
        List<AddressRange> all = new ArrayList<>();
        all.add(own);
        ranges.stream().filter(each -> !each.equals(own)).forEach(all::add);
        return all;
    }

    /** Whether the packet would be carried. */
    boolean takes(Flow packet) {
        return pairs.stream().anyMatch(each -> each.takes(packet));
    }

    String text() {
        return ChildSa.text(local) + " === " + ChildSa.text(remote);
    }
}
