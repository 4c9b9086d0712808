package org.ipsecif.control;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.ipsecif.config.ConfigException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The command {@code ipsecifctl}, in the words of ifconfig(8), ip-link(8), ip-tunnel(8) and setkey(8). Exit status: 0 done,
 * 1 refused or failed (one line says why), 2 wrong usage.
 */
@Command(
        name = "ipsecifctl",
        versionProvider = Ipsecifctl.VersionLine.class,
        description = "Makes, changes and shows ipsecif's interfaces.",
        customSynopsis = {
            "ipsecifctl [--socket PATH] [--json] COMMAND ...",
            "ipsecifctl NAME [ifconfig(8) words]      such as: ipsec0 inet tunnel A B 10.0.0.1/30 10.0.0.2 up"
        },
        subcommands = {
            InterfaceCommands.Create.class,
            InterfaceCommands.Destroy.class,
            InterfaceCommands.Up.class,
            InterfaceCommands.Down.class,
            InterfaceCommands.Ifconfig.class,
            InterfaceCommands.Link.class,
            InterfaceCommands.Tunnel.class,
            InterfaceCommands.Address.class,
            ShowCommands.ListAll.class,
            ShowCommands.Show.class,
            ShowCommands.Stats.class,
            ShowCommands.Policy.class,
            ShowCommands.Sa.class,
            IkeCommand.class,
            TemplateCommand.class,
            SetkeyCommand.class,
            DaemonCommands.Reload.class,
            DaemonCommands.Version.class
        })
public final class Ipsecifctl implements Runnable {
    static final int FAILED = 1;

    /** For {@code --version}. */
    static final class VersionLine implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"ipsecifctl " + version()};
        }
    }

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            scope = ScopeType.INHERIT,
            description = "Control socket of the daemon (default: /var/run/ipsecif/ipsecif.sock).")
    private Path socket = ControlSocket.DEFAULT_PATH;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Print the usage, after a command its own.")
    @SuppressWarnings("UnusedVariable") // by us: picocli acts on it
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Print the version.")
    @SuppressWarnings("UnusedVariable") // as above
    private boolean version;

    @Option(names = "--json", scope = ScopeType.INHERIT, description = "Print JSON.")
    private boolean json;

    static String version() {
        String version = Ipsecifctl.class.getPackage().getImplementationVersion();
        return version == null ? "unpackaged" : version;
    }

    Session session() {
        return new Session(
                socket, json, spec.commandLine().getOut(), spec.commandLine().getErr());
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected a command or an interface; see --help");
    }

    /**
     * The program.
     *
     * @param more commands that need no daemon, annotated for picocli
     */
    public static void main(String[] args, Object... more) {
        System.exit(execute(args, writer(System.out), writer(System.err), more));
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, StandardCharsets.UTF_8);
    }

    /** Runs one command. @return the exit status */
    static int execute(String[] args, PrintWriter out, PrintWriter err, Object... more) {
        CommandLine commandLine = new CommandLine(new Ipsecifctl());
        Arrays.stream(more).forEach(commandLine::addSubcommand);
        commandLine.setOut(out).setErr(err);
        commandLine.getSubcommands().values().stream()
                .filter(each -> each.getCommand() instanceof InterfaceCommands.Words)
                .forEach(each -> each.setUnmatchedOptionsArePositionalParams(true));
        AtomicBoolean said = new AtomicBoolean();
        commandLine.setExecutionExceptionHandler((e, failed, parsed) -> {
            said.set(true);
            return fail(e, failed, err);
        });
        commandLine.setParameterExceptionHandler((e, ignored) -> {
            err.println("ipsecifctl: " + e.getMessage());
            return e.getCommandLine().getCommandSpec().exitCodeOnInvalidInput();
        });
        int status = commandLine.execute(withCommand(commandLine, args));
        if (out.checkError() && !said.get()) {
            err.println("ipsecifctl: standard output: cannot be written to");
            return status == 0 ? FAILED : status;
        }
        return status;
    }

    private static int fail(Exception e, CommandLine failed, PrintWriter err) throws Exception {
        if (e instanceof DialectException dialect) {
            err.println("ipsecifctl: " + e.getMessage());
            return dialect.kind() == DialectException.Kind.USAGE
                    ? failed.getCommandSpec().exitCodeOnInvalidInput()
                    : FAILED;
        }
        if (e instanceof IOException || e instanceof ConfigException) {
            err.println("ipsecifctl: " + e.getMessage());
            return FAILED;
        }
        throw e;
    }

    /** {@code ipsecifctl ipsec0 WORDS} has no command: what is no command's name is an interface's. */
    private static String[] withCommand(CommandLine commandLine, String[] args) {
        int first = 0;
        while (first < args.length && args[first].startsWith("-")) {
            first += args[first].equals("--socket") ? 2 : 1;
        }
        if (first >= args.length || commandLine.getSubcommands().containsKey(args[first])) {
            return args;
        }
        List<String> all = new ArrayList<>(Arrays.asList(args));
        all.add(first, InterfaceCommands.IFCONFIG);
        return all.toArray(String[]::new);
    }
}
