package org.ipsecif.capture;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.ipsecif.config.AllowedAlgorithms;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.SetkeyScript;
import org.ipsecif.config.SetkeyStatement;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.Verdict;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ipsecifctl decrypt}: needs no daemon and no privilege. */
@Command(
        name = "decrypt",
        description = {
            "Decrypts the ESP packets of a capture, raw or in UDP, with the SAs of a setkey(8) file, and says what failed and"
                    + " why.",
            "Exit status 0 if every ESP packet was decrypted, 1 if not."
        })
public final class DecryptCommand implements Callable<Integer> {
    private static final int INCOMPLETE = 1;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "-r", required = true, paramLabel = "IN", description = "A pcap or pcapng file.")
    @SuppressWarnings("NullAway.Init")
    private Path in;

    @Option(names = "-f", required = true, paramLabel = "FILE", description = "Its SAs: setkey(8)'s add lines.")
    @SuppressWarnings("NullAway.Init")
    private Path saFile;

    @Option(names = "-w", paramLabel = "OUT", description = "Write the inner packets to this pcap file.")
    private @Nullable Path out;

    @Option(
            names = "--esn-hi",
            paramLabel = "SPI=N",
            description = "The high half of the sequence number of the SPI's first packet in the capture.")
    private Map<String, String> highHalves = new HashMap<>();

    @Option(names = "--udp-port", paramLabel = "PORT", description = "Where ESP in UDP is looked for (default: 4500).")
    private int udpPort = 4500;

    @Override
    public Integer call() throws IOException, ConfigException {
        if (out != null && Files.exists(out) && Files.exists(in) && Files.isSameFile(in, out)) {
            throw new ConfigException("-w: " + out + " is the capture itself");
        }
        Map<Integer, Integer> halves = highHalves();
        try (Decryption decryption = new Decryption(associations(), halves, udpPort)) {
            Decryption.Summary summary = run(decryption);
            print(summary);
            return summary.isComplete() ? 0 : INCOMPLETE;
        }
    }

    private List<SaParameters> associations() throws ConfigException {
        List<SaParameters> associations = new ArrayList<>();
        for (SetkeyStatement statement : SetkeyScript.readFile(saFile, AllowedAlgorithms.ANY)) {
            if (statement instanceof SetkeyStatement.Add add) {
                associations.add(add.parameters());
            }
        }
        if (associations.isEmpty()) {
            throw new ConfigException(saFile.toString(), 0, null, "has no add statement");
        }
        return associations;
    }

    private Map<Integer, Integer> highHalves() throws ConfigException {
        Map<Integer, Integer> halves = new HashMap<>();
        for (Map.Entry<String, String> each : highHalves.entrySet()) {
            try {
                halves.put(unsigned(each.getKey()), unsigned(each.getValue()));
            } catch (NumberFormatException e) {
                throw new ConfigException("--esn-hi: \"" + each.getKey() + "=" + each.getValue()
                        + "\" is not SPI=N, two numbers of 32 bits");
            }
        }
        return halves;
    }

    private static int unsigned(String text) {
        long value = Long.decode(text);
        if (value < 0 || value > 0xffff_ffffL) {
            throw new NumberFormatException();
        }
        return (int) value;
    }

    private Decryption.Summary run(Decryption decryption) throws IOException {
        try (InputStream raw = Files.newInputStream(in);
                PcapReader reader = new PcapReader(raw);
                PcapWriter writer = new PcapWriter(output())) {
            return decryption.run(reader, writer);
        } catch (NoSuchFileException e) {
            throw new IOException(e.getFile() + ": no such file", e);
        } catch (IOException e) {
            throw new IOException(in + ": " + e.getMessage(), e);
        }
    }

    private OutputStream output() throws IOException {
        return out == null ? OutputStream.nullOutputStream() : Files.newOutputStream(out);
    }

    private void print(Decryption.Summary summary) throws IOException {
        PrintWriter to = spec.commandLine().getOut();
        if (isJson()) {
            to.println(new ObjectMapper()
                    .writer()
                    .with(SerializationFeature.INDENT_OUTPUT)
                    .writeValueAsString(summary));
            return;
        }
        to.println("frames:");
        summary.frames().forEach((what, count) -> to.printf("\t%d %s%n", count, what.replace('_', ' ')));
        if (summary.incomplete() > 0) {
            to.printf("\t%d packets of which fragments are missing%n", summary.incomplete());
        }
        for (Decryption.AssociationSummary each : summary.associations()) {
            to.printf("%s:%n\t%d decrypted%n", each.association(), each.decrypted());
            each.failures().forEach((name, count) -> to.printf("\t%d %s%n", count, description(name)));
        }
        for (Decryption.UnknownSpi each : summary.unknown()) {
            to.printf(
                    "%s %s esp %s:%n\t%d packets, no SA in %s%n",
                    each.source(), each.destination(), each.spi(), each.packets(), saFile);
        }
        if (summary.unlisted() > 0) {
            to.printf("others:%n\t%d packets, no SA in %s%n", summary.unlisted(), saFile);
        }
    }

    /** ipsecifctl's own option, which every command has. */
    private boolean isJson() {
        OptionSpec option = spec.findOption("--json");
        return option != null && Boolean.TRUE.equals(option.getValue());
    }

    private static String description(String counter) {
        for (Verdict verdict : Verdict.values()) {
            if (verdict.counterName().equals(counter)) {
                return verdict.description();
            }
        }
        return counter;
    }
}
