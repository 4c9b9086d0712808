package org.ipsecif.daemon;

import static org.ipsecif.daemon.Policies.IDS;
import static org.ipsecif.daemon.Policies.entries;
import static org.ipsecif.daemon.Policies.plain;
import static org.ipsecif.daemon.Policies.protect;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.ipsecif.daemon.KernelSpd.Differences;
import org.ipsecif.platform.InstalledPolicy;
import org.ipsecif.platform.PolicyChange.Install;
import org.ipsecif.platform.PolicyChange.Remove;
import org.ipsecif.platform.PolicyChange.Update;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.Level;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.PolicyKey;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.TransformTemplate;
import org.junit.jupiter.api.Test;

class KernelSpdTest {
    private final MemorySpd kernel = new MemorySpd();
    private final KernelSpd spd = new KernelSpd(kernel);
    private final Undo undo = new Undo();

    private void replace(List<SecurityPolicy> previous, List<SecurityPolicy> next) throws RefusedException {
        spd.replace("ipsec0", previous, next, undo);
        undo.commit();
    }

    private RefusedException refusal(String name, List<SecurityPolicy> previous, List<SecurityPolicy> next) {
        return assertThrows(RefusedException.class, () -> spd.replace(name, previous, next, undo));
    }

    @Test
    void changesInPlaceComeFirstThenAdditionsThenRemovals() throws Exception {
        List<SecurityPolicy> before =
                List.of(protect("10.1.0.0/16", 10), protect("10.2.0.0/16", 10), protect("10.3.0.0/16", 10));
        replace(List.of(), before);
        kernel.made.clear();
        List<SecurityPolicy> after =
                List.of(protect("10.4.0.0/16", 10), protect("10.2.0.0/16", 7), protect("10.1.0.0/16", 10));
        replace(before, after);
        assertEquals(
                List.of(
                        new Update(protect("10.2.0.0/16", 7)),
                        new Install(protect("10.4.0.0/16", 10)),
                        new Remove(PolicyKey.of(protect("10.3.0.0/16", 10)))),
                kernel.made);
        assertEquals(Policies.entries(after), kernel.entries);
    }

    @Test
    void anotherProgramsEntryIsNeverReplaced() throws Exception {
        SecurityPolicy theirs = protect("10.2.0.0/16", 3, 7);
        kernel.put(theirs);
        List<SecurityPolicy> wanted = List.of(protect("10.1.0.0/16", 1), protect("10.2.0.0/16", 5, 7));
        assertEquals(
                "ipsec0: the kernel's SPD has another program's policy in the place of out/10.2.0.0/16"
                        + " (out 0.0.0.0/0 to 10.2.0.0/16, if_id 7)",
                refusal("ipsec0", List.of(), wanted).getMessage());
        undo.rollBack();
        assertEquals(entries(List.of(theirs)), kernel.entries);
        assertTrue(spd.differences().isEmpty());
    }

    @Test
    void refusalUndoesAllThatWasDoneAndSaysWhich() throws Exception {
        List<SecurityPolicy> before = List.of(protect("10.1.0.0/16", 10), protect("10.2.0.0/16", 10));
        replace(List.of(), before);
        List<SecurityPolicy> after =
                List.of(protect("10.1.0.0/16", 9), protect("10.4.0.0/16", 1), protect("10.5.0.0/16", 1));
        Map<String, String> refusals = Map.of(
                "10.1", "out/10.1.0.0/16 (out 0.0.0.0/0 to 10.1.0.0/16, if_id 100)",
                "10.5", "out/10.5.0.0/16 (out 0.0.0.0/0 to 10.5.0.0/16, if_id 100)",
                "10.2", "(out 0.0.0.0/0 to 10.2.0.0/16, if_id 100)");
        refusals.forEach((refused, named) -> {
            kernel.refused = change -> change.key().toString().contains(" " + refused + ".");
            assertEquals(
                    "ipsec0: the kernel refuses policy " + named + ": errno 22 (planned)",
                    refusal("ipsec0", before, after).getMessage());
            kernel.refused = change -> false;
            undo.rollBack();
            assertEquals(entries(before), kernel.entries, refused);
        });
        assertTrue(spd.differences().isEmpty());
    }

