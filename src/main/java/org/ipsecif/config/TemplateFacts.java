package org.ipsecif.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.configuration2.interpol.ConfigurationInterpolator;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.InnerAddress;
import org.jspecify.annotations.Nullable;

/**
 * The names that <code>${...}</code> may have in a template, with their values for one instance of a section. Commons
 * Configuration substitutes; it is given these names and no look-up of its own.
 */
final class TemplateFacts {
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([^}]*)}?");
    private static final Set<String> PER_INNER = Set.of("inner.local", "inner.remote", "inner.network");
    private static final String FAMILY = "family";

    private final String instance;
    private final @Nullable Family family;
    private final Map<String, String> values;
    private final ConfigurationInterpolator interpolator = new ConfigurationInterpolator();

    private TemplateFacts(String instance, @Nullable Family family, Map<String, String> values) {
        this.instance = instance;
        this.family = family;
        this.values = values;
        interpolator.addDefaultLookup(values::get);
    }

    /** One for each time that {@code for-each} repeats a section. */
    static List<TemplateFacts> instances(InterfaceFacts facts, TemplateSection.ForEach forEach) {
        List<TemplateFacts> instances = new ArrayList<>();
        switch (forEach) {
            case ONCE -> instances.add(new TemplateFacts("", null, common(facts)));
            case FAMILY -> {
                for (Family family : Family.values()) {
                    instances.add(new TemplateFacts(family.word(), family, withFamily(facts, family)));
                }
            }
            case INNER, NETWORK -> {
                for (InnerAddress address : facts.addresses()) {
                    instances.add(ofAddress(facts, address, forEach));
                }
            }
        }
        return instances;
    }

    private static TemplateFacts ofAddress(
            InterfaceFacts facts, InnerAddress address, TemplateSection.ForEach forEach) {
        Map<String, String> values = withFamily(facts, address.family());
        values.put("inner.local", address.local().toString());
        values.put("inner.network", address.network().toString());
        if (address.remote() != null) {
            values.put("inner.remote", address.remote().toString());
        }
        String instance = forEach == TemplateSection.ForEach.INNER
                ? address.local().toString()
                : address.network().toString();
        return new TemplateFacts(instance, address.family(), values);
    }

    private static Map<String, String> withFamily(InterfaceFacts facts, Family family) {
        Map<String, String> values = common(facts);
        values.put(FAMILY, family.word());
        return values;
    }

    private static Map<String, String> common(InterfaceFacts facts) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("name", facts.name());
        values.put("tunnel.local", facts.tunnel().local().toString());
        values.put("tunnel.remote", facts.tunnel().remote().toString());
        values.put("reqid", Integer.toUnsignedString(facts.reqid()));
        values.put("if_id", Integer.toUnsignedString(facts.ifId()));
        values.put("key.in", Integer.toUnsignedString(facts.keyIn()));
        values.put("key.out", Integer.toUnsignedString(facts.keyOut()));
        return values;
    }

    /** Which instance of its section this is, for the policy's name; empty if there is one only. */
    String instance() {
        return instance;
    }

    /** The family of this instance, or null if the section does not repeat by one. */
    @Nullable
    Family family() {
        return family;
    }

    /** Substitutes the facts. @throws IllegalArgumentException naming an unknown name and the known ones */
    String expand(String text) {
        Matcher matcher = REFERENCE.matcher(text);
        while (matcher.find()) {
            check(matcher.group(1));
        }
        return String.valueOf(interpolator.interpolate(text));
    }

    private void check(String reference) {
        if (values.containsKey(reference)) {
            return;
        }
        if (PER_INNER.contains(reference)) {
            throw new IllegalArgumentException("${" + reference + "} has no value here: "
                    + (values.containsKey("inner.local")
                            ? "the address has no destination"
                            : "only with for-each = inner or network"));
        }
        Set<String> known = new TreeSet<>(values.keySet());
        known.addAll(PER_INNER);
        known.add(FAMILY);
        throw new IllegalArgumentException(
                "${" + reference + "} is not a name that templates know; known are " + String.join(", ", known));
    }
}
