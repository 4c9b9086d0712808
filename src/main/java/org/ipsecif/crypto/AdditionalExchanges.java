package org.ipsecif.crypto;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The words {@code ke1_} to {@code ke7_} of one proposal: additional key exchanges (RFC 9370 section 2.2.1). */
final class AdditionalExchanges {
    /** Each doubles the proposals, and IKE_SA_INIT has no fragments. */
    private static final int MAX_OPTIONAL = 2;

    private AdditionalExchanges() {}

    /**
     * The key exchanges of the proposals that one in words stands for: first all, then without those that may be left out.
     *
     * @param given first exchange, then the additional ones, each with its alternatives
     * @param optional numbers of those that may be left out
     * @throws IllegalArgumentException naming what is wrong
     */
    static List<List<List<KeyExchangeMethod>>> alternatives(
            String text, List<List<KeyExchangeMethod>> given, Set<Integer> optional) {
        check(text, given, optional);
        List<List<List<KeyExchangeMethod>>> all = new ArrayList<>();
        all.add(without(given, Set.of()));
        for (int number : optional) {
            for (List<List<KeyExchangeMethod>> each : List.copyOf(all)) {
                all.add(without(each, Set.of(number)));
            }
        }
        return all.stream().distinct().toList();
    }

    /** What is left out between others has an empty list; none of these stands at the end. */
    private static List<List<KeyExchangeMethod>> without(List<List<KeyExchangeMethod>> given, Set<Integer> left) {
        List<List<KeyExchangeMethod>> methods = new ArrayList<>();
        for (int i = 0; i < given.size(); i++) {
            methods.add(left.contains(i) ? List.of() : List.copyOf(given.get(i)));
        }
        while (!methods.isEmpty() && methods.get(methods.size() - 1).isEmpty()) {
            methods.remove(methods.size() - 1);
        }
        return methods;
    }

    private static void check(String text, List<List<KeyExchangeMethod>> given, Set<Integer> optional) {
        List<List<KeyExchangeMethod>> methods = without(given, Set.of());
        for (int i = 1; i < methods.size(); i++) {
            ProposalParser.require(
                    !methods.get(i).isEmpty() || optional.contains(i),
                    text,
                    "has ke" + (i + 1) + "_ without ke" + i + "_");
        }
        for (int number : optional) {
            ProposalParser.require(
                    number < methods.size(),
                    text,
                    "has ke" + number + "_none and nothing that could be left out there");
        }
        ProposalParser.require(
                optional.size() <= MAX_OPTIONAL, text, "has more than " + MAX_OPTIONAL + " words that end with _none");
        ProposalParser.require(
                methods.size() <= 1 || !methods.get(0).isEmpty(),
                text,
                "has ke1_ and no first key exchange; expected one such as x25519");
        ProposalParser.require(
                canDiffer(methods, 1, Set.of()),
                text,
                "has the same additional key exchange in two places; they must differ (RFC 9370 section 2.2.1)");
    }

    private static boolean canDiffer(List<List<KeyExchangeMethod>> methods, int from, Set<KeyExchangeMethod> taken) {
        if (from >= methods.size()) {
            return true;
        }
        if (methods.get(from).isEmpty()) {
            return canDiffer(methods, from + 1, taken);
        }
        for (KeyExchangeMethod each : methods.get(from)) {
            if (!taken.contains(each)) {
                List<KeyExchangeMethod> more = new ArrayList<>(taken);
                more.add(each);
                if (canDiffer(methods, from + 1, Set.copyOf(more))) {
                    return true;
                }
            }
        }
        return false;
    }
}
