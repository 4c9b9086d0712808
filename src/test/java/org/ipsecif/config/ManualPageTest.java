package org.ipsecif.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.ipsecif.crypto.KeyExchangeMethod;
import org.ipsecif.crypto.PseudorandomFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The manual pages have every word, variable, key and option that the code takes. */
class ManualPageTest {
    private static final String ENTRY = "ifconfig_ipsec0=\"tunnel 203.0.113.1 203.0.113.2\"\n";

    private static final String CONF = "ipsecif.conf.5";

    private static final List<String> PACKET_VALUES =
            List.of("copy", "keep", "normal", "compatibility", "set", "clear", "auto", "off", "pad-to-mtu");

    @TempDir
    Path directory;

    private static String page(String name) throws IOException {
        return Files.readString(Path.of("docs", "man", name));
    }

    private static String section(String page, String from, String to) {
        return page.substring(page.indexOf(from), page.indexOf(to));
    }

    /** The words of a list that ends a message, as in {@code known are a, b, c}. */
    private static TreeSet<String> listed(String message, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(message);
        assertTrue(matcher.find(), message);
        return new TreeSet<>(Arrays.asList(matcher.group(1).split(", *")));
    }

    private String problem(String rcConf, String conf) throws IOException {
        Path rc = Files.writeString(directory.resolve("rc.conf"), rcConf);
        Path ini = Files.writeString(directory.resolve("ipsecif.conf"), conf);
        return String.valueOf(assertThrows(ConfigException.class, () -> ConfigurationReader.read(List.of(rc), ini))
                .getMessage());
    }

    @Test
    void packetWordsAreDescribedWithTheirValues() throws IOException {
        String page = page("ipsecifctl.8");
        assertEquals(8, PacketWords.KNOWN.size());
        for (String word : PacketWords.KNOWN) {
            Matcher item = Pattern.compile("(?m)^\\.It Cm " + word + " (.*)$").matcher(page);
            assertTrue(item.find(), word);
            for (String value : PACKET_VALUES) {
                boolean taken =
                        Arrays.asList(PacketWords.expected(word).split("[ ,]+")).contains(value);
                assertEquals(taken, Arrays.asList(item.group(1).split(" ")).contains(value), word + " " + value);
            }
        }
    }

    @Test
    void wordsForIkeAreDescribedWithTheirValues() throws IOException {
        String page = page("ipsecifctl.8");
        String ike = section(page("ipsecifd.8"), ".Sh IKEV2", ".Sh PATH MTU");
        assertEquals(31, IkeWords.KNOWN.size());
        for (String word : IkeWords.KNOWN) {
            Matcher item = Pattern.compile("(?m)^\\.It (?:.* , )?Cm " + word + " (.*)$")
                    .matcher(page);
            assertTrue(item.find(), word);
            assertTrue(ike.matches("(?s).*\\b" + word + "\\b.*"), word);
            Matcher values = Pattern.compile("((?:\\w+, )*\\w+) or (\\w+)").matcher(IkeWords.expected(word));
            if (values.matches()) {
                String all = values.group(1).replace(",", " |") + " | " + values.group(2);
                assertTrue(item.group(1).startsWith(all.replace("  ", " ")), word + " " + all);
            }
        }
    }

    @Test
    void wordsOfProposalsAreListed() throws IOException {
        String proposals = section(page("ipsecifd.8"), ".Ss Proposals", ".Ss When");
        Stream.of(
                        Arrays.stream(KeyExchangeMethod.values()).map(KeyExchangeMethod::keyword),
                        Arrays.stream(PseudorandomFunction.values()).map(PseudorandomFunction::keyword),
                        Stream.of("aes128", "aes128gcm16", "aes128ccm16", "chacha20poly1305", "aes128ctr"),
                        Stream.of("camellia128", "aes128gmac", "3des", "null", "esn", "noesn", "default"),
                        Stream.of("sha1", "sha256", "sha384", "sha512", "aesxcbc", "aescmac"))
                .flatMap(words -> words)
                .forEach(word -> assertTrue(proposals.matches("(?s).*\\s" + word + "\\s.*"), word));
    }

    @Test
    void variablesOfAnInterfaceAreListed() throws IOException {
        String variables = section(page(CONF), ".Sh RC.CONF", ".Sh CONFIGURATION FILE");
        TreeSet<String> known = listed(problem(ENTRY + "ipsecif_ipsec0_nothing=1\n", ""), "\\{(.*)\\}");
        assertTrue(known.containsAll(PacketWords.KNOWN));
        for (String name : known) {
            assertTrue(variables.matches("(?s).*\\bipsecif_IF_" + name + "\\b.*"), name);
        }
    }

