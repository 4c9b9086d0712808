package org.ipsecif.daemon;

import java.io.PrintWriter;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.Configuration;
import org.ipsecif.config.FibNumbers;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.control.PolicyStatus;
import org.ipsecif.sa.SaParameters;

/** {@code --check}: reads everything and prints what a start would make. Touches nothing, needs no privilege. */
final class ConfigurationCheck {
    private final Planner planner;
    private final PrintWriter out;

    ConfigurationCheck(Planner planner, PrintWriter out) {
        this.planner = planner;
        this.out = out;
    }

    void run(Configuration configuration) throws ConfigException {
        var interfaces = configuration.interfaces();
        for (InterfaceConfig config : interfaces) {
            print(config, Reload.check(planner, config));
        }
        for (InterfaceConfig kind : configuration.dynamic().kinds()) {
            Reload.check(planner, kind);
        }
        planner.checkTogether(configuration.all());
        out.printf("%d interfaces%n", interfaces.size());
        out.flush();
    }

    private void print(InterfaceConfig config, InterfaceChange.Plan plan) {
        out.printf(
                "%s: mtu %s %s reqid %s template %s%n",
                config.name(),
                config.mtu() == InterfaceConfig.AUTO_MTU ? "auto" : Integer.toString(config.mtu()),
                config.up() ? "up" : "down",
                config.reqid() == 0 ? "automatic" : Integer.toUnsignedString(config.reqid()),
                config.template());
        print("fib", config.fibs().inner());
        print("tunnelfib", config.fibs().tunnel());
        var tunnel = config.tunnel();
        if (tunnel != null) {
            out.printf(
                    "\ttunnel %s %s --> %s encap %s%n",
                    tunnel.family().word(),
                    tunnel.local(),
                    StatusReport.remote(config, tunnel),
                    config.encap().name().toLowerCase(java.util.Locale.ROOT));
        }
        if (!config.packetWords().isEmpty()) {
            out.printf("\toptions: %s%n", config.packetWords());
        }
        if (!config.ikeWords().isEmpty()) {
            out.printf("\tike options: %s%n", config.ikeWords());
        }
        IkeWarnings.ofFiles(config).forEach(line -> out.printf("\twarning: %s%n", line));
        config.addresses()
                .forEach(address -> out.printf("\t%s %s%n", address.family().word(), address));
        PolicyReport.rendered(config.name(), plan.copy()).forEach(policy -> printPolicy(config, policy));
        plan.associations().forEach(this::printAssociation);
    }

    private void print(String word, int fib) {
        if (fib != FibNumbers.PROCESS) {
            out.printf("\t%s: %d%n", word, fib);
        }
    }

    /** Behind a policy that the kernel cannot hold follow the entries in its place. */
    private void printPolicy(InterfaceConfig config, PolicyStatus status) {
        String transforms = String.join(" ", status.transforms());
        if (config.reqid() == 0) {
            transforms = transforms.replaceAll(":\\d+$", ":automatic");
        }
        out.printf(
                "\tpolicy %s %s %s %s %s %s%s%n",
                status.direction(),
                status.source(),
                status.destination(),
                status.action(),
                transforms,
                config.reqid() == 0 ? status.scope().replaceAll(" .*", " automatic") : status.scope(),
                status.note().isEmpty() ? "" : "; in the kernel " + status.kernel() + ": " + status.note());
    }

    private void printAssociation(SaParameters sa) {
        out.printf("\tsa %s %s %s%n", sa, StatusReport.encryption(sa), sa.integrity());
    }
}
