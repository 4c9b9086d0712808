package org.ipsecif.daemon;

import static org.ipsecif.daemon.Policies.plain;
import static org.ipsecif.daemon.Policies.protect;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ipsecif.control.PolicyStatus;
import org.ipsecif.control.PolicyStatus.KernelEntry;
import org.ipsecif.platform.InstalledPolicy;
import org.ipsecif.platform.KernelCopy;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.PolicyKey;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SecurityPolicy;
import org.junit.jupiter.api.Test;

class PolicyReportTest {
    private static final SecurityPolicy FENCE = plain(PolicyAction.DISCARD, "10.9.0.0/16", new PolicyScope.Host());
    private static final String ESP = "esp/tunnel/203.0.113.1-198.51.100.2/unique:100";

    private static List<PolicyStatus> compare(List<SecurityPolicy> ours, InstalledPolicy... installed) {
        return PolicyReport.compare(Map.of("ipsec0", KernelCopy.same(ours)), List.of(installed), policy -> policy);
    }

    private static List<String> states(List<PolicyStatus> statuses) {
        List<String> states = new ArrayList<>();
        statuses.forEach(each -> states.add(each.destination() + " " + each.kernel()));
        return states;
    }

    @Test
    void entriesAreTheSameMissingOrDifferent() {
        List<PolicyStatus> found = compare(
                List.of(protect("10.1.0.0/16", 1), protect("10.2.0.0/16", 1), protect("10.3.0.0/16", 1)),
                InstalledPolicy.of(protect("10.3.0.0/16", 5)),
                InstalledPolicy.of(protect("10.1.0.0/16", 1)));
        assertEquals(List.of("10.1.0.0/16 same", "10.2.0.0/16 missing", "10.3.0.0/16 differs"), states(found));
        assertEquals(new KernelEntry("protect", List.of(ESP), 5), found.get(2).kernelEntry());
    }

    @Test
    void whatTheKernelHasBesidesInTheInterfacesScopeIsTold() {
        List<PolicyStatus> found = compare(
                List.of(protect("10.1.0.0/16", 1), FENCE),
                InstalledPolicy.of(protect("10.1.0.0/16", 1)),
                InstalledPolicy.of(FENCE),
                InstalledPolicy.of(protect("10.4.0.0/16", 9)),
                InstalledPolicy.of(protect("10.5.0.0/16", 9, 7)),
                InstalledPolicy.of(plain(PolicyAction.DISCARD, "10.6.0.0/16", new PolicyScope.Host())));
        assertEquals(List.of("10.1.0.0/16 same", "10.9.0.0/16 same", "10.4.0.0/16 extra"), states(found));
        assertEquals("", found.get(2).name());
        assertEquals("none", found.get(2).action());
    }

    @Test
    void entryThatRecordsCannotSayDiffers() {
        PolicyKey key = PolicyKey.of(FENCE);
        List<PolicyStatus> found = compare(List.of(FENCE), new InstalledPolicy(key, null, Set.of()));
        assertEquals(List.of("10.9.0.0/16 differs"), states(found));
        assertEquals(new KernelEntry("other", List.of(), 0), found.get(0).kernelEntry());
    }

    @Test
    void onlyWhatTheProcessConsultsIsCalledSo() {
        List<PolicyStatus> found = compare(List.of(protect("10.1.0.0/16", 1), FENCE));
        assertEquals(true, found.get(0).process());
        assertEquals(false, found.get(1).process());
    }
}