    @Test
    void keysOfTheConfigurationFileAreListed() throws IOException {
        String file = section(page(CONF), ".Sh CONFIGURATION FILE", ".Sh SETTINGS");
        String both = section(file, "Bq Li defaults", "Bq Li interface");
        String ofInterfaces = file.substring(file.indexOf("Bq Li interface"));
        String top = file.substring(0, file.indexOf("It Bq Li defaults"));
        for (String key : listed(problem("", "nothing = 1\n"), "known are (.*)")) {
            assertTrue(top.contains("\n.It Ic " + key + " No = "), key);
        }
        for (SpdAccess way : SpdAccess.values()) {
            assertTrue(top.matches("(?s).*\\.Cm .*\\b" + way.word() + "\\b.*"), way.word());
        }
        TreeSet<String> defaults = listed(problem("", "[defaults]\nnothing = 1\n"), "known are (.*)");
        for (String key : defaults) {
            assertTrue(both.matches("(?s).*\\b" + key + "\\b.*"), key);
        }
        TreeSet<String> others = listed(problem("", "[interface ipsec0]\nnothing = 1\n"), "known are (.*)");
        assertTrue(others.removeAll(defaults));
        assertFalse(others.isEmpty());
        for (String key : others) {
            assertTrue(ofInterfaces.matches("(?s).*\\b" + key + "\\b.*"), key);
        }
    }

    @Test
    void variablesOfTheHostAreListed() throws IOException {
        String variables = section(page(CONF), ".Sh RC.CONF", ".Sh CONFIGURATION FILE");
        TreeSet<String> known = listed(problem("ipsecif_nothing=1\n", ""), "known are ipsecif_\\{([^}]*)\\}");
        assertTrue(known.contains("rcconf"), known.toString());
        known.addAll(RcConfInterfaces.OF_EVERY_SERVICE);
        for (String name : known) {
            assertTrue(variables.matches("(?s).*\\.(It )?Va [a-z_ ,]*\\bipsecif_" + name + "\\b.*"), name);
        }
    }

    /** Every one, and nothing that is none, with its values and what it is if nobody says it. */
    @Test
    void settingsAreDescribedWithTheirValuesAndDefaults() throws IOException {
        String settings = section(page(CONF), ".Sh SETTINGS", ".Sh FILES");
        TreeSet<String> known = listed(problem("", "[interface ipsec0]\nnothing = 1\n"), "known are (.*)");
        Pattern.compile("(?m)^\\.It Ic (\\w+) No = (.+)$")
                .matcher(settings)
                .results()
                .forEach(item -> {
                    String word = item.group(1);
                    assertTrue(known.remove(word), word + " is none, or twice there");
                    String described = settings.substring(item.end());
                    int next = described.indexOf("\n.It ");
                    // Two that share a description stand one after the other.
                    while (next == 0) {
                        next = described.indexOf("\n.It ", 1);
                    }
                    assertTrue((next < 0 ? described : described.substring(0, next)).contains("\nDefault:"), word);
                    assertValues(word, item.group(2));
                });
        assertEquals(new TreeSet<>(), known);
    }

    private static void assertValues(String word, String values) {
        if (PacketWords.KNOWN.contains(word)) {
            for (String each : PACKET_VALUES) {
                boolean taken =
                        Arrays.asList(PacketWords.expected(word).split("[ ,]+")).contains(each);
                assertEquals(taken, Arrays.asList(values.split(" ")).contains(each), word + " " + each);
            }
        } else if (IkeWords.KNOWN.contains(word)) {
            Matcher known = Pattern.compile("((?:\\w+, )*\\w+) or (\\w+)").matcher(IkeWords.expected(word));
            if (known.matches()) {
                String all = known.group(1).replace(",", " |") + " | " + known.group(2);
                assertEquals("Cm " + all.replace("  ", " "), values, word);
            }
        }
    }

    private static TreeSet<String> refusedWith(String template, String pattern) {
        String message = String.valueOf(assertThrows(
                        ConfigException.class,
                        () -> SpdTemplate.check("x", template, Path.of("templates"))
                                .render(TemplateFuzzTest.FACTS))
                .getMessage());
        return listed(message, pattern);
    }

