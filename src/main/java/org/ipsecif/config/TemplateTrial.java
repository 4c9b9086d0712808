package org.ipsecif.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.ipsecif.sa.Direction;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.Level;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.TransformTemplate;
import org.ipsecif.sa.TunnelEndpoints;

/**
 * Tries a template on interfaces made up for it, since much shows only when it is rendered: one that has all there is to have, or,
 * if the template does not take that, one that has nothing.
 *
 * @param template read without a mistake
 * @param policies how many the interface got, or -1 if there was none to try it on
 * @param reason why not; otherwise empty
 */
public record TemplateTrial(SpdTemplate template, int policies, String reason) {
    private static final TunnelEndpoints ENDPOINTS =
            new TunnelEndpoints(IpAddress.parse("192.0.2.1"), IpAddress.parse("192.0.2.2"));
    private static final List<InnerAddress> ADDRESSES = List.of(
            new InnerAddress(IpAddress.parse("198.51.100.1"), 30, IpAddress.parse("198.51.100.2")),
            new InnerAddress(IpAddress.parse("2001:db8::1"), 128, IpAddress.parse("2001:db8::2")));
    private static final TemplateSettings ALL = new TemplateSettings(
            TemplateSettings.named(""),
            Map.of(),
            List.of(IpPrefix.parse("203.0.113.0/25"), IpPrefix.parse("2001:db8:1::/48")),
            List.of(IpPrefix.parse("203.0.113.128/25"), IpPrefix.parse("2001:db8:2::/48")),
            1,
            2);

    /**
     * Reads a template and tries it.
     *
     * @param origin its name for messages
     * @param directory of the templates that it may extend
     * @param platform see {@link InterfaceFacts}
     * @throws ConfigException with file, section and key
     */
    public static TemplateTrial of(String origin, String text, Path directory, String platform) throws ConfigException {
        SpdTemplate template = SpdTemplate.check(origin, text, directory);
        for (TemplateParameter parameter : template.parameters()) {
            if (parameter.preset() == null) {
                return new TemplateTrial(
                        template,
                        -1,
                        "not tried on an interface: the parameter " + parameter.name() + " has no default");
            }
        }
        for (InterfaceFacts each :
                List.of(facts(ADDRESSES, ALL, platform), facts(List.of(), TemplateSettings.DEFAULT, platform))) {
            if (template.suits(each)) {
                return new TemplateTrial(template, policies(origin, template, each), "");
            }
        }
        return new TemplateTrial(template, -1, "not tried on an interface: it requires what none can have here");
    }

    /** How many there are, all of them such as the daemon does. */
    private static int policies(String origin, SpdTemplate template, InterfaceFacts facts) throws ConfigException {
        List<SecurityPolicy> policies = template.render(facts);
        try {
            check(origin, policies, facts);
        } catch (ConfigException e) {
            if (!suitsAnother(origin, template, policies, facts)) {
                throw e;
            }
        }
        return policies.size();
    }

    private static void check(String origin, List<SecurityPolicy> policies, InterfaceFacts facts)
            throws ConfigException {
        new ProcessedPolicies(facts.tunnel(), facts.reqid()).check(origin, policies);
    }

    /** A template may be written for one interface, with its addresses and its reqid in it: then that is the one to try. */
    private static boolean suitsAnother(
            String origin, SpdTemplate template, List<SecurityPolicy> policies, InterfaceFacts facts) {
        SecurityPolicy first = policies.stream()
                .filter(each -> !each.transforms().isEmpty())
                .findFirst()
                .orElseThrow();
        TransformTemplate transform = first.transforms().get(0);
        try {
            InterfaceFacts asked = new InterfaceFacts(
                    facts.name(),
                    endpoints(first, transform),
                    facts.addresses(),
                    transform.level() == Level.UNIQUE ? transform.reqid() : facts.reqid(),
                    facts.ifId(),
                    facts.settings(),
                    facts.platform());
            check(origin, template.render(asked), asked);
            return true;
        } catch (ConfigException | IllegalArgumentException e) {
            return false;
        }
    }

    private static TunnelEndpoints endpoints(SecurityPolicy policy, TransformTemplate transform) {
        boolean transport = transform.mode() == IpsecMode.TRANSPORT;
        IpAddress source = transport ? policy.selector().source().address() : transform.source();
        IpAddress destination = transport ? policy.selector().destination().address() : transform.destination();
        return policy.direction() == Direction.OUTBOUND
                ? new TunnelEndpoints(source, destination)
                : new TunnelEndpoints(destination, source);
    }

    private static InterfaceFacts facts(List<InnerAddress> addresses, TemplateSettings settings, String platform) {
        return new InterfaceFacts("ipsec0", ENDPOINTS, addresses, 100, 100, settings, platform);
    }
}
