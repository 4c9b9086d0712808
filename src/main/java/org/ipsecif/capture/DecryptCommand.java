package org.ipsecif.capture;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.ipsecif.config.AllowedAlgorithms;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.InputFile;
import org.ipsecif.config.SetkeyScript;
import org.ipsecif.config.SetkeyStatement;
import org.ipsecif.sa.SaParameters;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ipsecifctl decrypt}: needs no daemon and no privilege. */
@Command(
        name = "decrypt",
        description = {
            "Decrypts the ESP packets of a capture, raw or in UDP, with the SAs of a setkey(8) file, and says what failed and"
                    + " why.",
            "Exit status 0 if all frames could be read and every ESP packet was decrypted, 1 if not."
        })
public final class DecryptCommand implements Callable<Integer> {
    private static final int INCOMPLETE = 1;
    private static final int ESP_IN_UDP = 4500; // RFC 3948
    private static final int MAX_PORT = 65_535;
    private static final Path STANDARD_INPUT = Path.of("/dev/stdin");

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "-r", required = true, paramLabel = "IN", description = "A pcap or pcapng file; - is stdin.")
    @SuppressWarnings("NullAway.Init")
    private Path in;

    @Option(names = "-f", required = true, paramLabel = "FILE", description = "Its SAs: setkey(8)'s add lines.")
    @SuppressWarnings("NullAway.Init")
    private Path saFile;

    @Option(names = "-w", paramLabel = "OUT", description = "Write the inner packets to this pcap file; - is stdout.")
    private @Nullable Path out;

    @Option(
            names = "--esn-hi",
            paramLabel = "SPI=N",
            description = "The high half of the sequence number of the SPI's first packet in the capture.")
    private List<String> highHalves = new ArrayList<>();

    @Option(
            names = "--udp-port",
            paramLabel = "PORT",
            description = "Where ESP in UDP is looked for, instead of 4500; may be given several times.")
    private List<Integer> udpPorts = new ArrayList<>();

    @Override
    public Integer call() throws IOException, ConfigException {
        Set<Integer> ports = ports();
        Map<Integer, Integer> halves = halves();
        checkOutput();
        List<SaParameters> associations = associations();
        HighHalves.check(halves, associations);
        try (Decryption decryption = new Decryption(associations, halves, ports)) {
            String damage = run(decryption);
            print(decryption.summary());
            if (damage != null) {
                throw new IOException(nameOfInput() + ": " + damage);
            }
            return decryption.summary().isComplete() ? 0 : INCOMPLETE;
        }
    }

    private Set<Integer> ports() {
        for (int port : udpPorts) {
            if (port < 1 || port > MAX_PORT) {
                throw new ParameterException(spec.commandLine(), "--udp-port: " + port + " is not 1 to " + MAX_PORT);
            }
        }
        return udpPorts.isEmpty() ? Set.of(ESP_IN_UDP) : new HashSet<>(udpPorts);
    }

    private Map<Integer, Integer> halves() {
        try {
            return HighHalves.parse(highHalves);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private void checkOutput() throws IOException, ConfigException {
        checkOutput(isStandard(in) ? STANDARD_INPUT : in, "the capture itself");
        checkOutput(saFile, "the file of the SAs");
    }

    private void checkOutput(Path input, String what) throws IOException, ConfigException {
        if (out != null && Files.isRegularFile(out) && Files.exists(input) && Files.isSameFile(input, out)) {
            throw new ConfigException("-w: " + out + " is " + what);
        }
    }

    /** As tcpdump(1): {@code -} is standard input or output. */
    static boolean isStandard(Path path) {
        return path.toString().equals("-");
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

    /** @return why the capture could not be read to its end, or null */
    private @Nullable String run(Decryption decryption) throws IOException {
        try (InputStream raw = isStandard(in) ? System.in : InputFile.open(in);
                PcapReader reader = new PcapReader(raw);
                PcapOutput output = PcapOutput.open(out)) {
            PcapWriter writer = new PcapWriter(output);
            String damage = readAll(decryption, reader, writer);
            writer.flush();
            output.finish();
            return damage;
        } catch (PcapOutput.FailedException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException(nameOfInput() + ": " + InputFile.reason(e), e);
        }
    }

    private static @Nullable String readAll(Decryption decryption, PcapReader reader, PcapWriter writer)
            throws IOException {
        try {
            decryption.run(reader, writer);
            return null;
        } catch (PcapOutput.FailedException e) {
            throw e;
        } catch (IOException e) {
            return InputFile.reason(e);
        }
    }

    private String nameOfInput() {
        return isStandard(in) ? "standard input" : in.toString();
    }

    /** To standard error if the packets go to standard output. */
    private void print(Decryption.Summary summary) throws IOException {
        boolean outputTaken = out != null && isStandard(out);
        PrintWriter to =
                outputTaken ? spec.commandLine().getErr() : spec.commandLine().getOut();
        if (isJson()) {
            to.println(new ObjectMapper()
                    .writer()
                    .with(SerializationFeature.INDENT_OUTPUT)
                    .writeValueAsString(summary));
        } else {
            to.print(SummaryText.of(summary, saFile.toString()));
        }
        to.flush();
    }

    /** ipsecifctl's own option, which every command has. */
    private boolean isJson() {
        OptionSpec option = spec.findOption("--json");
        return option != null && Boolean.TRUE.equals(option.getValue());
    }
}
