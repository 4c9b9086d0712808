package org.ipsecif.platform.pfkey;

import java.io.PrintWriter;
import org.ipsecif.platform.ErrnoException;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * What kernel-pfkey.sh has of Java, in one process, for its start takes long there: {@link SadbRoundTrips} with the arguments, in the
 * namespace that it stands in, and then the tests of {@link PfKeyKernelTest}, each in one of its own. Its last line counts the tests;
 * what failed is on stderr.
 */
public final class InKernel {
    private InKernel() {}

    public static void main(String[] args) throws ErrnoException {
        SadbRoundTrips.main(args);
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(DiscoverySelectors.selectClass(PfKeyKernelTest.class))
                .build();
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request, listener);
        TestExecutionSummary summary = listener.getSummary();
        summary.printFailuresTo(new PrintWriter(System.err, true), 20);
        System.out.printf(
                "%d run, %d failed, %d skipped%n",
                summary.getTestsStartedCount(),
                summary.getTestsFailedCount(),
                summary.getTestsSkippedCount() + summary.getTestsAbortedCount());
    }
}
