package org.ipsecif.control;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.InputFile;
import org.ipsecif.config.SetkeyScript;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** setkey(8): {@code -f FILE}, {@code -c}, {@code -D}, {@code -DP}, {@code -F}. */
@Command(name = "setkey", description = "setkey(8): manual SAs, and dumps of SAD (-D) and SPD (-DP).")
final class SetkeyCommand implements Callable<Integer> {
    private static final String STANDARD_INPUT = "<stdin>";

    @ParentCommand
    @SuppressWarnings("NullAway.Init")
    private Ipsecifctl parent;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "-f", paramLabel = "FILE", description = "Run the statements of a file, which must be private.")
    private @Nullable Path file;

    @Option(names = "-c", description = "Run the statements of standard input.")
    private boolean standardInput;

    @Option(names = "-D", description = "Dump the SAD; with -P the SPD.")
    private boolean dump;

    @Option(names = "-F", description = "Flush the SAD.")
    private boolean flush;

    @Option(names = "-P", description = "With -D: the SPD.")
    private boolean policies;

    @Override
    public Integer call() throws IOException, ConfigException, DialectException {
        Session session = parent.session();
        int modes = (file != null ? 1 : 0) + (standardInput ? 1 : 0) + (dump ? 1 : 0) + (flush ? 1 : 0);
        if (modes != 1 || (policies && !dump && !flush)) {
            throw new ParameterException(spec.commandLine(), "setkey: expected one of -f FILE, -c, -D, -DP, -F");
        }
        if (flush && policies) {
            throw new DialectException(
                    DialectException.Kind.REFUSED,
                    "setkey -FP: policies come from SPD templates and go with their interface; destroy it instead");
        }
        if (file != null) {
            run(session, file.toAbsolutePath().toString(), SetkeyScript.readPrivate(file));
        } else if (standardInput) {
            run(session, STANDARD_INPUT, standardInput());
        } else if (flush) {
            session.call("sa.flush");
        } else if (policies) {
            session.print(session.call("policy.list"), PolicyStatus.class, PolicyText::dump);
        } else {
            session.print(session.call("sa.list"), SaStatus.class, SaText::dump);
        }
        return 0;
    }

    private static String standardInput() throws IOException {
        try {
            return new String(InputFile.read(System.in, SetkeyScript.MAX_LENGTH), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IOException(STANDARD_INPUT + ": " + InputFile.reason(e), e);
        }
    }

    private static void run(Session session, String origin, String script) throws IOException {
        JsonNode result = session.callWithText("setkey", origin, "script", script);
        if (session.isJson()) {
            session.printJson(result);
            return;
        }
        session.print(result.path("securityAssociations"), SaStatus.class, SaText::dump);
        session.print(result.path("policies"), PolicyStatus.class, PolicyText::dump);
    }
}
