package org.ipsecif.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Commands that print. */
final class ShowCommands {
    private ShowCommands() {}

    /** A command that prints, about one interface or all. */
    abstract static class Printing implements Callable<Integer> {
        @ParentCommand
        @SuppressWarnings("NullAway.Init")
        private Ipsecifctl parent;

        abstract void print(Session session) throws IOException;

        @Override
        public Integer call() throws IOException {
            print(parent.session());
            return 0;
        }
    }

    /** A table. */
    @Command(name = "list", aliases = "ls", description = "A line for each interface.")
    static final class ListAll extends Printing {
        @Override
        void print(Session session) throws IOException {
            session.printAll(session.call("interface.list"), InterfaceStatus.class, InterfaceText::table);
        }
    }

    /** Blocks. */
    @Command(name = "show", description = "Interfaces in full: tunnel, addresses, SAs, counters.")
    static final class Show extends Printing {
        @Parameters(arity = "0..1", paramLabel = "NAME")
        private @Nullable String name;

        @Override
        void print(Session session) throws IOException {
            session.print(session.callFor("interface.list", name), InterfaceStatus.class, InterfaceText::block);
        }
    }

    /** Counters. */
    @Command(name = "stats", description = "All counters, in the manner of netstat -s.")
    static final class Stats extends Printing {
        @Parameters(arity = "0..1", paramLabel = "NAME")
        private @Nullable String name;

        @Override
        void print(Session session) throws IOException {
            JsonNode interfaces = session.callFor("interface.list", name);
            JsonNode host = name == null ? session.call("host.counters") : JsonRpc.JSON.createArrayNode();
            JsonNode memory = name == null ? session.call("memory") : null;
            if (session.isJson()) {
                session.printJson(json(interfaces, host, memory));
                return;
            }
            for (InterfaceStatus each : session.read(interfaces, InterfaceStatus.class)) {
                session.out().print(CounterText.block(each.name(), each.counters()));
            }
            if (memory != null) {
                session.out().print(CounterText.block("of no interface", session.read(host, Counter.class)));
                session.out().print(MemoryText.block(JsonRpc.JSON.treeToValue(memory, MemoryStatus.class)));
            }
        }

        private static ObjectNode json(JsonNode interfaces, JsonNode host, @Nullable JsonNode memory) {
            ObjectNode result = JsonRpc.JSON.createObjectNode();
            ArrayNode all = result.putArray("interfaces");
            for (JsonNode each : interfaces) {
                ObjectNode entry = all.addObject().put("name", each.path("name").asText());
                entry.set("counters", each.path("counters"));
            }
            result.set("host", host);
            return memory == null ? result : result.set("memory", memory);
        }
    }

    /** The SPD. */
    @Command(
            name = "policy",
            description = "The SPD in the daemon and in the kernel, side by side; differences are marked.")
    static final class Policy extends Printing {
        @Parameters(arity = "0..1", paramLabel = "NAME")
        private @Nullable String name;

        @Override
        void print(Session session) throws IOException {
            session.printAll(session.callFor("policy.list", name), PolicyStatus.class, PolicyText::sideBySide);
        }
    }

    /** The SAD. */
    @Command(name = "sa", description = "The SAD.")
    static final class Sa extends Printing {
        @Override
        void print(Session session) throws IOException {
            session.print(session.call("sa.list"), SaStatus.class, SaText::dump);
        }
    }
}
