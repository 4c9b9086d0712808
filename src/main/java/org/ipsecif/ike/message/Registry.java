package org.ipsecif.ike.message;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The entries of one registry, by number. Numbers that it does not have are printed as they are. */
final class Registry<E extends IanaNumber> {
    private final Map<Integer, E> entries;

    Registry(E[] entries) {
        this.entries = Arrays.stream(entries).collect(Collectors.toMap(IanaNumber::number, Function.identity()));
    }

    Optional<E> find(int number) {
        return Optional.ofNullable(entries.get(number));
    }

    String text(int number) {
        return find(number).map(IanaNumber::text).orElse(Integer.toString(number));
    }
}
