package org.ipsecif.bench;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;

/** All that was measured, and the tables of docs/performance.md made from it. */
final class Results {
    private static final String OUTBOUND = """

            | algorithm | bytes | bare, ns | seal, ns | encapsulate, ns | Gbit/s | rate by bare's | of the rounds | B bare | B seal | B encapsulate |
            |---|---|---|---|---|---|---|---|---|---|---|
            """;
    private static final String INBOUND = OUTBOUND.replace("seal", "open").replace("encapsulate", "decapsulate");
    private static final String ENGINES = """

            | algorithm | JDK, ns | Bouncy Castle, ns | JDK's rate by Bouncy Castle's | B JDK | B Bouncy Castle |
            |---|---|---|---|---|---|
            """;
    private static final String OFFLOAD = """

            | of one segment of 1,398 bytes | IP | ns | Gbit/s | B allocated |
            |---|---|---|---|---|
            """;
    private static final String INET6 = "inet6";

    private final Map<List<String>, Samples> samples = new LinkedHashMap<>();

    void add(Collection<RunResult> results) {
        for (RunResult result : results) {
            BenchmarkParams parameters = result.getParams();
            String benchmark = parameters.getBenchmark();
            String method = benchmark.substring(benchmark.lastIndexOf('.') + 1);
            samples.computeIfAbsent(key(parameters, method), each -> new Samples())
                    .add(result);
        }
    }

    private static List<String> key(BenchmarkParams parameters, String method) {
        if (parameters.getParamsKeys().contains(INET6)) {
            return List.of(INET6, parameters.getParam(INET6), method);
        }
        return method.equals("engine")
                ? List.of(parameters.getParam("algorithm"), parameters.getParam("engine"))
                : List.of(parameters.getParam("suite"), parameters.getParam("bytes"), method);
    }

    /** Markdown. */
    @Override
    public String toString() {
        return table(OUTBOUND, packets("bareSeal", "seal", "encapsulate"))
                + table(INBOUND, packets("bareOpen", "open", "decapsulate"))
                + table(ENGINES, engines())
                + table(OFFLOAD, offload());
    }

    private static String table(String head, String rows) {
        return rows.isEmpty() ? "" : head + rows;
    }

    private String packets(String bareMethod, String cipherMethod, String wholeMethod) {
        StringBuilder rows = new StringBuilder();
        samples.forEach((key, bare) -> {
            if (!key.get(key.size() - 1).equals(bareMethod)) {
                return;
            }
            int bytes = Integer.parseInt(key.get(1));
            Samples cipher = samples.get(List.of(key.get(0), key.get(1), cipherMethod));
            Samples whole = samples.get(List.of(key.get(0), key.get(1), wholeMethod));
            double[] ratios = whole.ratios(bare);
            rows.append(format(
                    "| %s | %d | %.0f | %.0f | %.0f | %.2f | %.2f | %.2f to %.2f | %.0f | %.0f | %.0f |%n",
                    key.get(0),
                    bytes,
                    bare.nanos(),
                    cipher.nanos(),
                    whole.nanos(),
                    8 * bytes / whole.nanos(),
                    whole.ratio(bare),
                    ratios[0],
                    ratios[ratios.length - 1],
                    bare.bytes(),
                    cipher.bytes(),
                    whole.bytes()));
        });
        return rows.toString();
    }

    private String engines() {
        StringBuilder rows = new StringBuilder();
        samples.forEach((key, jdk) -> {
            if (!key.get(1).equals(EngineBenchmark.Engine.JDK.name())) {
                return;
            }
            Samples castle = samples.get(List.of(key.get(0), EngineBenchmark.Engine.BOUNCY_CASTLE.name()));
            rows.append(format(
                    "| %s | %.0f | %.0f | %.1f | %.0f | %.0f |%n",
                    key.get(0), jdk.nanos(), castle.nanos(), jdk.ratio(castle), jdk.bytes(), castle.bytes()));
        });
        return rows.toString();
    }

    private String offload() {
        StringBuilder rows = new StringBuilder();
        samples.forEach((key, each) -> {
            if (key.get(0).equals(INET6)) {
                rows.append(format(
                        "| %s | %s | %.0f | %.1f | %.0f |%n",
                        key.get(2),
                        Boolean.parseBoolean(key.get(1)) ? "IPv6" : "IPv4",
                        each.nanos(),
                        8 * OffloadBenchmark.SEGMENT / each.nanos(),
                        each.bytes()));
            }
        });
        return rows.toString();
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
