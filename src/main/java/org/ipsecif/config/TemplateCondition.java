package org.ipsecif.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.ipsecif.sa.Family;
import org.jspecify.annotations.Nullable;

/**
 * A condition on an interface's facts, all of whose terms must hold:
 *
 * <pre>
 * condition = term { "and" term }
 * term      = [ "not" ] fact
 * fact      = "family" F | "outer" F | "has" THING | "key" KEY | "platform" P | "param" NAME | "never"
 * </pre>
 */
final class TemplateCondition {
    private record Term(boolean negated, String subject, String object) {
        @Override
        public String toString() {
            return (negated ? "not " : "") + subject + (object.isEmpty() ? "" : " " + object);
        }
    }

    private static final Set<String> FAMILIES = Set.of("inet", "inet6");
    private static final Map<String, Set<String>> OBJECTS = new TreeMap<>(Map.of(
            "family", FAMILIES,
            "outer", FAMILIES,
            "has", Set.of("inner", "inner.remote", "local-network", "remote-network"),
            "key", Set.of("set", "in", "out"),
            "platform", Set.of("linux", "freebsd")));

    private final List<Term> terms;

    private TemplateCondition(List<Term> terms) {
        this.terms = terms;
    }

    /**
     * Reads a condition.
     *
     * @param parameters names of the parameters that are boolean
     * @throws IllegalArgumentException naming the word and what was expected
     */
    static TemplateCondition parse(String text, Set<String> parameters) {
        List<String> words = RcConfInterfaces.words(text);
        List<Term> terms = new ArrayList<>();
        int at = 0;
        while (at < words.size() || terms.isEmpty()) {
            if (at > 0 && !words.get(at++).equals("and")) {
                throw new IllegalArgumentException("\"" + words.get(at - 1) + "\": expected \"and\" or nothing");
            }
            boolean negated = word(words, at).equals("not");
            at += negated ? 1 : 0;
            String subject = word(words, at++);
            String object = subject.equals("never") ? "" : object(subject, word(words, at++), parameters);
            terms.add(new Term(negated, subject, object));
        }
        return new TemplateCondition(terms);
    }

    private static String word(List<String> words, int at) {
        return at < words.size() ? words.get(at) : "";
    }

    private static String object(String subject, String object, Set<String> parameters) {
        Set<String> known = subject.equals("param") ? parameters : OBJECTS.get(subject);
        if (known == null) {
            throw new IllegalArgumentException("\"" + subject + "\" is no condition; expected "
                    + String.join(", ", OBJECTS.keySet()) + ", param, not or never");
        }
        if (!known.contains(object)) {
            List<String> sorted = known.stream().sorted().toList();
            throw new IllegalArgumentException("\"" + subject + " " + object + "\": expected "
                    + (sorted.isEmpty() ? "a boolean parameter, and there is none" : String.join(" or ", sorted)));
        }
        return object;
    }

    /** Whether it asks for what only an instance of a repeated section has. */
    boolean isAboutInstances() {
        return terms.stream()
                .anyMatch(
                        term -> term.subject().equals("family") || term.object().equals("inner.remote"));
    }

    boolean holds(TemplateFacts instance) {
        return unmet(instance) == null;
    }

    /** The first term that does not hold, or null. */
    @Nullable
    String unmet(TemplateFacts instance) {
        for (Term term : terms) {
            if (holds(term, instance) == term.negated()) {
                return term.toString();
            }
        }
        return null;
    }

    private static boolean holds(Term term, TemplateFacts instance) {
        InterfaceFacts facts = instance.ofInterface();
        String object = term.object();
        return switch (term.subject()) {
            case "family" -> is(instance.family(), object);
            case "outer" -> is(facts.tunnel().family(), object);
            case "platform" -> facts.platform().equals(object);
            case "param" -> "yes".equals(instance.value(TemplateFacts.PARAMETER + object));
            case "key" -> hasKey(facts.settings(), object);
            case "has" -> has(instance, object);
            default -> false; // never
        };
    }

    private static boolean is(@Nullable Family family, String word) {
        return family != null && family.word().equals(word);
    }

    private static boolean hasKey(TemplateSettings settings, String which) {
        return (which.equals("out") || settings.keyIn() != 0) && (which.equals("in") || settings.keyOut() != 0);
    }

    private static boolean has(TemplateFacts instance, String what) {
        TemplateSettings settings = instance.ofInterface().settings();
        return switch (what) {
            case "inner" -> !instance.ofInterface().addresses().isEmpty();
            case "local-network" -> !settings.localNetworks().isEmpty();
            case "remote-network" -> !settings.remoteNetworks().isEmpty();
            default -> instance.value(what) != null;
        };
    }
}
