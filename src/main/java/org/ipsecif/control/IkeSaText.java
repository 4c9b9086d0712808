package org.ipsecif.control;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** IKE as people read it. */
final class IkeSaText {
    private static final int SECONDS_PER_MINUTE = 60;
    private static final int SECONDS_PER_HOUR = 3_600;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS", Locale.ROOT);

    private IkeSaText() {}

    /** A line for an IKE SA, and an indented one for each of its Child SAs. */
    static String lines(IkeSaStatus sa) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "%s: %s as %s, %s at %s[%d] --> %s at %s[%d], spis %s_i %s_r",
                sa.name(),
                sa.state(),
                sa.initiator() ? "initiator" : "responder",
                sa.localId(),
                sa.local(),
                sa.localPort(),
                peer(sa),
                sa.remote(),
                sa.remotePort(),
                sa.initiatorSpi(),
                sa.responderSpi()));
        if (!sa.state().equals("connecting")) {
            text.append(", age ").append(time(sa.ageSeconds()));
        }
        text.append(rekey(sa.rekeySeconds()))
                .append(sa.algorithms().isEmpty() ? "" : ", " + sa.algorithms())
                .append(nat(sa))
                .append('\n');
        sa.children().forEach(child -> text.append('\t').append(line(child)).append('\n'));
        return text.toString();
    }

    private static String peer(IkeSaStatus sa) {
        return sa.remoteId() == null ? "anybody" : sa.remoteId();
    }

    private static String line(IkeChildStatus child) {
        return String.format(
                Locale.ROOT,
                "child %s: %s, spis 0x%08x in 0x%08x out, %s === %s, %s%s, in %d packets %d bytes, out %d packets %d"
                        + " bytes, age %s%s",
                child.name(),
                child.state(),
                child.inboundSpi(),
                child.outboundSpi(),
                String.join(" ", child.local()),
                String.join(" ", child.remote()),
                child.algorithms(),
                child.inUdp() ? ", in UDP" : "",
                child.inboundPackets(),
                child.inboundBytes(),
                child.outboundPackets(),
                child.outboundBytes(),
                time(child.ageSeconds()),
                rekey(child.rekeySeconds()));
    }

    private static String nat(IkeSaStatus sa) {
        List<String> where = new ArrayList<>();
        if (sa.localNat()) {
            where.add("here");
        }
        if (sa.remoteNat()) {
            where.add("at the peer");
        }
        return where.isEmpty() ? "" : ", NAT " + String.join(" and ", where);
    }

    private static String rekey(@Nullable Long seconds) {
        return seconds == null ? "" : ", rekey in " + time(seconds);
    }

    /** {@code 3:12:05}. */
    static String time(long seconds) {
        return String.format(
                Locale.ROOT,
                "%d:%02d:%02d",
                seconds / SECONDS_PER_HOUR,
                seconds % SECONDS_PER_HOUR / SECONDS_PER_MINUTE,
                seconds % SECONDS_PER_MINUTE);
    }

    /** For an interface's block: how IKE stands with its peer; nothing if IKE does not key it. */
    static List<String> states(InterfaceStatus each) {
        if (each.keying().isEmpty()) {
            return List.of();
        }
        List<String> states = new ArrayList<>();
        for (IkeSaStatus sa : each.ike()) {
            states.add(sa.state() + (sa.state().equals("connecting") ? " to " : " with ") + peer(sa) + " at "
                    + sa.remote() + "[" + sa.remotePort() + "]"
                    + (sa.algorithms().isEmpty() ? "" : ", " + sa.algorithms()) + rekey(sa.rekeySeconds()));
        }
        if (states.isEmpty()) {
            states.add("no IKE SA" + (each.ikeProblem().isEmpty() ? "" : "; " + each.ikeProblem()));
        }
        return states;
    }

    /** With the time of this place; what follows the first line of a message is indented. */
    static String event(IkeEvent event, ZoneId zone) {
        String direction = switch (event.kind()) {
            case IkeEvent.WARNING -> "warning: ";
            case IkeEvent.SENT -> "--> ";
            case IkeEvent.RECEIVED -> "<-- ";
            default -> "";
        };
        return TIME.format(Instant.parse(event.time()).atZone(zone)) + " " + event.peer() + ": " + direction
                + event.text() + "\n";
    }
}
