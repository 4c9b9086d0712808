package org.ipsecif.control;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import picocli.CommandLine.Command;

/** Commands about the daemon itself. */
final class DaemonCommands {
    private DaemonCommands() {}

    /** As SIGHUP, and waits for the outcome. */
    @Command(name = "reload", description = "Read the configuration again and apply what differs.")
    static final class Reload extends ShowCommands.Printing {
        @Override
        void print(Session session) throws IOException {
            JsonNode result = session.call("reload");
            if (session.isJson()) {
                session.printJson(result);
                return;
            }
            result.path("changes").forEach(line -> session.out().println(line.asText()));
        }
    }

    /** Both ends' versions. */
    @Command(name = "version", description = "The versions of this command and of the daemon.")
    static final class Version extends ShowCommands.Printing {
        @Override
        void print(Session session) throws IOException {
            JsonNode daemon = session.call("version");
            String version = daemon.path("version").asText();
            String java = daemon.path("java").asText();
            if (session.isJson()) {
                session.printJson(JsonRpc.JSON
                        .createObjectNode()
                        .put("ipsecifctl", Ipsecifctl.version())
                        .put("ipsecifd", version)
                        .put("java", java));
                return;
            }
            session.out().println("ipsecifctl " + Ipsecifctl.version());
            session.out().println("ipsecifd " + version);
            session.out().println(java);
        }
    }
}
