package org.ipsecif.bench;

import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.ipsecif.bare.Suite;
import org.ipsecif.tunnel.SaSelectorRate;
import org.ipsecif.tunnel.SelectorRate;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs the benchmarks and prints docs/performance.md's tables: {@code packets}, {@code engines}, {@code offload}, or all if none is
 * named; or with {@code selectors} what many policies cost, which is no benchmark of JMH's.
 * Other arguments are JMH's, of which {@code -f}, {@code -i}, {@code -wi}, {@code -r}, {@code -w} and {@code -p suite=},
 * {@code bytes=}, {@code algorithm=} count.
 *
 * <p>Forks are rounds: each measures everything once, the bare ciphers and ours one after the other, so that what else the
 * machine is doing meets both alike.
 */
public final class Bench {
    private static final TimeValue SECOND = TimeValue.seconds(1);
    private static final int ROUNDS = 5;
    private static final int WARM_UPS = 3;
    private static final int ITERATIONS = 5;

    /** As the daemon is started. */
    private static final String[] JVM = {"-XX:+UseSerialGC", "-Xmx128m"};

    private final CommandLineOptions given;
    private final Results results = new Results();

    private Bench(CommandLineOptions given) {
        this.given = given;
    }

    public static void main(String[] args) throws CommandLineOptionException, RunnerException {
        new Bench(new CommandLineOptions(args)).run();
    }

    private void run() throws RunnerException {
        if (given.getIncludes().contains("selectors")) {
            SelectorRate.main(new String[0]);
            SaSelectorRate.main(new String[0]);
            return;
        }
        int rounds = given.getForkCount().orElse(ROUNDS);
        for (int round = 0; round < rounds; round++) {
            if (wants("packets")) {
                measurePackets();
            }
            if (wants("engines")) {
                measureEngines();
            }
            if (wants("offload")) {
                results.add(measure(options("OffloadBenchmark")));
            }
        }
        System.out.println(results);
    }

    private boolean wants(String table) {
        return given.getIncludes().isEmpty() || given.getIncludes().contains(table);
    }

    private void measurePackets() throws RunnerException {
        for (String suite : parameter("suite", names(Suite.values()))) {
            for (String bytes : parameter("bytes", List.of("64", "512", "1400"))) {
                results.add(measure(options("(Seal|Open|Decapsulate)Benchmark")
                        .param("suite", suite)
                        .param("bytes", bytes)));
            }
        }
    }

    private void measureEngines() throws RunnerException {
        for (String algorithm : parameter("algorithm", names(EngineBenchmark.Algorithm.values()))) {
            results.add(measure(options("EngineBenchmark").param("algorithm", algorithm)));
        }
    }

    private Collection<String> parameter(String name, List<String> all) {
        return given.getParameter(name).orElse(all);
    }

    private static List<String> names(Enum<?>... constants) {
        return Stream.of(constants).map(Enum::name).toList();
    }

    private ChainedOptionsBuilder options(String benchmarks) {
        return new OptionsBuilder()
                .include(benchmarks)
                .forks(1)
                .warmupIterations(given.getWarmupIterations().orElse(WARM_UPS))
                .measurementIterations(given.getMeasurementIterations().orElse(ITERATIONS))
                .warmupTime(given.getWarmupTime().orElse(SECOND))
                .measurementTime(given.getMeasurementTime().orElse(SECOND))
                .jvmArgs(JVM)
                .addProfiler(GCProfiler.class)
                .addProfiler(CpuTime.class);
    }

    private static Collection<RunResult> measure(ChainedOptionsBuilder options) throws RunnerException {
        return new Runner(options.build()).run();
    }
}
