package org.ipsecif.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigExceptionTest {
    private static String message(String key, String problem) {
        return String.valueOf(new ConfigException("x.conf", 3, key, problem).getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "1b, \\x1b",
        "0, \\x00",
        "a, \\x0a",
        "7f, \\x7f",
        "9b, \\x9b",
        "202e, \\x202e",
        "2028, \\x2028",
        "e9, \u00e9"
    })
    void whatATerminalWouldObeyIsEscaped(String codePoint, String shown) {
        String raw = Character.toString(Integer.parseInt(codePoint, 16));
        assertEquals(
                "x.conf:3: k" + shown + ": \"a" + shown + "\" is not one",
                message("k" + raw, "\"a" + raw + "\" is not one"));
    }

    @Test
    void longQuotationIsCutAndTheRestIsNot() {
        String rest = " is not one of " + "word, ".repeat(50) + "\"" + "y".repeat(100) + "\"";
        String cut = message("k", "\"" + "x".repeat(500_000) + "\"" + rest);
        assertEquals("x.conf:3: k: \"" + "x".repeat(100) + "...\"" + rest, cut);
        assertEquals("rc.conf: " + cut, new ConfigException("rc.conf", 0, null, cut).getMessage());
        assertEquals(
                "x.conf:3: k: ${" + "x".repeat(100) + "...} is no name",
                message("k", "${" + "x".repeat(101) + "} is no name"));
    }

    @Test
    void nothingElseGrowsWithoutEnd() {
        assertEquals("x.conf:3: " + "k".repeat(100) + "...: unknown key", message("k".repeat(500_000), "unknown key"));
        assertTrue(message("k", "\"a".repeat(500_000) + " is the end").length() < 4_000);
        assertTrue(message("k", "\"a".repeat(500_000) + " is the end").endsWith(" is the end"));
    }
}
