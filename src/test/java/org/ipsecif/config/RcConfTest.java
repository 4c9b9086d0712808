package org.ipsecif.config;

import static org.ipsecif.config.Problems.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RcConfTest {
    private static String value(String text) throws ConfigException {
        return RcConf.parse("rc.conf", text).get("v").value();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "v=plain | plain",
                "v=\"double quoted\" | double quoted",
                "v='single $quoted `as` \\is' | single $quoted `as` \\is",
                "v=a\"b c\"'d e'f | ab cd ef",
                "v=\"say \\\"hi\\\" \\$5\" | say \"hi\" $5",
                "v=\"a\\b\" | a\\b",
                "v=a\\ b | a b",
                "v=\"x\" # comment | x",
                "v=\"a # no comment\" | a # no comment",
                "a=1; v=2 | 2",
            })
    void valuesAreReadAsShWould(String text, String expected) throws ConfigException {
        assertEquals(expected, value(text));
    }

    @Test
    void emptyValueIsAValue() throws ConfigException {
        assertEquals("", value("v=\n"));
        assertEquals("", value("v=\"\""));
    }

    @Test
    void backslashJoinsLines() throws ConfigException {
        assertEquals("a b", value("v=\"a \\\nb\""));
        assertEquals("ab", value("v=a\\\nb"));
    }

    @Test
    void quotesHoldLines() throws ConfigException {
        assertEquals("a\nb", value("v=\"a\nb\""));
    }

    @Test
    void appendsToAnEarlierValue() throws ConfigException {
        assertEquals("one two", value("v=one\nv+=\" two\""));
        assertEquals("two", value("v+=two"));
    }

    @Test
    void laterAssignmentOverrides() throws ConfigException {
        assertEquals("2", value("v=1\nv=2"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "a=x\\nv=$a | x",
                "a=x\\nv=${a}y | xy",
                "a=x\\nv=\"<${a}>\" | <x>",
                "v=${none:-fallback} | fallback",
                "a=\\nv=${a:-fallback} | fallback",
                "a=x\\nv=${a:-fallback} | x",
            })
    void earlierVariablesAreSubstituted(String text, String expected) throws ConfigException {
        assertEquals(expected, value(text.replace("\\n", "\n")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "v=$(id) | rc.conf:1: v: rc.conf is read, not executed: no command substitution",
                "v=\"`id`\" | rc.conf:1: v: rc.conf is read, not executed: no command substitution",
                "v=${b} | rc.conf:1: v: ${b} has no value: no earlier line assigns it",
                "v=${b#x} | rc.conf:1: v: \"${b#x}\" is not understood: expected ${NAME} or ${NAME:-DEFAULT}",
                "v=\"open | rc.conf:1: v: unterminated quote \"",
                "v='open | rc.conf:1: v: unterminated quote '",
            })
    void whatOnlyAShellCouldDoIsRefusedWithFileLineAndVariable(String text, String problem) {
        assertProblem(problem, () -> value(text));
    }

    @Test
    void errorNamesTheLine() {
        assertProblem(
                "rc.conf:4: v: ${b} has no value: no earlier line assigns it",
                () -> value("# one\na=1\n\nv=\"${b}\"\n"));
    }

    @Test
    void filesAreReadInOrder(@TempDir Path directory) throws Exception {
        Path first = Files.writeString(directory.resolve("rc.conf"), "v=1\nw=$v\n");
        Path second = Files.writeString(directory.resolve("rc.conf.local"), "v=${w}2\n");
        RcConf.Variable variable = RcConf.parse(List.of(first, second)).get("v");
        assertEquals("12", variable.value());
        assertEquals(second.toString(), variable.file());
        assertEquals(1, variable.line());
        Path none = directory.resolve("none");
        assertProblem(none + ": no such file", () -> RcConf.parse(List.of(first, none)));
    }
}
