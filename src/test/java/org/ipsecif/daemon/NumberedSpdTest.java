package org.ipsecif.daemon;

import static org.ipsecif.daemon.Policies.protect;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.platform.InstalledPolicy;
import org.ipsecif.platform.PolicyChange;
import org.ipsecif.platform.PolicyChange.Install;
import org.ipsecif.platform.PolicyChange.Remove;
import org.ipsecif.platform.PolicyChange.Update;
import org.ipsecif.platform.PolicyInstaller;
import org.ipsecif.sa.PolicyKey;
import org.ipsecif.sa.SecurityPolicy;
import org.junit.jupiter.api.Test;

class NumberedSpdTest {
    private static final SecurityPolicy POLICY = protect("10.1.0.0/16", 10);
    private static final PolicyKey KEY = PolicyKey.of(POLICY);

    private final List<PolicyChange> asked = new ArrayList<>();
    private int next = 40;

    private final NumberedSpd spd = new NumberedSpd(new PolicyInstaller() {
        @Override
        public List<Outcome> apply(List<PolicyChange> changes) {
            asked.addAll(changes);
            return changes.stream()
                    .map(each -> new Outcome(each, 0, "", each instanceof Remove ? 0 : ++next))
                    .toList();
        }

        @Override
        public List<InstalledPolicy> dump() {
            return List.of();
        }

        @Override
        public int origin() {
            return 1;
        }

        @Override
        public void close() {}
    });

    private void apply(PolicyChange... changes) {
        asked.clear();
        spd.apply(List.of(changes));
    }

    @Test
    void anEntryIsRemovedByTheNumberThatItGotLast() {
        apply(new Install(POLICY));
        apply(new Update(POLICY));
        apply(new Remove(KEY));
        assertEquals(List.of(new Remove(KEY, 42)), asked);
        apply(new Remove(KEY));
        assertEquals(List.of(new Remove(KEY)), asked);
    }

    @Test
    void anEntryOfAnEarlierRunIsRemovedByItsNumber() {
        spd.remember(InstalledPolicy.of(POLICY).withNumber(7));
        apply(new Remove(KEY));
        assertEquals(List.of(new Remove(KEY, 7)), asked);
    }

    /** Its number may be another by then. */
    @Test
    void anEntryThatHasJustChangedIsRemovedWhateverItsNumber() {
        apply(new Install(POLICY));
        apply(new Update(POLICY), new Remove(KEY), new Install(POLICY), new Remove(KEY));
        assertEquals(List.of(new Update(POLICY), new Remove(KEY), new Install(POLICY), new Remove(KEY)), asked);
    }

    @Test
    void aNumberThatIsGivenStays() {
        apply(new Install(POLICY));
        apply(new Remove(KEY, 7));
        assertEquals(List.of(new Remove(KEY, 7)), asked);
    }
}
