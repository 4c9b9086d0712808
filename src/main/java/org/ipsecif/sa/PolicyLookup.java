package org.ipsecif.sa;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.ipsecif.wire.PacketView;
import org.jspecify.annotations.Nullable;

/** The policies of one direction and family in the order in which they are consulted, made ready to be searched. Immutable. */
final class PolicyLookup {
    /** So few are faster asked one by one. */
    private static final int FEW = 6;

    private final SecurityPolicy[] policies;

    /** Empty if there are few. */
    private final SelectorBlock[] blocks;

    private final boolean firstTakesAll;

    /** @param policies in the order given, which decides between equal priorities */
    PolicyLookup(List<SecurityPolicy> policies, Direction direction, Family family) {
        this.policies = policies.stream()
                .filter(policy ->
                        policy.direction() == direction && policy.selector().family() == family)
                .sorted(Comparator.comparingInt(SecurityPolicy::priority))
                .toArray(SecurityPolicy[]::new);
        this.firstTakesAll = this.policies.length > 0 && takesAll(this.policies[0].selector());
        this.blocks = this.policies.length <= FEW || firstTakesAll ? new SelectorBlock[0] : blocks(this.policies);
    }

    private static boolean takesAll(Selector selector) {
        return selector.source().length() == 0 && selector.destination().length() == 0 && selector.isAnyProtocol();
    }

    private static SelectorBlock[] blocks(SecurityPolicy[] policies) {
        List<Selector> selectors = new ArrayList<>();
        for (SecurityPolicy policy : policies) {
            selectors.add(policy.selector());
        }
        List<SelectorBlock> blocks = new ArrayList<>();
        for (int from = 0; from < policies.length; from += SelectorBlock.CAPACITY) {
            int to = Math.min(policies.length, from + SelectorBlock.CAPACITY);
            blocks.add(new SelectorBlock(selectors.subList(from, to)));
        }
        return blocks.toArray(SelectorBlock[]::new);
    }

    /** The first policy that selects a packet of this family, or null. */
    @Nullable
    SecurityPolicy match(PacketView packet) {
        if (firstTakesAll) {
            return policies[0];
        }
        return blocks.length == 0 ? matchFew(packet) : matchBlocks(packet);
    }

    private @Nullable SecurityPolicy matchFew(PacketView packet) {
        for (SecurityPolicy policy : policies) {
            if (policy.selector().matches(packet)) {
                return policy;
            }
        }
        return null;
    }

    private @Nullable SecurityPolicy matchBlocks(PacketView packet) {
        for (int i = 0; i < blocks.length; i++) {
            int found = blocks[i].match(packet);
            if (found >= 0) {
                return policies[i * SelectorBlock.CAPACITY + found];
            }
        }
        return null;
    }
}