    @Test
    void policiesThatShareAKeyAreRefusedBeforeTheKernelIsAsked() throws Exception {
        SecurityPolicy host = plain(PolicyAction.BYPASS, "10.9.0.0/16", new PolicyScope.Host());
        replace(List.of(), List.of(host));
        kernel.made.clear();
        assertEquals(
                "ipsec1: policy plain/10.9.0.0/16 (out 0.0.0.0/0 to 10.9.0.0/16, host) has the place of"
                        + " plain/10.9.0.0/16 of ipsec0",
                refusal("ipsec1", List.of(), List.of(FENCE)).getMessage());
        List<SecurityPolicy> twins = List.of(protect("10.1.0.0/16", 1, 7), protect("10.1.0.0/16", 2, 7));
        assertEquals(
                "ipsec1: policies out/10.1.0.0/16 and out/10.1.0.0/16 are both for out 0.0.0.0/0 to 10.1.0.0/16,"
                        + " if_id 7",
                refusal("ipsec1", List.of(), twins).getMessage());
        assertEquals(List.of(), kernel.made);
    }

    @Test
    void idsOfOthersAreInUseAndOursAreNot() throws Exception {
        replace(List.of(), List.of(protect("10.1.0.0/16", 10)));
        kernel.put(protect("10.1.0.0/16", 10, 7));
        assertEquals(Set.of(7), spd.idsInUse());
    }

    @Test
    void idsAreReadAgainOnlyAfterOthersChangedSomethingWhileSomebodyWatches() throws Exception {
        spd.setWatched(true);
        kernel.put(protect("10.1.0.0/16", 10, 7));
        assertEquals(Set.of(7), spd.idsInUse());
        replace(List.of(), List.of(protect("10.1.0.0/16", 10)));
        assertEquals(Set.of(7), spd.idsInUse());
        assertEquals(1, kernel.dumps);
        kernel.put(protect("10.1.0.0/16", 10, 8));
        spd.othersChanged();
        assertEquals(Set.of(7, 8), spd.idsInUse());
        spd.setWatched(false);
        kernel.entries.clear();
        assertEquals(Set.of(), spd.idsInUse());
    }

    @Test
    void removalGoesPastWhatSomebodyElseRemoved() throws Exception {
        List<SecurityPolicy> policies = List.of(protect("10.1.0.0/16", 10), protect("10.2.0.0/16", 10));
        replace(List.of(), policies);
        kernel.entries.remove(PolicyKey.of(policies.get(0)));
        spd.removeAll("ipsec0", policies);
        assertEquals(Map.of(), kernel.entries);
        assertTrue(spd.differences().isEmpty());
    }

    @Test
    void whatOthersDeletedOrChangedIsFoundAndPutRight() throws Exception {
        List<SecurityPolicy> policies =
                List.of(protect("10.1.0.0/16", 10), protect("10.2.0.0/16", 10), protect("10.3.0.0/16", 10));
        replace(List.of(), policies);
        SecurityPolicy theirs = protect("10.2.0.0/16", 10, 7);
        kernel.put(theirs);
        kernel.entries.remove(PolicyKey.of(policies.get(0)));
        kernel.put(protect("10.2.0.0/16", 11));
        PolicyKey third = PolicyKey.of(policies.get(2));
        kernel.entries.put(third, new InstalledPolicy(third, null, Set.of(IDS))); // it does what we cannot say
        Differences found = spd.differences();
        assertEquals(
                new Differences(List.of(policies.get(0)), List.of(policies.get(1), policies.get(2)), List.of()), found);
        assertEquals(3, spd.repair(found));
        Map<PolicyKey, InstalledPolicy> expected = new HashMap<>(entries(policies));
        expected.putAll(entries(List.of(theirs)));
        assertEquals(expected, kernel.entries);
        assertTrue(spd.differences().isEmpty());
    }

