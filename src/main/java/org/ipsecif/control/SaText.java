package org.ipsecif.control;

import java.util.Locale;

/** SAs as people read them: a line, and setkey(8)'s dump. Keys are not among what the daemon tells. */
final class SaText {
    private SaText() {}

    /** For an interface's block. */
    static String line(SaStatus sa) {
        return String.format(
                Locale.ROOT,
                "%s %s --> %s spi 0x%08x %s%s %s replay %s %sseq %d, %d packets, %d bytes",
                sa.direction(),
                sa.source(),
                sa.destination(),
                sa.spi(),
                sa.mode().equals("transport") ? "transport " : "",
                sa.encryption(),
                sa.integrity(),
                sa.replayWindow() == 0 ? "off" : Integer.toString(sa.replayWindow()),
                sa.esn() ? "esn " : "",
                sa.sequence(),
                sa.packets(),
                sa.bytes());
    }

    /** The layout of setkey -D. */
    static String dump(SaStatus sa) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(Locale.ROOT, "%s %s%n", sa.source(), sa.destination()));
        text.append(String.format(
                Locale.ROOT,
                "\tesp mode=%s spi=%d(0x%08x) reqid=%d(0x%08x)%n",
                sa.mode(),
                sa.spi(),
                sa.spi(),
                sa.reqid(),
                sa.reqid()));
        text.append(String.format(Locale.ROOT, "\tE: %s%n\tA: %s%n", sa.encryption(), sa.integrity()));
        text.append(String.format(
                Locale.ROOT,
                "\tseq=0x%08x replay=%d flags=0x00000000 state=%s%s%n",
                sa.sequence(),
                sa.replayWindow() / 8,
                sa.state(),
                sa.esn() ? " esn" : ""));
        SaStatus.LifetimeStatus lifetimes = sa.lifetimes();
        lifetime(text, "diff", sa.addedSeconds(), "(s)", lifetimes.hardSeconds(), lifetimes.softSeconds());
        lifetime(text, "current", sa.bytes(), "(bytes)", lifetimes.hardBytes(), lifetimes.softBytes());
        lifetime(text, "allocated", sa.packets(), "", lifetimes.hardPackets(), lifetimes.softPackets());
        text.append(String.format(
                Locale.ROOT,
                "\tinterface=%s direction=%s%n",
                sa.interfaceName() == null ? "none" : sa.interfaceName(),
                sa.direction()));
        for (Counter counter : sa.counters()) {
            text.append(String.format(Locale.ROOT, "\t%d %s%n", counter.value(), counter.description()));
        }
        return text.toString();
    }

    private static void lifetime(StringBuilder text, String name, long now, String unit, long hard, long soft) {
        text.append(String.format(
                Locale.ROOT, "\t%s: %d%s\thard: %d%s\tsoft: %d%s%n", name, now, unit, hard, unit, soft, unit));
    }
}
