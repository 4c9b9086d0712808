package org.ipsecif.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** IKE SAs: what there is, and what to do with them. */
@Command(
        name = "ike",
        description = "IKE SAs: ike list, up, down, rekey, log, trace, keys.",
        subcommands = {
            IkeCommand.ListAll.class,
            IkeCommand.Up.class,
            IkeCommand.Down.class,
            IkeCommand.Rekey.class,
            IkeCommand.Log.class,
            IkeCommand.Trace.class,
            IkeCommand.Keys.class
        })
final class IkeCommand implements Callable<Integer> {
    private static final int DEFAULT_LINES = 100;
    private static final int POLL_SECONDS = 5;

    @ParentCommand
    @SuppressWarnings("NullAway.Init")
    private Ipsecifctl parent;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(
                spec.commandLine(), "ike: expected one of list, up, down, rekey, log, trace, keys");
    }

    /** One of the verbs. */
    abstract static class Verb implements Callable<Integer> {
        @ParentCommand
        @SuppressWarnings("NullAway.Init")
        private IkeCommand ike;

        abstract void run(Session session) throws IOException, DialectException;

        @Override
        public Integer call() throws IOException, DialectException {
            run(ike.parent.session());
            return 0;
        }
    }

    private static ObjectNode about(@Nullable String name) {
        ObjectNode params = JsonRpc.JSON.createObjectNode();
        return name == null ? params : params.put("name", name);
    }

    /** A line for each IKE SA, and below it one for each Child SA. */
    @Command(name = "list", aliases = "ls", description = "A line for each IKE SA, below it one for each Child SA.")
    static final class ListAll extends Verb {
        @Parameters(arity = "0..1", paramLabel = "NAME")
        private @Nullable String name;

        @Override
        void run(Session session) throws IOException {
            session.print(session.callFor("ike.list", name), IkeSaStatus.class, IkeSaText::lines);
        }
    }

    /** Fails with the reason that the log has. */
    @Command(name = "up", description = "Connect, and wait until the IKE SA and its Child SAs are there.")
    static final class Up extends Verb {
        @Parameters(index = "0", paramLabel = "NAME")
        private String name = "";

        @Option(names = "--timeout", paramLabel = "SECONDS", description = "Wait so long (default: 30).")
        private @Nullable Integer timeout;

        @Override
        void run(Session session) throws IOException {
            session.call("ike.up", withSeconds(about(name), timeout));
        }
    }

    private static ObjectNode withSeconds(ObjectNode params, @Nullable Integer seconds) {
        return seconds == null ? params : params.put("seconds", seconds);
    }

    /** Tells the peer. */
    @Command(name = "down", description = "Delete the interface's IKE SAs and tell the peer.")
    static final class Down extends Verb {
        @Parameters(index = "0", paramLabel = "NAME")
        private String name = "";

        @Override
        void run(Session session) throws IOException {
            session.call("ike.down", about(name));
        }
    }

    /** Make before break. */
    @Command(name = "rekey", description = "Replace the IKE SA, then its Child SAs; or one kind alone.")
    static final class Rekey extends Verb {
        /** One of two. */
        static final class What {
            @Option(names = "--ike", description = "The IKE SA only.")
            private boolean ike;

            @Option(names = "--child", description = "The Child SAs only.")
            private boolean child;
        }

        @Parameters(index = "0", paramLabel = "NAME")
        private String name = "";

        @ArgGroup
        private @Nullable What what;

        @Option(names = "--timeout", paramLabel = "SECONDS", description = "Wait so long (default: 30).")
        private @Nullable Integer timeout;

        @Override
        void run(Session session) throws IOException {
            ObjectNode params = withSeconds(about(name), timeout);
            if (what != null && what.ike) {
                params.put("what", "ike");
            }
            if (what != null && what.child) {
                params.put("what", "child");
            }
            session.call("ike.rekey", params);
        }
    }

    /** Events. */
    @Command(name = "log", description = "What IKE did, a line an event.")
    static final class Log extends Verb {
        @Parameters(arity = "0..1", paramLabel = "NAME")
        private @Nullable String name;

        @Option(names = "-n", paramLabel = "N", description = "The last N events (default: 100, at most 1000).")
        private int lines = DEFAULT_LINES;

        @Option(names = "-f", description = "Go on with what happens from now on.")
        private boolean follow;

        @Override
        void run(Session session) throws IOException {
            if (!follow) {
                print(session, session.call("ike.log", about(name).put("lines", lines)));
                return;
            }
            try (ControlClient client = session.connect()) {
                String stream = begin(client, "log", name);
                JsonNode before = client.call("ike.log", about(name).put("lines", lines));
                print(session, before);
                long last = before.isEmpty()
                        ? 0
                        : before.get(before.size() - 1).path("number").asLong();
                follow(session, client, stream, last, Long.MAX_VALUE);
            }
        }

        private static void print(Session session, JsonNode events) throws IOException {
            session.print(events, IkeEvent.class, each -> IkeSaText.event(each, ZoneId.systemDefault()));
            session.out().flush();
        }
    }

    /** Messages, decrypted. */
    @Command(name = "trace", description = "Decode the interface's IKE messages as they come and go.")
    static final class Trace extends Verb {
        @Parameters(index = "0", paramLabel = "NAME")
        private String name = "";

        @Option(names = "--duration", paramLabel = "SECONDS", description = "End after so long.")
        private @Nullable Integer duration;

        @Override
        void run(Session session) throws IOException {
            try (ControlClient client = session.connect()) {
                long end = duration == null ? Long.MAX_VALUE : System.nanoTime() + TimeUnit.SECONDS.toNanos(duration);
                follow(session, client, begin(client, "trace", name), 0, end);
            }
        }
    }

    private static String begin(ControlClient client, String what, @Nullable String name) throws IOException {
        return client.call("ike.follow", about(name).put("what", what))
                .path("stream")
                .asText();
    }

    /**
     * Prints a stream's events until it is time, or nobody takes them any more. With JSON each is an object on a line.
     *
     * @param last number of the last event that was printed already
     * @param end on the clock of System.nanoTime, or Long.MAX_VALUE
     */
    private static void follow(Session session, ControlClient client, String stream, long last, long end)
            throws IOException {
        while (!session.out().checkError()) {
            int seconds = POLL_SECONDS;
            if (end != Long.MAX_VALUE) {
                long left = end - System.nanoTime();
                if (left <= 0) {
                    return;
                }
                seconds = (int) Math.min(POLL_SECONDS, TimeUnit.NANOSECONDS.toSeconds(left) + 1);
            }
            ObjectNode params =
                    JsonRpc.JSON.createObjectNode().put("stream", stream).put("seconds", seconds);
            IkeEventBatch events = JsonRpc.JSON.treeToValue(client.call("ike.next", params), IkeEventBatch.class);
            print(session, events, last);
        }
    }

    private static void print(Session session, IkeEventBatch events, long last) throws IOException {
        if (events.lost() > 0) {
            session.err()
                    .println("ipsecifctl: " + events.lost() + " events lost: they came faster than they were taken");
        }
        for (IkeEvent event : events.events()) {
            if (event.number() > last) {
                session.out()
                        .print(
                                session.isJson()
                                        ? JsonRpc.JSON.writeValueAsString(event) + "\n"
                                        : IkeSaText.event(event, ZoneId.systemDefault()));
            }
        }
    }

    /** To a private file, and nowhere else. */
    @Command(name = "keys", description = "Write the keys of the interface's SAs to a private file, for Wireshark.")
    static final class Keys extends Verb {
        @Parameters(index = "0", paramLabel = "NAME")
        private String name = "";

        @Parameters(index = "1", paramLabel = "FILE", description = "A new file in a directory that is nobody else's.")
        private Path file = Path.of("");

        @Option(names = "--esp", description = "Those of ESP (esp_sa), not of IKE (ikev2_decryption_table).")
        private boolean esp;

        @Option(
                names = "--i-know",
                required = true,
                description = "That whoever reads the file can read all that these SAs have carried and will carry.")
        @SuppressWarnings("UnusedVariable") // that it is given is all that matters
        private boolean known;

        @Override
        void run(Session session) throws IOException {
            JsonNode result = session.call(
                    "ike.keys",
                    about(name)
                            .put("table", esp ? "esp" : "ike")
                            .put("file", file.toAbsolutePath().toString()));
            if (session.isJson()) {
                session.printJson(result);
                return;
            }
            IkeKeyFile keys = JsonRpc.JSON.treeToValue(result, IkeKeyFile.class);
            session.out()
                    .println(file + ": keys of " + keys.written() + " SAs"
                            + (keys.unknown() == 0
                                    ? ""
                                    : "; " + keys.unknown()
                                            + " left out, for Wireshark does not know their algorithms"));
        }
    }
}
