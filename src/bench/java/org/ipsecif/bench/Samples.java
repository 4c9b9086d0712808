package org.ipsecif.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** What one benchmark took: for each round, the nanoseconds of processor time an operation took in each iteration. */
final class Samples {
    private final List<double[]> rounds = new ArrayList<>();
    private final List<Double> allocated = new ArrayList<>();

    /** One more round. */
    void add(RunResult result) {
        DoubleStream.Builder times = DoubleStream.builder();
        for (BenchmarkResult fork : result.getBenchmarkResults()) {
            for (IterationResult iteration : fork.getIterationResults()) {
                times.add(cost(iteration, "cpuNanos", CpuTime.NAME));
                allocated.add(cost(iteration, "allocatedBytes", "gc.alloc.rate.norm"));
            }
        }
        rounds.add(times.build().toArray());
    }

    /** Of one packet. A benchmark that does other work beside what it measures counts for itself; the others are profiled. */
    private static double cost(IterationResult iteration, String counted, String profiled) {
        Result<?> own = iteration.getSecondaryResults().get(counted);
        return own != null
                ? own.getScore()
                        / iteration.getSecondaryResults().get("packets").getScore()
                : iteration.getSecondaryResults().get(profiled).getScore();
    }

    /** Of all iterations, nanoseconds. */
    double nanos() {
        return median(rounds.stream().flatMapToDouble(Arrays::stream));
    }

    /** Bytes of heap that one operation allocates. */
    double bytes() {
        return median(allocated.stream().mapToDouble(Double::doubleValue));
    }

    /** The other's time by ours: our rate as a part of the other's. */
    double ratio(Samples bare) {
        return bare.nanos() / nanos();
    }

    /** The same for each round alone. */
    double[] ratios(Samples bare) {
        double[] ratios = new double[Math.min(rounds.size(), bare.rounds.size())];
        Arrays.setAll(ratios, i -> median(Arrays.stream(bare.rounds.get(i))) / median(Arrays.stream(rounds.get(i))));
        Arrays.sort(ratios);
        return ratios;
    }

    private static double median(DoubleStream values) {
        double[] sorted = values.sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
