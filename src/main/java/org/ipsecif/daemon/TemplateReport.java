package org.ipsecif.daemon;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.IfconfigWords;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.config.InterfaceName;
import org.ipsecif.config.SpdDialect;
import org.ipsecif.config.SpdTemplate;
import org.ipsecif.config.TemplateTrial;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.ipsecif.control.Rendering;
import org.ipsecif.control.TemplateCheck;
import org.ipsecif.control.TemplateStatus;
import org.ipsecif.control.TemplateStatus.ParameterStatus;
import org.ipsecif.control.TemplateStatus.SectionStatus;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.KernelCopy;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.TunnelEndpoints;
import org.jspecify.annotations.Nullable;

/** What the daemon tells about SPD templates. Any thread, but where an interface is concerned the control thread. */
final class TemplateReport {
    private final Planner planner;
    private final Path directory;
    private final InterfaceRegistry registry;

    TemplateReport(Planner planner, InterfaceRegistry registry) {
        this.planner = planner;
        this.directory = planner.templates();
        this.registry = registry;
    }

    /** All, sorted; one that cannot be read says so. */
    List<TemplateStatus> all() {
        List<TemplateStatus> all = new ArrayList<>();
        for (String name : SpdTemplate.names(directory)) {
            try {
                all.add(one(name));
            } catch (ConfigException e) {
                all.add(new TemplateStatus(name, "", List.of(), List.of(), String.valueOf(e.getMessage())));
            }
        }
        return all;
    }

    TemplateStatus one(String name) throws ConfigException {
        SpdTemplate template = SpdTemplate.load(directory, name);
        return new TemplateStatus(
                name,
                template.description(),
                template.parameters().stream()
                        .map(each -> new ParameterStatus(each.name(), each.type(), each.preset(), each.description()))
                        .toList(),
                template.sections().stream()
                        .map(each -> new SectionStatus(each.name(), each.lines()))
                        .toList(),
                "");
    }

    TemplateCheck check(String origin, String text) throws ConfigException {
        TemplateTrial trial = TemplateTrial.of(origin, text, directory, planner.system());
        return new TemplateCheck(trial.template().policySections(), trial.policies(), trial.reason());
    }

    /** Control thread only. */
    Rendering render(String template, String name, List<String> words, @Nullable String dialect)
            throws ConfigException, RefusedException, ErrnoException {
        SpdDialect as = dialect == null ? null : SpdDialect.of(dialect);
        InterfaceConfig config = config(template, name, words);
        TunnelEndpoints tunnel = config.tunnel();
        if (tunnel == null) {
            throw new RefusedException(name + ": has no policies while it has no tunnel endpoints");
        }
        ManagedInterface existing = registry.find(name);
        List<InnerAddress> addresses = existing == null ? config.addresses() : existing.addressesWith(config);
        List<SecurityPolicy> policies =
                planner.render(SpdTemplate.load(directory, template), config, tunnel, addresses);
        KernelCopy copy = planner.copy(config, addresses, policies);
        return new Rendering(
                PolicyReport.rendered(name, copy),
                as == null ? null : as.script(copy.isOfOthers() ? copy.entries() : policies));
    }

    /** Of an interface that is not there, what the words say. */
    private InterfaceConfig config(String template, String name, List<String> words)
            throws ConfigException, RefusedException, ErrnoException {
        ManagedInterface existing = registry.find(name);
        if (existing == null && words.isEmpty()) {
            registry.require(name);
        }
        InterfaceName.check(name);
        InterfaceConfig base = existing == null ? InterfaceConfig.named(name) : existing.config();
        List<String> all = new ArrayList<>(List.of("template", template));
        all.addAll(words);
        return registry.withReqid(IfconfigWords.apply(base, all), existing);
    }
}