    @Test
    void nextStartTakesOverWhatIsWantedRemovesTheRestAndTouchesNothingElse() throws Exception {
        List<SecurityPolicy> left = List.of(
                protect("10.1.0.0/16", 10),
                protect("10.2.0.0/16", 10),
                protect("10.3.0.0/16", 10),
                plain(PolicyAction.DISCARD, "10.4.0.0/16", new PolicyScope.Host()),
                plain(PolicyAction.BYPASS, "10.5.0.0/16", new PolicyScope.Mark(1, 255)),
                plain(PolicyAction.BYPASS, "10.4.0.0/16", new PolicyScope.Device("if9")));
        List<SecurityPolicy> others = List.of(
                protect("10.1.0.0/16", 10, 7),
                plain(PolicyAction.DISCARD, "10.6.0.0/16", new PolicyScope.Host()),
                plain(PolicyAction.BYPASS, "10.4.0.0/16", new PolicyScope.Device("if8")),
                plain(PolicyAction.DISCARD, "10.5.0.0/16", new PolicyScope.Mark(1, 15)));
        left.forEach(kernel::put);
        others.forEach(kernel::put);
        List<SecurityPolicy> rendered = new ArrayList<>(left.subList(0, 5));
        rendered.add(plain(PolicyAction.BYPASS, "10.4.0.0/16", new PolicyScope.Device("ipsec0")));

        assertEquals(6, spd.adopt(List.of(StateDirectory.Entry.of("ipsec0", IDS, 9, spd.lines(rendered)))));
        assertEquals(Set.of(7), spd.idsInUse());
        List<SecurityPolicy> wanted =
                List.of(protect("10.1.0.0/16", 10), protect("10.2.0.0/16", 9), protect("10.7.0.0/16", 9));
        replace(List.of(), wanted);
        assertEquals(List.of(new Update(wanted.get(1)), new Install(wanted.get(2))), kernel.made);
        assertEquals(4, spd.differences().orphaned().size());
        assertEquals(4, spd.removeLeftovers());

        Map<PolicyKey, InstalledPolicy> expected = new HashMap<>(entries(wanted));
        expected.putAll(entries(others));
        assertEquals(expected, kernel.entries);
    }

    private static final SecurityPolicy FENCE = plain(PolicyAction.DISCARD, "10.9.0.0/16", new PolicyScope.Host());
    private static final SecurityPolicy GATE =
            plain(PolicyAction.BYPASS, "10.9.0.0/16", new PolicyScope.Device("ipsec0"));

    @Test
    void fencesOfAnInterfaceThatVanishedStayUntilItIsDestroyed() throws Exception {
        List<SecurityPolicy> policies = List.of(protect("10.1.0.0/16", 1), GATE, FENCE);
        replace(List.of(), policies);
        spd.removeAllButFences("ipsec0", policies);
        assertEquals(entries(List.of(FENCE)), kernel.entries);
        assertEquals(Map.of("ipsec0", List.of(FENCE)), spd.kept());
        kernel.entries.clear();
        assertEquals(List.of(FENCE), spd.differences().missing());
        kernel.put(FENCE);
        spd.removeAll("ipsec0", List.of());
        assertEquals(Map.of(), kernel.entries);
        assertEquals(Map.of(), spd.kept());
    }

    @Test
    void interfaceThatComesBackTakesOverItsFencesOrRemovesThem() throws Exception {
        SecurityPolicy other = plain(PolicyAction.DISCARD, "10.8.0.0/16", new PolicyScope.Host());
        List<SecurityPolicy> policies = List.of(FENCE, other);
        replace(List.of(), policies);
        spd.removeAllButFences("ipsec0", policies);
        kernel.made.clear();
        kernel.refused = change -> change.key().equals(PolicyKey.of(GATE));
        refusal("ipsec0", List.of(), List.of(FENCE, GATE));
        kernel.refused = change -> false;
        undo.rollBack();
        assertEquals(entries(policies), kernel.entries);
        assertEquals(Map.of("ipsec0", policies), spd.kept());
        replace(List.of(), List.of(FENCE, GATE));
        assertEquals(List.of(new Install(GATE), new Remove(PolicyKey.of(other))), kernel.made);
        assertEquals(Map.of(), spd.kept());
    }

    @Test
    void interfacesShareWhatTheyRefuseTheWholeHost() throws Exception {
        replace(List.of(), List.of(FENCE));
        spd.replace("ipsec1", List.of(), List.of(FENCE, protect("10.1.0.0/16", 1)), undo);
        undo.commit();
        assertEquals(2, kernel.made.size());
        spd.replace("ipsec1", List.of(FENCE, protect("10.1.0.0/16", 1)), List.of(protect("10.1.0.0/16", 1)), undo);
        undo.commit();
        assertEquals(entries(List.of(FENCE, protect("10.1.0.0/16", 1))), kernel.entries);
        spd.replace("ipsec1", List.of(protect("10.1.0.0/16", 1)), List.of(FENCE), undo);
        undo.rollBack();
        spd.removeAll("ipsec0", List.of(FENCE));
        assertEquals(entries(List.of(protect("10.1.0.0/16", 1))), kernel.entries);
        assertTrue(spd.differences().isEmpty());
    }

