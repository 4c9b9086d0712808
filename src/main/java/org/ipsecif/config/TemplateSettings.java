package org.ipsecif.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ipsecif.sa.IpPrefix;

/**
 * What an interface's settings say of its policies.
 *
 * @param template the SPD template's name
 * @param parameters of the template, by name, as the user gave them
 * @param localNetworks networks behind this end, of either family, none twice; empty for those of the inner addresses
 * @param remoteNetworks networks behind the other end, likewise
 * @param keyIn key of inbound packets (vti's ikey), 32 bits, unsigned; 0 for none
 * @param keyOut key of outbound packets (vti's okey), likewise
 */
public record TemplateSettings(
        GivenParameter template,
        Map<String, GivenParameter> parameters,
        List<IpPrefix> localNetworks,
        List<IpPrefix> remoteNetworks,
        int keyIn,
        int keyOut) {
    public static final TemplateSettings DEFAULT =
            new TemplateSettings(named("route-based"), Map.of(), List.of(), List.of(), 0, 0);

    public TemplateSettings {
        parameters = Map.copyOf(parameters);
        localNetworks = List.copyOf(localNetworks);
        remoteNetworks = List.copyOf(remoteNetworks);
    }

    /** A name that stands in no file. */
    static GivenParameter named(String name) {
        return new GivenParameter(name, null, 0, "template");
    }

    public String name() {
        return template.value();
    }

    /** Another template has parameters of its own: those that were given for the one before go with it. */
    TemplateSettings withTemplate(GivenParameter value) {
        Map<String, GivenParameter> kept = value.equals(template) ? parameters : Map.of();
        return new TemplateSettings(value, kept, localNetworks, remoteNetworks, keyIn, keyOut);
    }

    TemplateSettings withParameter(String parameter, GivenParameter value) {
        Map<String, GivenParameter> all = new LinkedHashMap<>(parameters);
        all.put(parameter, value);
        return new TemplateSettings(template, all, localNetworks, remoteNetworks, keyIn, keyOut);
    }

    TemplateSettings withLocalNetworks(List<IpPrefix> value) {
        return new TemplateSettings(template, parameters, value, remoteNetworks, keyIn, keyOut);
    }

    TemplateSettings withRemoteNetworks(List<IpPrefix> value) {
        return new TemplateSettings(template, parameters, localNetworks, value, keyIn, keyOut);
    }

    TemplateSettings withKeys(int in, int out) {
        return new TemplateSettings(template, parameters, localNetworks, remoteNetworks, in, out);
    }
}
