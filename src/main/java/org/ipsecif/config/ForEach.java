package org.ipsecif.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpPrefix;

/**
 * What a section is repeated by: {@code for-each}. Several words make it one instance for each combination of one family.
 *
 * @param words of {@code family}, {@code inner}, {@code network}, {@code remote-network} and {@code param.NAME}
 */
record ForEach(List<String> words) {
    /** Of one section, both families counted; more would be a mistake that costs the kernel's memory. */
    static final int MAX_INSTANCES = 65_536;

    private static final List<String> KNOWN = List.of("family", "inner", "network", "remote-network");

    /** One of what a word stands for. */
    private record Item(String label, Family family, Map<String, String> values) {}

    /** @param lists names of the parameters that are lists; @throws IllegalArgumentException naming a wrong word */
    static ForEach parse(String text, List<String> lists) {
        List<String> words = RcConfInterfaces.words(text);
        for (String word : words) {
            if (!KNOWN.contains(word) && !isParameter(word, lists)) {
                List<String> known = new ArrayList<>(KNOWN);
                lists.forEach(name -> known.add(TemplateFacts.PARAMETER + name));
                throw new IllegalArgumentException("\"" + word + "\" is not one of " + String.join(", ", known));
            }
            if (words.indexOf(word) != words.lastIndexOf(word)) {
                throw new IllegalArgumentException(word + ": given twice");
            }
        }
        return new ForEach(words);
    }

    private static boolean isParameter(String word, List<String> lists) {
        return word.startsWith(TemplateFacts.PARAMETER)
                && lists.contains(word.substring(TemplateFacts.PARAMETER.length()));
    }

    /** @throws IllegalArgumentException if there are too many */
    List<TemplateFacts> instances(TemplateFacts once) {
        List<TemplateFacts> instances = List.of(once);
        for (String word : words) {
            List<Item> items = items(word, once);
            if ((long) instances.size() * items.size() > MAX_INSTANCES) {
                throw new IllegalArgumentException("more than " + MAX_INSTANCES + " combinations");
            }
            instances = combine(instances, items);
        }
        return instances;
    }

    private static List<TemplateFacts> combine(List<TemplateFacts> instances, List<Item> items) {
        List<TemplateFacts> combined = new ArrayList<>();
        for (TemplateFacts instance : instances) {
            for (Item item : items) {
                if (instance.family() == null || instance.family() == item.family()) {
                    combined.add(instance.with(item.label(), item.family(), item.values()));
                }
            }
        }
        return combined;
    }

    private static List<Item> items(String word, TemplateFacts once) {
        InterfaceFacts facts = once.ofInterface();
        return switch (word) {
            case "family" ->
                List.of(
                        new Item(Family.INET.word(), Family.INET, Map.of()),
                        new Item(Family.INET6.word(), Family.INET6, Map.of()));
            case "inner" ->
                facts.addresses().stream()
                        .map(each -> new Item(each.local().toString(), each.family(), inner(each)))
                        .toList();
            case "network" -> networks(facts);
            case "remote-network" -> prefixes("remote.network", facts.settings().remoteNetworks());
            default ->
                prefixes(
                        word,
                        RcConfInterfaces.words(String.valueOf(once.value(word))).stream()
                                .map(IpPrefix::parse)
                                .toList());
        };
    }

    private static Map<String, String> inner(InnerAddress address) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("inner.local", address.local().toString());
        values.put("inner.network", address.network().toString());
        if (address.remote() != null) {
            values.put("inner.remote", address.remote().toString());
        }
        return values;
    }

    /** Of a network that is an address's own, the address too. */
    private static List<Item> networks(InterfaceFacts facts) {
        List<Item> items = new ArrayList<>();
        for (IpPrefix network : facts.localNetworks()) {
            Map<String, String> values = new LinkedHashMap<>();
            if (facts.settings().localNetworks().isEmpty()) {
                facts.addresses().stream()
                        .filter(each -> each.network().equals(network))
                        .findFirst()
                        .ifPresent(each -> values.putAll(inner(each)));
            }
            values.put("network", network.toString());
            values.put("inner.network", network.toString());
            items.add(new Item(network.toString(), network.family(), values));
        }
        return items;
    }

    private static List<Item> prefixes(String name, List<IpPrefix> prefixes) {
        return prefixes.stream()
                .map(each -> new Item(each.toString(), each.family(), Map.of(name, each.toString())))
                .toList();
    }
}
