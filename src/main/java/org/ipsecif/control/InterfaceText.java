package org.ipsecif.control;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Interfaces as people read them: ifconfig(8)'s block, and a line each. */
final class InterfaceText {
    private static final Map<String, Integer> FLAG_BITS =
            Map.of("UP", 0x1, "POINTOPOINT", 0x10, "RUNNING", 0x40, "MULTICAST", 0x8000);

    private InterfaceText() {}

    /** ifconfig(8)'s block, with SAs and the counters that are not zero. */
    static String block(InterfaceStatus each) {
        StringBuilder text = new StringBuilder();
        int bits = each.flags().stream()
                .mapToInt(flag -> FLAG_BITS.getOrDefault(flag, 0))
                .sum();
        line(text, "%s: flags=%x<%s> metric 0 mtu %d", each.name(), bits, String.join(",", each.flags()), each.mtu());
        if (!each.description().isEmpty()) {
            line(text, "\tdescription: %s", each.description());
        }
        if (each.tunnelLocal() != null) {
            line(
                    text,
                    "\ttunnel %s %s --> %s encap %s",
                    family(each.tunnelLocal()),
                    each.tunnelLocal(),
                    each.tunnelRemote(),
                    each.encap());
        }
        if (each.fib() != null) {
            line(text, "\tfib: %d", each.fib());
        }
        if (each.tunnelFib() != null) {
            line(text, "\ttunnelfib: %d", each.tunnelFib());
        }
        if (each.pathMtu() > 0) {
            line(text, "\tpath mtu %d%s", each.pathMtu(), learned(each.pathMtuSeconds()));
        }
        if (!each.packets().isEmpty()) {
            line(text, "\toptions: %s", each.packets());
        }
        each.addresses().forEach(address -> line(text, "\t%s", address(address)));
        line(text, "\treqid: %d", each.reqid());
        line(text, "\ttemplate: %s", each.template());
        if (!each.spd().isEmpty()) {
            line(text, "\tspd: %s", each.spd());
        }
        line(text, "\tstatus: %s", each.status());
        if (!each.keying().isEmpty()) {
            line(text, "\tike options: %s", each.keying());
        }
        IkeSaText.states(each).forEach(state -> line(text, "\tike: %s", state));
        each.securityAssociations().forEach(sa -> line(text, "\tsa %s", SaText.line(sa)));
        line(text, "\tin: %d packets, %d bytes", value(each, "inbound_packets"), value(each, "inbound_bytes"));
        line(text, "\tout: %d packets, %d bytes", value(each, "outbound_packets"), value(each, "outbound_bytes"));
        for (Counter counter : each.counters()) {
            if (!CounterText.isTraffic(counter) && counter.value() > 0) {
                line(text, "\t%d %s", counter.value(), counter.description());
            }
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String format, @Nullable Object... arguments) {
        text.append(String.format(Locale.ROOT, format, arguments)).append('\n');
    }

    private static String learned(long seconds) {
        return seconds == 0 ? "" : String.format(Locale.ROOT, " (learned from ICMP, for %d s more)", seconds);
    }

    private static String family(String address) {
        return address.indexOf(':') >= 0 ? "inet6" : "inet";
    }

    private static String address(InterfaceStatus.AddressStatus address) {
        String remote = address.remote() == null ? "" : " --> " + address.remote();
        String mask = address.family().equals("inet6")
                ? " prefixlen " + address.prefixLength()
                : String.format(Locale.ROOT, " netmask 0x%08x", netmask(address.prefixLength()));
        return address.family() + " " + address.local() + remote + mask;
    }

    private static int netmask(int prefixLength) {
        return prefixLength == 0 ? 0 : -1 << (32 - prefixLength);
    }

    private static long value(InterfaceStatus each, String name) {
        return each.counters().stream()
                .filter(counter -> counter.name().equals(name))
                .mapToLong(Counter::value)
                .findFirst()
                .orElse(0);
    }

    /** A table, a line an interface. */
    static String table(List<InterfaceStatus> all) {
        StringBuilder text = new StringBuilder();
        line(
                text,
                "%-15s %-16s %-8s %-42s %10s %10s  %s",
                "NAME",
                "STATUS",
                "REQID",
                "TUNNEL",
                "IN",
                "OUT",
                "ADDRESSES");
        for (InterfaceStatus each : all) {
            List<String> addresses = each.addresses().stream()
                    .map(address -> address.local() + "/" + address.prefixLength())
                    .toList();
            line(
                    text,
                    "%-15s %-16s %-8d %-42s %10d %10d  %s",
                    each.name(),
                    each.status(),
                    each.reqid(),
                    each.tunnelLocal() == null ? "-" : each.tunnelLocal() + " --> " + each.tunnelRemote(),
                    value(each, "inbound_packets"),
                    value(each, "outbound_packets"),
                    String.join(" ", addresses));
        }
        return text.toString();
    }
}
