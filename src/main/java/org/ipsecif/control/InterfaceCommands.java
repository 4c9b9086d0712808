package org.ipsecif.control;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.ipsecif.control.DialectException.Kind;
import org.ipsecif.control.DialectWords.Request;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Commands that make, change and destroy interfaces. */
final class InterfaceCommands {
    static final String IFCONFIG = "ifconfig";

    private InterfaceCommands() {}

    /** A command that passes words on; words may begin with a dash. */
    abstract static class Words implements Callable<Integer> {
        @ParentCommand
        @SuppressWarnings("NullAway.Init")
        private Ipsecifctl parent;

        abstract void run(Session session) throws IOException, DialectException;

        @Override
        public Integer call() throws IOException, DialectException {
            run(parent.session());
            return 0;
        }
    }

    /** {@code create NAME [words]}; prints the name when the daemon chose it, as ifconfig(8). */
    @Command(name = "create", description = "Make an interface: create NAME [ifconfig(8) words].")
    static final class Create extends Words {
        @Parameters(index = "0", paramLabel = "NAME", description = "Its name, or ipsec for the next free ipsecN.")
        private String name = "";

        @Parameters(index = "1..*", paramLabel = "WORD", description = "Such as: reqid 100 tunnel A B.")
        private List<String> words = new ArrayList<>();

        @Override
        void run(Session session) throws IOException {
            create(session, name, words);
        }
    }

    private static void create(Session session, String name, List<String> words) throws IOException {
        JsonNode result = session.callWithWords("interface.create", name, words);
        session.warn(result);
        if (session.isJson()) {
            session.printJson(result);
        } else if (!result.path("name").asText().equals(name)) {
            session.out().println(result.path("name").asText());
        }
    }

    private static void configure(Session session, Request request) throws IOException {
        session.warn(session.callWithWords("interface.configure", request.name(), request.words()));
    }

    /** {@code destroy NAME}. */
    @Command(name = "destroy", description = "Remove an interface, its policies and its SAs.")
    static final class Destroy extends Words {
        @Parameters(index = "0", paramLabel = "NAME")
        private String name = "";

        @Override
        void run(Session session) throws IOException {
            session.callFor("interface.destroy", name);
        }
    }

    /** {@code up NAME}. */
    @Command(name = "up", description = "Mark an interface up.")
    static final class Up extends Words {
        @Parameters(index = "0", paramLabel = "NAME")
        private String name = "";

        @Override
        void run(Session session) throws IOException {
            configure(session, new Request(name, List.of("up")));
        }
    }

    /** {@code down NAME}. */
    @Command(name = "down", description = "Mark an interface down.")
    static final class Down extends Words {
        @Parameters(index = "0", paramLabel = "NAME")
        private String name = "";

        @Override
        void run(Session session) throws IOException {
            configure(session, new Request(name, List.of("down")));
        }
    }

    /** {@code NAME [words]}: ifconfig(8) itself. */
    @Command(name = IFCONFIG, description = "ifconfig(8): NAME [words]; the word ifconfig may be left out.")
    static final class Ifconfig extends Words {
        @Parameters(index = "0", paramLabel = "NAME")
        private String name = "";

        @Parameters(index = "1..*", paramLabel = "WORD")
        private List<String> words = new ArrayList<>();

        @Override
        void run(Session session) throws IOException {
            String first = words.isEmpty() ? "" : words.get(0);
            switch (first) {
                case "" ->
                    session.print(session.callFor("interface.list", name), InterfaceStatus.class, InterfaceText::block);
                case "create" -> create(session, name, words.subList(1, words.size()));
                case "destroy" -> session.callFor("interface.destroy", name);
                default -> configure(session, new Request(name, words));
            }
        }
    }

    /** ip-link(8). */
    @Command(name = "link", aliases = "l", description = "ip-link(8): link add|set|del|show ...")
    static final class Link extends Words {
        @Parameters(index = "0", paramLabel = "VERB", arity = "0..1")
        private String verb = "show";

        @Parameters(index = "1..*", paramLabel = "WORD")
        private List<String> words = new ArrayList<>();

        @Override
        void run(Session session) throws IOException, DialectException {
            switch (verb) {
                case "add", "a" -> {
                    Request request = DialectWords.linkAdd(words);
                    create(session, request.name(), request.words());
                }
                case "set", "s" -> configure(session, DialectWords.linkSet(words));
                default -> common("link", session, verb, words);
            }
        }
    }

    /** ip-tunnel(8). */
    @Command(name = "tunnel", aliases = "tun", description = "ip-tunnel(8): tunnel add|change|del|show ...")
    static final class Tunnel extends Words {
        @Parameters(index = "0", paramLabel = "VERB", arity = "0..1")
        private String verb = "show";

        @Parameters(index = "1..*", paramLabel = "WORD")
        private List<String> words = new ArrayList<>();

        @Override
        void run(Session session) throws IOException, DialectException {
            switch (verb) {
                case "add", "a" -> {
                    Request request = DialectWords.tunnelAdd(words);
                    create(session, request.name(), request.words());
                }
                case "change", "chg" -> configure(session, DialectWords.tunnelChange(words));
                default -> common("tunnel", session, verb, words);
            }
        }
    }

    /** What link and tunnel share: deleting and showing. */
    private static void common(String command, Session session, String verb, List<String> words)
            throws IOException, DialectException {
        List<String> names = words.stream()
                .filter(word -> !word.equals("dev") && !word.equals("name"))
                .toList();
        switch (verb) {
            case "del", "delete", "d" -> {
                if (names.isEmpty()) {
                    throw new DialectException(Kind.USAGE, command + " del: expected the interface's name");
                }
                session.callFor("interface.destroy", names.get(0));
            }
            case "show", "list", "ls" ->
                session.print(
                        session.callFor("interface.list", names.isEmpty() ? null : names.get(0)),
                        InterfaceStatus.class,
                        InterfaceText::block);
            default ->
                throw new DialectException(
                        Kind.USAGE,
                        command + ": unknown verb \"" + verb + "\"; known are add, "
                                + (command.equals("link") ? "set" : "change") + ", del, show");
        }
    }

    /** ip-address(8). */
    @Command(
            name = "addr",
            aliases = {"address", "a"},
            description = "ip-address(8): addr add|del ADDRESS/LENGTH [peer ADDRESS] dev NAME")
    static final class Address extends Words {
        @Parameters(index = "0", paramLabel = "VERB")
        private String verb = "";

        @Parameters(index = "1..*", paramLabel = "WORD")
        private List<String> words = new ArrayList<>();

        @Override
        void run(Session session) throws IOException, DialectException {
            switch (verb) {
                case "add", "a", "replace" -> configure(session, DialectWords.address(true, words));
                case "del", "delete", "d" -> configure(session, DialectWords.address(false, words));
                default ->
                    throw new DialectException(Kind.USAGE, "addr: unknown verb \"" + verb + "\"; known are add, del");
            }
        }
    }
}
