package org.ipsecif.config;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.configuration2.interpol.ConfigurationInterpolator;
import org.apache.commons.configuration2.interpol.DefaultLookups;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.TunnelEndpoints;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * What Commons Configuration can look up when it is let - the environment, files, other hosts, scripts - is looked up nowhere: in no
 * place of a template, of rc.conf or of ipsecif.conf. The reference stays text, or is an error.
 */
class InterpolationTest {
    private static final String MARKER = "marker-7f3a91";

    @TempDir
    private Path directory;

    /** Somewhere that a user can write a value. */
    private record Place(String name, Reading reading) {}

    /** Reads what a user wrote. @return all that came of it, as text */
    private interface Reading {
        String read(String reference) throws Exception;
    }

    private List<String> references() throws IOException {
        Path file = Files.writeString(directory.resolve("secret"), MARKER);
        Path properties = Files.writeString(directory.resolve("secret.properties"), "key=" + MARKER);
        Path xml = Files.writeString(directory.resolve("secret.xml"), "<key>" + MARKER + "</key>");
        return List.of(
                "${env:PATH}",
                "${sys:java.home}",
                "${const:java.lang.Long.MAX_VALUE}",
                "${file:UTF-8:" + file + "}",
                "${url:UTF-8:file:" + file + "}",
                "${properties:" + properties + "::key}",
                "${xml:" + xml + ":/key}",
                "${base64Decoder:"
                        + Base64.getEncoder().encodeToString(MARKER.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                        + "}",
                "${base64Encoder:" + MARKER + "}",
                "${urlDecoder:%6d" + MARKER.substring(1) + "}",
                "${java:version}",
                "${localhost:name}",
                "${dns:address|localhost}",
                "${script:javascript:6 * 7}",
                "${resourceBundle:sun.security.util.Resources:SPACE}",
                "${date:yyyy-MM-dd}");
    }

    /** What the library makes of a reference with all its look-ups on; null where it can do nothing with it here. */
    private static @Nullable String resolved(String reference) {
        ConfigurationInterpolator interpolator = new ConfigurationInterpolator();
        for (DefaultLookups each : DefaultLookups.values()) {
            interpolator.registerLookup(each.getPrefix(), each.getLookup());
        }
        try {
            String value = String.valueOf(interpolator.interpolate(reference));
            return value.equals(reference) ? null : value;
        } catch (RuntimeException e) {
            return null;
        }
    }

    @Test
    void libraryWouldLookUpMostOfThemIfItWereLet() throws IOException {
        List<String> found = new ArrayList<>();
        for (String reference : references()) {
            if (resolved(reference) != null) {
                found.add(reference.substring(2, reference.indexOf(':')));
            }
        }
        assertTrue(
                found.containsAll(List.of(
                        "env", "sys", "const", "file", "url", "properties", "xml", "base64Decoder", "java", "dns")),
                found::toString);
    }

    private static String render(String text) throws ConfigException {
        InterfaceFacts facts = new InterfaceFacts(
                "ipsec0",
                new TunnelEndpoints(IpAddress.parse("203.0.113.1"), IpAddress.parse("203.0.113.2")),
                List.of(new InnerAddress(IpAddress.parse("10.0.0.1"), 30, null)),
                100,
                100,
                TemplateSettings.DEFAULT.withKeys(1, 2),
                "linux");
        SpdTemplate template = SpdTemplate.parse("t", IniFile.parse("t.conf", text));
        return template.description() + template.parameters() + template.sections() + template.render(facts);
    }

    private static List<Place> ofTemplates() {
        Map<String, String> section = new LinkedHashMap<>();
        section.put("direction", "out");
        section.put("for-each", "inner");
        section.put("when", "has inner");
        section.put("source", "any");
        section.put("destination", "10.1.0.0/16");
        section.put("protocol", "udp");
        section.put("source-port", "any");
        section.put("destination-port", "any");
        section.put("icmp-type", "any");
        section.put("icmp-code", "any");
        section.put("action", "protect");
        section.put("transform", "esp/transport//require");
        section.put("priority", "5");
        section.put("scope", "host");
        List<Place> places = new ArrayList<>();
        for (String key : section.keySet()) {
            places.add(new Place("template, " + key, reference -> {
                StringBuilder text = new StringBuilder("[out]\n");
                section.forEach((each, value) -> text.append(each)
                        .append(" = ")
                        .append(each.equals(key) ? reference : value)
                        .append('\n'));
                return render(text.toString());
            }));
        }
        StringBuilder good = new StringBuilder("[out]\n");
        section.forEach(
                (key, value) -> good.append(key).append(" = ").append(value).append('\n'));
        for (String head : List.of(
                "[template]\ndescription = REF\n",
                "[template]\nextends = REF\n",
                "[template]\nrequires = REF\n",
                "[REF]\ndirection = out\n",
                "[param x]\ntype = REF\n",
                "[param x]\ntype = word\ndefault = REF\n",
                "[param x]\ntype = networks\ndefault = REF\n",
                "[param x]\ntype = word\ndefault = y\ndescription = REF\n",
                "REF = 1\n")) {
            places.add(new Place(
                    "template, " + head.strip().replace('\n', ' '),
                    reference -> head.contains("extends")
                            ? SpdTemplate.check("t.conf", head.replace("REF", reference) + good, Path.of("templates"))
                                    .toString()
                            : render(head.replace("REF", reference) + good)));
        }
        return places;
    }

    private Place file(String name, String text, boolean ini) {
        return new Place(name, reference -> {
            Path rc = Files.writeString(directory.resolve("rc.conf"), ini ? "" : text.replace("REF", reference));
            Path conf = Files.writeString(directory.resolve("ipsecif.conf"), ini ? text.replace("REF", reference) : "");
            Configuration read = ConfigurationReader.read(List.of(rc), conf);
            StringBuilder all = new StringBuilder(read.toString());
            for (InterfaceConfig each : read.interfaces()) {
                if (each.tunnel() != null) {
                    all.append(SpdTemplate.load(Path.of("templates"), each.template())
                            .render(new InterfaceFacts(
                                    each.name(), each.tunnel(), each.addresses(), 1, 1, each.policies(), "linux")));
                }
            }
            return all.toString();
        });
    }

    private List<Place> ofFiles() {
        List<Place> places = new ArrayList<>();
        for (String variable : List.of(
                "ipsecif_ipsec0_template",
                "ipsecif_ipsec0_template_priority",
                "ipsecif_ipsec0_local_networks",
                "ipsecif_ipsec0_remote_networks",
                "ipsecif_ipsec0_key",
                "ipsecif_ipsec0_sa_file",
                "ipsecif_ipsec0_encap",
                "ifconfig_ipsec0_descr",
                "ifconfig_ipsec0_alias0")) {
            for (String quoted : List.of("\"REF\"", "'REF'", "REF")) {
                places.add(file(
                        "rc.conf, " + variable + "=" + quoted,
                        "ifconfig_ipsec0=\"tunnel 203.0.113.1 203.0.113.2\"\n" + variable + "=" + quoted + "\n",
                        false));
            }
        }
        for (String key : List.of(
                "tunnel",
                "inner",
                "template",
                "template_priority",
                "local_networks",
                "remote_networks",
                "mtu",
                "reqid",
                "key",
                "state",
                "encap",
                "df",
                "description",
                "sa_file")) {
            String tunnel = key.equals("tunnel") ? "" : "tunnel = 203.0.113.1 203.0.113.2\n";
            places.add(file("ipsecif.conf, " + key, "[interface ipsec0]\n" + tunnel + key + " = REF\n", true));
        }
        places.add(new Place("ipsecif.conf, include", reference -> {
            Files.writeString(
                    directory.resolve(MARKER), "[interface ipsec7]\n"); // what a look-up of a file would include
            Path conf = Files.writeString(directory.resolve("ipsecif.conf"), "include = " + reference + "\n");
            Configuration read = ConfigurationReader.read(List.of(), conf);
            return reference + (read.interfaces().isEmpty() ? "" : MARKER);
        }));
        places.add(file("ipsecif.conf, a section", "[interface REF]\n", true));
        places.add(file("ipsecif.conf, defaults", "[defaults]\ntemplate = REF\n[interface ipsec0]\n", true));
        return places;
    }

    @TestFactory
    Stream<DynamicTest> referencesStayTextOrAreErrors() {
        return Stream.concat(ofTemplates().stream(), ofFiles().stream())
                .map(place -> DynamicTest.dynamicTest(place.name(), () -> {
                    for (String reference : references()) {
                        check(place, reference);
                    }
                }));
    }

    private static void check(Place place, String reference) throws Exception {
        String outcome;
        boolean refused = false;
        try {
            outcome = place.reading().read(reference);
        } catch (ConfigException e) {
            outcome = String.valueOf(e.getMessage());
            refused = true;
        }
        String value = resolved(reference);
        String without = outcome.replace(reference, "");
        assertTrue(refused || outcome.contains(reference), reference + " became something else: " + outcome);
        assertFalse(value != null && without.contains(value), reference + " was looked up: " + outcome);
    }
}
