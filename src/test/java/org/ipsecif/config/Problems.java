package org.ipsecif.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.function.Executable;

/** What a user is told. */
final class Problems {
    private Problems() {}

    static void assertProblem(String message, Executable reading) {
        assertEquals(message, assertThrows(ConfigException.class, reading).getMessage());
    }

    /** For messages that end in a list of all that is known. */
    static void assertProblemBegins(String start, Executable reading) {
        String message =
                String.valueOf(assertThrows(ConfigException.class, reading).getMessage());
        assertEquals(start, message.substring(0, Math.min(start.length(), message.length())));
    }
}
