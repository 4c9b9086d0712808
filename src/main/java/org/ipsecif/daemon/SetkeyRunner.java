package org.ipsecif.daemon;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.config.AllowedAlgorithms;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.SetkeyScript;
import org.ipsecif.config.SetkeyStatement;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.ipsecif.control.PolicyStatus;
import org.ipsecif.control.SaStatus;
import org.ipsecif.control.SetkeyResult;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.SecurityAssociation;

/** Runs setkey(8) scripts against the SAD: all of a script, or nothing. Control thread only. */
final class SetkeyRunner {
    private final Host host;
    private final InterfaceRegistry registry;
    private final StatusReport report;
    private final PolicyReport spd;
    private final AllowedAlgorithms allowed;

    /** @param allowed what scripts of manual SAs may name */
    SetkeyRunner(
            Host host, InterfaceRegistry registry, StatusReport report, PolicyReport spd, AllowedAlgorithms allowed) {
        this.host = host;
        this.registry = registry;
        this.report = report;
        this.spd = spd;
        this.allowed = allowed;
    }

    SetkeyResult run(String origin, String script) throws ConfigException, RefusedException, ErrnoException {
        List<SetkeyStatement> statements = SetkeyScript.parse(origin, script, allowed);
        List<SaStatus> associations = new ArrayList<>();
        List<PolicyStatus> policies = new ArrayList<>();
        Undo undo = new Undo();
        try {
            for (SetkeyStatement statement : statements) {
                executeAt(origin, statement, undo, associations, policies);
            }
            undo.commit();
        } catch (RefusedException | ErrnoException | RuntimeException e) {
            undo.rollBack();
            throw e;
        } finally {
            registry.settle();
        }
        return new SetkeyResult(associations, policies);
    }

    private void executeAt(
            String origin,
            SetkeyStatement statement,
            Undo undo,
            List<SaStatus> associations,
            List<PolicyStatus> policies)
            throws RefusedException, ErrnoException {
        try {
            execute(statement, undo, associations, policies);
        } catch (RefusedException e) {
            throw new RefusedException(origin + ":" + statement.line() + ": " + e.getMessage());
        }
    }

    private void execute(SetkeyStatement statement, Undo undo, List<SaStatus> associations, List<PolicyStatus> policies)
            throws RefusedException, ErrnoException {
        if (statement instanceof SetkeyStatement.Add add) {
            checkMode(add.parameters());
            host.associations().add(add.parameters(), undo);
        } else if (statement instanceof SetkeyStatement.Delete delete) {
            host.associations().delete(delete, undo);
        } else if (statement instanceof SetkeyStatement.DeleteAll all) {
            removeWhere(
                    undo,
                    sa -> sa.source().equals(all.source()) && sa.destination().equals(all.destination()));
        } else if (statement instanceof SetkeyStatement.Flush) {
            removeWhere(undo, sa -> true);
        } else if (statement instanceof SetkeyStatement.Get get) {
            SaParameters wanted = host.associations()
                    .find(get.source(), get.destination(), get.spi())
                    .parameters();
            associations.addAll(report.associations(
                    sa -> sa.spi() == wanted.spi() && sa.destination().equals(wanted.destination())));
        } else if (statement instanceof SetkeyStatement.Dump) {
            associations.addAll(report.associations(sa -> true));
        } else if (statement instanceof SetkeyStatement.SpdDump) {
            policies.addAll(spd.compare(registry.all()));
        }
    }

    /** An SA that no policy of its interface could use would only seem to be one. */
    private void checkMode(SaParameters sa) throws RefusedException {
        for (ManagedInterface each : registry.all()) {
            IpsecMode mode = each.policies().mode();
            if (each.config().reqid() == sa.reqid() && !sa.mode().serves(mode)) {
                throw new RefusedException("SA " + sa + " is of " + sa.mode().word() + " mode, the policies of "
                        + each.name() + " are of " + mode.word() + " mode");
            }
        }
    }

    private void removeWhere(Undo undo, java.util.function.Predicate<SaParameters> condition) {
        for (SecurityAssociation sa : host.sad().select(condition)) {
            host.associations().remove(sa, undo);
        }
    }

    /** Empties the SAD. */
    void flush() {
        removeWhere(new Undo(), sa -> true);
        registry.settle();
    }
}
