package org.ipsecif.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ipsecif.sa.Family;
import org.jspecify.annotations.Nullable;

/**
 * The names that <code>${...}</code> may have in a template, with their values for one instance of a section. A value is
 * put in as it is: what looks like a reference in it is none.
 */
final class TemplateFacts {
    static final String PARAMETER = "param.";

    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([^}]*)}?");
    private static final Set<String> ALWAYS =
            Set.of("name", "tunnel.local", "tunnel.remote", "reqid", "if_id", "key.in", "key.out");
    private static final Map<String, String> SOMETIMES = Map.of(
            "family", "only where for-each repeats the section",
            "inner.local", "only with for-each = inner or network",
            "inner.remote", "only with for-each = inner or network",
            "inner.network", "only with for-each = inner or network",
            "network", "only with for-each = network",
            "remote.network", "only with for-each = remote-network");

    private final InterfaceFacts facts;
    private final String instance;
    private final @Nullable Family family;
    private final Map<String, String> values;

    private TemplateFacts(InterfaceFacts facts, String instance, @Nullable Family family, Map<String, String> values) {
        this.facts = facts;
        this.instance = instance;
        this.family = family;
        this.values = values;
    }

    /** What all sections know. @param parameters by name */
    static TemplateFacts of(InterfaceFacts facts, Map<String, String> parameters) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("name", facts.name());
        values.put("tunnel.local", facts.tunnel().local().toString());
        values.put("tunnel.remote", facts.tunnel().remote().toString());
        values.put("reqid", Integer.toUnsignedString(facts.reqid()));
        values.put("if_id", Integer.toUnsignedString(facts.ifId()));
        values.put("key.in", Integer.toUnsignedString(facts.settings().keyIn()));
        values.put("key.out", Integer.toUnsignedString(facts.settings().keyOut()));
        parameters.forEach((name, value) -> values.put(PARAMETER + name, value));
        return new TemplateFacts(facts, "", null, values);
    }

    /** The same for one of what a section is repeated by. @param label for the policy's name */
    TemplateFacts with(String label, Family ofFamily, Map<String, String> more) {
        Map<String, String> all = new LinkedHashMap<>(values);
        all.putAll(more);
        all.put("family", ofFamily.word());
        return new TemplateFacts(facts, instance.isEmpty() ? label : instance + "," + label, ofFamily, all);
    }

    InterfaceFacts ofInterface() {
        return facts;
    }

    /** Which instance of its section this is, for the policy's name; empty if there is one only. */
    String instance() {
        return instance;
    }

    /** The family of this instance, or null if the section does not repeat. */
    @Nullable
    Family family() {
        return family;
    }

    /** The value of a name here, or null if it has none. */
    @Nullable
    String value(String name) {
        return values.get(name);
    }

    /** @throws IllegalArgumentException if a text refers to a name that no template has */
    static void checkNames(String text, Set<String> parameters) {
        Matcher matcher = REFERENCE.matcher(text);
        while (matcher.find()) {
            String name = matcher.group(1);
            boolean isParameter = name.startsWith(PARAMETER) && parameters.contains(name.substring(PARAMETER.length()));
            if (!isParameter && !ALWAYS.contains(name) && !SOMETIMES.containsKey(name)) {
                Set<String> known = new TreeSet<>(ALWAYS);
                known.addAll(SOMETIMES.keySet());
                parameters.forEach(each -> known.add(PARAMETER + each));
                throw new IllegalArgumentException(
                        "${" + name + "} is not a name that templates know; known are " + String.join(", ", known));
            }
        }
    }

    /** Substitutes the facts. @throws IllegalArgumentException naming a name that has no value here */
    String expand(String text) {
        return REFERENCE.matcher(text).replaceAll(found -> Matcher.quoteReplacement(require(found.group(1))));
    }

    private String require(String name) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("${" + name + "} has no value here: " + missing(name));
        }
        return value;
    }

    private String missing(String name) {
        if (values.containsKey("inner.local")) {
            return name.equals("inner.remote") ? "the address has no destination" : SOMETIMES.getOrDefault(name, "");
        }
        return values.containsKey("network") && name.startsWith("inner.")
                ? "the network was listed, not taken from an address"
                : SOMETIMES.getOrDefault(name, "");
    }
}
