package org.ipsecif.daemon;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.IfconfigWords;
import org.ipsecif.config.IkeSettings;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.config.InterfaceName;
import org.ipsecif.control.Counter;
import org.ipsecif.control.Created;
import org.ipsecif.control.DaemonControl;
import org.ipsecif.control.IkeControl;
import org.ipsecif.control.IkeSaStatus;
import org.ipsecif.control.InterfaceStatus;
import org.ipsecif.control.MemoryStatus;
import org.ipsecif.control.PolicyStatus;
import org.ipsecif.control.Rendering;
import org.ipsecif.control.SaStatus;
import org.ipsecif.control.SetkeyResult;
import org.ipsecif.control.TemplateCheck;
import org.ipsecif.control.TemplateStatus;
import org.ipsecif.ike.IkeStatus;
import org.ipsecif.platform.ErrnoException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The commands of the control protocol, each run on the control thread. */
final class ControlFacade implements DaemonControl {
    private static final Logger LOG = LoggerFactory.getLogger(ControlFacade.class);
    private static final String ANY_UNIT = "ipsec";

    private final ControlThread control;
    private final InterfaceRegistry registry;
    private final StatusReport report;
    private final PolicyReport policies;
    private final TemplateReport templates;
    private final SetkeyRunner setkey;
    private final IkeOperations ike;
    private final MemoryReport memory;
    private final Callable<List<String>> reload;

    /** @param reload reads the configuration again; called on the control thread */
    ControlFacade(
            ControlThread control,
            InterfaceRegistry registry,
            StatusReport report,
            PolicyReport policies,
            TemplateReport templates,
            SetkeyRunner setkey,
            IkeOperations ike,
            MemoryReport memory,
            Callable<List<String>> reload) {
        this.control = control;
        this.registry = registry;
        this.report = report;
        this.policies = policies;
        this.templates = templates;
        this.setkey = setkey;
        this.ike = ike;
        this.memory = memory;
        this.reload = reload;
    }

    @Override
    public Created create(String name, List<String> words) throws ConfigException, RefusedException {
        return onControlThread(() -> {
            String chosen = name.equals(ANY_UNIT) ? registry.freeName(ANY_UNIT) : name;
            InterfaceName.check(chosen);
            ManagedInterface created = registry.create(IfconfigWords.apply(InterfaceConfig.named(chosen), words));
            return new Created(created.name(), warnings(created, IkeSettings.NONE));
        });
    }

    /** About what IKE is to do, if that has changed; those about its files, the log has already. */
    private static List<String> warnings(ManagedInterface subject, IkeSettings before) {
        IkeSettings settings = subject.config().ike();
        if (settings.equals(before)) {
            return List.of();
        }
        settings.warnings().forEach(line -> LOG.warn("{}: {}", subject.name(), line));
        return IkeWarnings.of(subject.config()).stream()
                .map(line -> subject.name() + ": " + line)
                .toList();
    }

    @Override
    public List<String> configure(String name, List<String> words) throws ConfigException, RefusedException {
        return onControlThread(() -> {
            ManagedInterface subject = registry.require(name);
            IkeSettings before = subject.config().ike();
            registry.change(subject, IfconfigWords.apply(registry.asItIs(subject), words));
            return warnings(subject, before);
        });
    }

    @Override
    public void destroy(String name) throws RefusedException {
        query(() -> {
            registry.destroy(name);
            return true;
        });
    }

    @Override
    public List<InterfaceStatus> interfaces(@Nullable String name) throws RefusedException {
        List<IkeStatus> sas = ike.snapshot(name);
        return query(() -> {
            List<IkeSaStatus> all = ike.report().of(sas);
            return selected(name).stream()
                    .map(each -> report.interfaceStatus(each, all))
                    .toList();
        });
    }

    private Collection<ManagedInterface> selected(@Nullable String name) throws RefusedException {
        return name == null ? registry.all() : List.of(registry.require(name));
    }

    @Override
    public SetkeyResult setkey(String origin, String script) throws ConfigException, RefusedException {
        return onControlThread(() -> setkey.run(origin, script));
    }

    @Override
    public List<SaStatus> securityAssociations() {
        return always(() -> report.associations(sa -> true));
    }

    @Override
    public void flushSecurityAssociations() {
        always(() -> {
            setkey.flush();
            return true;
        });
    }

    @Override
    public List<PolicyStatus> policies(@Nullable String name) throws RefusedException {
        return query(() -> policies.compare(selected(name)));
    }

    @Override
    public List<TemplateStatus> templates(@Nullable String name) throws ConfigException {
        return name == null ? templates.all() : List.of(templates.one(name));
    }

    @Override
    public TemplateCheck checkTemplate(String origin, String text) throws ConfigException {
        return templates.check(origin, text);
    }

    @Override
    public Rendering render(String template, String name, List<String> words, @Nullable String dialect)
            throws ConfigException, RefusedException {
        return onControlThread(() -> templates.render(template, name, words, dialect));
    }

    @Override
    public IkeControl ike() {
        return ike;
    }

    @Override
    public List<Counter> hostCounters() {
        return always(report::hostCounters);
    }

    @Override
    public List<String> reload() throws ConfigException, RefusedException {
        return onControlThread(reload);
    }

    @Override
    public String version() {
        return Version.STRING;
    }

    @Override
    public MemoryStatus memory() {
        return memory.status();
    }

    @Override
    public String java() {
        return JavaRuntime.line();
    }

    private <T> T onControlThread(Callable<T> task) throws ConfigException, RefusedException {
        try {
            return control.call(task);
        } catch (ConfigException | RefusedException | RuntimeException e) {
            throw e;
        } catch (ErrnoException e) {
            throw new RefusedException(String.valueOf(e.getMessage()));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** For what reads no configuration. */
    private <T> T query(Callable<T> task) throws RefusedException {
        try {
            return onControlThread(task);
        } catch (ConfigException e) {
            throw new RefusedException(String.valueOf(e.getMessage()));
        }
    }

    /** For what cannot be refused. */
    private <T> T always(Callable<T> task) {
        try {
            return query(task);
        } catch (RefusedException e) {
            throw new IllegalStateException(e);
        }
    }
}