    private static SecurityPolicy inert(String network, String peer, int priority) {
        SecurityPolicy policy = protect(network, priority);
        TransformTemplate use = new TransformTemplate(
                IpsecMode.TUNNEL, IpAddress.parse("203.0.113.1"), IpAddress.parse(peer), Level.USE, 0);
        return new SecurityPolicy(
                policy.name(),
                policy.direction(),
                policy.selector(),
                policy.action(),
                List.of(use),
                policy.priority(),
                new PolicyScope.Host());
    }

    @Test
    void oneOfTwoTunnelsToANetworkIsInTheKernelAndTheOtherAfterIt() throws Exception {
        SecurityPolicy first = inert("10.1.0.0/16", "198.51.100.1", 1);
        SecurityPolicy second = inert("10.1.0.0/16", "198.51.100.2", 1);
        replace(List.of(), List.of(first));
        spd.replace("ipsec1", List.of(), List.of(second), undo);
        undo.commit();
        assertEquals(entries(List.of(first)), kernel.entries);
        assertEquals(first, spd.wanted(second));
        assertTrue(spd.differences().isEmpty());

        SecurityPolicy changed = inert("10.1.0.0/16", "198.51.100.3", 1);
        replace(List.of(first), List.of(changed));
        assertEquals(entries(List.of(changed)), kernel.entries);

        spd.replace("ipsec0", List.of(changed), List.of(), undo);
        assertEquals(entries(List.of(second)), kernel.entries);
        undo.rollBack();
        assertEquals(entries(List.of(changed)), kernel.entries);
        assertEquals(changed, spd.wanted(second));

        spd.removeAll("ipsec0", List.of(changed));
        assertEquals(entries(List.of(second)), kernel.entries);
        assertTrue(spd.differences().isEmpty());
        spd.removeAll("ipsec1", List.of(second));
        assertEquals(Map.of(), kernel.entries);
    }

    @Test
    void sharedEntryGoesWithItsLastInterface() throws Exception {
        replace(List.of(), List.of(FENCE));
        spd.replace("ipsec1", List.of(), List.of(FENCE), undo);
        undo.commit();
        spd.removeAll("ipsec0", List.of(FENCE));
        assertEquals(entries(List.of(FENCE)), kernel.entries);
        spd.removeAllButFences("ipsec1", List.of(FENCE));
        assertEquals(Map.of("ipsec1", List.of(FENCE)), spd.kept());
        spd.removeAll("ipsec1", List.of());
        assertEquals(Map.of(), kernel.entries);
    }

    @Test
    void refusedTakeOverLeavesWhatWasLeft() throws Exception {
        SecurityPolicy left = protect("10.1.0.0/16", 10);
        kernel.put(left);
        spd.adopt(List.of(new StateDirectory.Entry("ipsec0", IDS, IDS)));
        kernel.refused = Install.class::isInstance;
        refusal("ipsec0", List.of(), List.of(protect("10.1.0.0/16", 9), protect("10.2.0.0/16", 9)));
        undo.rollBack();
        assertEquals(entries(List.of(left)), kernel.entries);
        assertEquals(1, spd.removeLeftovers());
        assertEquals(Map.of(), kernel.entries);
    }

    @Test
    void recordedEntryThatDoesSomethingElseNowIsNotOurs() {
        SecurityPolicy recorded = plain(PolicyAction.DISCARD, "10.4.0.0/16", new PolicyScope.Host());
        StateDirectory.Entry entry = StateDirectory.Entry.of("ipsec0", IDS, 9, spd.lines(List.of(recorded)));
        assertTrue(RecordedPolicies.isOf(entry, InstalledPolicy.of(recorded)));
        SecurityPolicy bypass = plain(PolicyAction.BYPASS, "10.4.0.0/16", new PolicyScope.Host());
        assertFalse(RecordedPolicies.isOf(entry, InstalledPolicy.of(bypass)));
        assertFalse(RecordedPolicies.isOf(entry, InstalledPolicy.of(protect("10.4.0.0/16", 5, 7))));
    }

    private static final SecurityPolicy PLAIN = plain(PolicyAction.BYPASS, "10.9.0.0/16", new PolicyScope.Host());
    private static final SecurityPolicy OTHER = plain(PolicyAction.BYPASS, "10.8.0.0/16", new PolicyScope.Host());

    private static String line(SecurityPolicy policy, String more) {
        return PolicyKey.of(policy) + ", bypass, priority 5" + more;
    }

