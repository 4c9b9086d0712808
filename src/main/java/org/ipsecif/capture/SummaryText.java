package org.ipsecif.capture;

import java.util.Locale;
import org.ipsecif.sa.Verdict;

/** A summary for people, in the manner of netstat -s. */
final class SummaryText {
    private SummaryText() {}

    /** @param saFile where SAs were looked for */
    static String of(Decryption.Summary summary, String saFile) {
        StringBuilder text = new StringBuilder("frames:\n");
        summary.frames().forEach((what, count) -> {
            if (!what.equals(EspFinder.Found.LINK_TYPE_UNSUPPORTED.name().toLowerCase(Locale.ROOT))) {
                count(text, count, what.replace('_', ' '));
            }
        });
        summary.unsupportedLinkTypes()
                .forEach((type, count) -> count(text, count, "of link type " + type + ", which is not supported"));
        if (summary.incomplete() > 0) {
            count(text, summary.incomplete(), "packets of which fragments are missing");
        }
        for (Decryption.AssociationSummary each : summary.associations()) {
            text.append(each.association()).append(":\n");
            count(text, each.decrypted(), "decrypted");
            if (each.dummies() > 0) {
                count(text, each.dummies(), Verdict.INBOUND_DUMMY.description());
            }
            each.failures().forEach((name, count) -> count(text, count, description(name)));
        }
        for (Decryption.UnknownSpi each : summary.unknown()) {
            text.append(String.join(" ", each.source(), each.destination(), "esp", each.spi()))
                    .append(":\n");
            count(text, each.packets(), "packets, no SA in " + saFile);
        }
        if (summary.unlisted() > 0) {
            text.append("others:\n");
            count(text, summary.unlisted(), "packets, no SA in " + saFile);
        }
        return text.toString();
    }

    private static void count(StringBuilder text, long count, String what) {
        text.append('\t').append(count).append(' ').append(what).append('\n');
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