    private static void assertItems(String text, Iterable<String> words) {
        StringBuilder items = new StringBuilder();
        Pattern.compile("(?m)^\\.It (?:Ic|Li|Va) (.*)$")
                .matcher(text)
                .results()
                .forEach(item -> items.append(' ')
                        .append(item.group(1).replace(",", " "))
                        .append(' '));
        for (String word : words) {
            assertTrue(items.toString().matches(".* " + Pattern.quote(word) + " .*"), word + " in" + items);
        }
    }

    @Test
    void keysOfTemplatesAreListed() throws IOException {
        String page = page("ipsecif-templates.5");
        assertItems(
                section(page, ".Ss The section [template]", ".Ss Sections [param NAME]"),
                refusedWith("[template]\nnothing = 1\n", "known are (.*)"));
        assertItems(
                section(page, ".Ss Sections [param NAME]", ".Ss Policies"),
                refusedWith("[param x]\nnothing = 1\n", "known are (.*)"));
        assertItems(section(page, ".Ss Policies", ".Ss Names"), refusedWith("[x]\nnothing = 1\n", "known are (.*)"));
        String types = section(page, ".Ss Sections [param NAME]", ".Ss Policies");
        for (String type : refusedWith("[param x]\ntype = nothing\n", "expected one of (.*)")) {
            assertTrue(types.matches("(?s).*\\b" + type + "\\b.*"), type);
        }
    }

    @Test
    void namesAndConditionsOfTemplatesAreListed() throws IOException {
        String page = page("ipsecif-templates.5");
        assertItems(
                section(page, ".Ss Names", ".Ss Conditions"),
                refusedWith(
                        "[x]\nscope = ${nothing}\n"
                                + "direction = out\nsource = any\ndestination = any\naction = discard\npriority = 1\n",
                        "known are (.*)"));
        String conditions = section(page, ".Ss Conditions", ".Ss What only a kernel can do");
        TreeSet<String> subjects = refusedWith("[template]\nrequires = nothing\n", "expected (.*), not or never");
        subjects.addAll(List.of("not", "never"));
        for (String subject : subjects) {
            assertTrue(conditions.matches("(?s).*^?\\.?(It )?Li " + subject + "\\b.*"), subject);
            if (List.of("has", "key", "family", "outer", "platform").contains(subject)) {
                for (String object : refusedWith("[template]\nrequires = " + subject + " x\n", "expected (.*)$")
                        .first()
                        .split(" or ")) {
                    assertTrue(
                            conditions.matches("(?s).*" + subject + "[^\n]* " + Pattern.quote(object) + "\\b.*"),
                            object);
                }
            }
        }
    }

    @Test
    void everyTemplateThatShipsIsDescribedWithItsParameters() throws Exception {
        String templates = section(page("ipsecif-templates.5"), ".Sh TEMPLATES", ".Sh FILES");
        String daemon = page(CONF);
        List<String> names = SpdTemplate.names(Path.of("templates"));
        assertFalse(names.isEmpty());
        for (String name : names) {
            int at = templates.indexOf("\n.It Li " + name + "\n");
            assertTrue(at >= 0, name);
            assertTrue(daemon.contains("Dq " + name), name);
            int end = templates.indexOf("\n.It Li ", at + 1);
            String described = templates.substring(at, end < 0 ? templates.length() : end)
                    + templates.substring(templates.indexOf("All take the parameter"));
            for (TemplateParameter parameter :
                    SpdTemplate.load(Path.of("templates"), name).parameters()) {
                assertTrue(described.contains("\n.Va " + parameter.name()), name + " " + parameter.name());
            }
        }
    }

    @Test
    void optionsOfManualAssociationsAreListed() throws IOException {
        String message = String.valueOf(assertThrows(
                        ConfigException.class,
                        () -> SetkeyScript.parse(
                                "x", "add 192.0.2.1 192.0.2.2 esp 256 -z;", new AllowedAlgorithms(true, true)))
                .getMessage());
        Matcher option = Pattern.compile("-([a-zA-Z]+)\\b").matcher(message.substring(message.indexOf("known are")));
        String synopsis = Pattern.compile("(?m)^\\.Dl add .*$")
                .matcher(page("ipsecifd.8"))
                .results()
                .map(found -> found.group())
                .findFirst()
                .orElseThrow();
        String command = page("ipsecifctl.8").replaceAll("\\s+\\.?", " ");
        int options = 0;
        while (option.find()) {
            options++;
            assertTrue(synopsis.contains(" Fl " + option.group(1) + " "), option.group());
            assertTrue(command.contains(" Fl " + option.group(1) + " "), option.group());
        }
        assertEquals(11, options);
    }
}