    @Test
    void recordHasTheNumbersThatTheKernelGaveOurEntries() throws Exception {
        FreeBsdSpd numbering = new FreeBsdSpd();
        KernelSpd numbered = new KernelSpd(numbering);
        assertEquals(List.of(line(PLAIN, "")), numbered.lines(List.of(PLAIN)));
        numbered.replace("ipsec0", List.of(), List.of(PLAIN), undo);
        undo.commit();
        assertEquals(List.of(line(PLAIN, ", number 1")), numbered.lines(List.of(PLAIN)));
        // what goes may come back under another number, what comes has none yet
        assertEquals(
                List.of(line(PLAIN, ", number 1"), line(OTHER, ""), line(PLAIN, "")),
                numbered.lines(List.of(PLAIN), List.of(OTHER)));
        assertEquals(
                List.of(line(PLAIN, ", number 1"), line(OTHER, "")),
                numbered.lines(List.of(PLAIN), List.of(PLAIN, OTHER)));
        numbered.replace("ipsec0", List.of(PLAIN), List.of(OTHER), undo);
        undo.rollBack();
        assertEquals(List.of(line(PLAIN, ", number 3")), numbered.lines(List.of(PLAIN)));
        assertEquals(3, numbering.entries.get(PolicyKey.of(PLAIN)).number());
    }

    @Test
    void entryThatIsPutBackIsRecordedWithoutANumberBeforeAndWithItsNewOneAfter() throws Exception {
        FreeBsdSpd numbering = new FreeBsdSpd();
        KernelSpd numbered = new KernelSpd(numbering);
        numbered.replace("ipsec0", List.of(), List.of(PLAIN), undo);
        undo.commit();
        List<List<String>> records = new ArrayList<>();
        numbered.setRecord(() -> records.add(numbered.lines(List.of(PLAIN))));
        numbering.entries.clear();
        assertEquals(1, numbered.repair(numbered.differences()));
        assertEquals(List.of(List.of(line(PLAIN, "")), List.of(line(PLAIN, ", number 2"))), records);
    }

    @Test
    void entryOfAnotherNumberIsNotTheRecordedOne() {
        InstalledPolicy plain = InstalledPolicy.of(PLAIN);
        InstalledPolicy installed = new InstalledPolicy(plain.key(), PLAIN, Set.of(), 7);
        for (String more : List.of("", ", number 7")) {
            assertTrue(RecordedPolicies.isOf(entryOf(line(PLAIN, more)), installed), more);
        }
        assertFalse(RecordedPolicies.isOf(entryOf(line(PLAIN, ", number 8")), installed));
        assertTrue(RecordedPolicies.isOf(entryOf(line(PLAIN, "")), plain));
    }

    private static StateDirectory.Entry entryOf(String line) {
        return StateDirectory.Entry.of("ipsec0", IDS, 9, List.of(line));
    }

    @Test
    void anySequenceOfChangesRefusalsAndInterferenceEndsInWhatIsWanted() throws Exception {
        Random random = new Random(4301);
        SecurityPolicy theirs = protect("10.0.0.0/16", 1, 7);
        kernel.put(theirs);
        List<SecurityPolicy> current = List.of();
        int refusals = 0;
        for (int round = 0; round < 5_000; round++) {
            List<SecurityPolicy> next = randomPolicies(random);
            int refuse = random.nextInt(12);
            kernel.refused = change -> change.key().toString().contains(" 10." + refuse + ".");
            try {
                spd.replace("ipsec0", current, next, undo);
                undo.commit();
                current = next;
            } catch (RefusedException e) {
                refusals++;
                kernel.refused = change -> false;
                undo.rollBack();
            }
            kernel.refused = change -> false;
            if (round % 3 == 0 && !current.isEmpty()) {
                interfere(current.get(random.nextInt(current.size())), random.nextBoolean());
                spd.repair(spd.differences());
            }
            Map<PolicyKey, InstalledPolicy> expected = new HashMap<>(entries(current));
            expected.putAll(entries(List.of(theirs)));
            assertEquals(expected, kernel.entries, "round " + round);
        }
        assertTrue(refusals > 500 && refusals < 4_500, refusals + " refusals");
    }

    private void interfere(SecurityPolicy victim, boolean delete) {
        if (delete) {
            kernel.entries.remove(PolicyKey.of(victim));
        } else {
            kernel.put(protect(victim.selector().destination().toString(), 99));
        }
    }

    private static List<SecurityPolicy> randomPolicies(Random random) {
        List<SecurityPolicy> policies = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            if (random.nextBoolean()) {
                policies.add(protect("10." + i + ".0.0/16", random.nextInt(3)));
            }
        }
        return policies;
    }
}
