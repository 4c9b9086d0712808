package org.ipsecif.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.ipsecif.config.InputFile;
import org.ipsecif.config.SpdTemplate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** The SPD templates that the daemon has, and those that it might get. */
@Command(
        name = "template",
        description = "SPD templates: template list, show NAME, check FILE, render NAME INTERFACE.",
        subcommands = {
            TemplateCommand.ListAll.class,
            TemplateCommand.Show.class,
            TemplateCommand.Check.class,
            TemplateCommand.Render.class
        })
final class TemplateCommand implements Callable<Integer> {
    @ParentCommand
    @SuppressWarnings("NullAway.Init")
    private Ipsecifctl parent;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "template: expected one of list, show, check, render");
    }

    /** One of the verbs. */
    abstract static class Verb implements Callable<Integer> {
        @ParentCommand
        @SuppressWarnings("NullAway.Init")
        private TemplateCommand template;

        abstract void run(Session session) throws IOException, DialectException;

        @Override
        public Integer call() throws IOException, DialectException {
            run(template.parent.session());
            return 0;
        }
    }

    /** A table. */
    @Command(name = "list", aliases = "ls", description = "A line for each template.")
    static final class ListAll extends Verb {
        @Override
        void run(Session session) throws IOException {
            session.printAll(session.call("template.list"), TemplateStatus.class, TemplateText::table);
        }
    }

    /** A file. */
    @Command(name = "show", description = "A template as a file, with all that it extends.")
    static final class Show extends Verb {
        @Parameters(index = "0", paramLabel = "NAME")
        private String name = "";

        @Override
        void run(Session session) throws IOException {
            session.print(session.callFor("template.list", name), TemplateStatus.class, TemplateText::file);
        }
    }

    /** A mistake fails. */
    @Command(name = "check", description = "Read a template's file, and try it on an interface made up for it.")
    static final class Check extends Verb {
        @Parameters(index = "0", paramLabel = "FILE")
        private Path file = Path.of("");

        @Override
        void run(Session session) throws IOException {
            JsonNode result = session.callWithText("template.check", file.toString(), "text", text(file));
            if (session.isJson()) {
                session.printJson(result);
                return;
            }
            TemplateCheck check = JsonRpc.JSON.treeToValue(result, TemplateCheck.class);
            session.out().println(line(file, check));
        }

        private static String text(Path file) throws IOException {
            try {
                return new String(InputFile.read(file, SpdTemplate.MAX_BYTES), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new IOException(file + ": " + InputFile.reason(e), e);
            }
        }

        private static String line(Path file, TemplateCheck check) {
            return file + ": in order, " + check.sections() + " sections; "
                    + (check.policies() < 0
                            ? check.note()
                            : "the interface that it was tried on got " + check.policies() + " policies");
        }
    }

    /** Statements for other programs, or as the SPD is dumped. */
    @Command(name = "render", description = "What a template makes of an interface; changes nothing.")
    static final class Render extends Verb {
        @Parameters(index = "0", paramLabel = "NAME", description = "The template.")
        private String name = "";

        @Parameters(index = "1", paramLabel = "INTERFACE", description = "One that is there or not.")
        private String interfaceName = "";

        @Parameters(index = "2..*", paramLabel = "WORD", description = "ifconfig(8) words, as for a change of it.")
        private List<String> words = new ArrayList<>();

        @Option(names = "--as", paramLabel = "FORM", description = "setkey, ip-xfrm or json.")
        private @Nullable String form;

        @Override
        void run(Session session) throws IOException, DialectException {
            boolean json = session.isJson() || "json".equals(form);
            ObjectNode params =
                    JsonRpc.JSON.createObjectNode().put("template", name).put("name", interfaceName);
            words.forEach(params.putArray("words")::add);
            if (form != null && !form.equals("json")) {
                if (!List.of("setkey", "ip-xfrm").contains(form)) {
                    throw new DialectException(
                            DialectException.Kind.USAGE,
                            "template render: --as " + form + ": expected setkey, ip-xfrm or json");
                }
                params.put("as", form);
            }
            JsonNode result = session.call("template.render", params);
            if (json) {
                session.printJson(result);
                return;
            }
            Rendering rendering = JsonRpc.JSON.treeToValue(result, Rendering.class);
            String script = rendering.script();
            if (script != null) {
                session.out().print(script);
            } else {
                rendering.policies().forEach(policy -> session.out().print(PolicyText.dump(policy)));
            }
        }
    }
}
