package org.ipsecif.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.ipsecif.daemon.StateDirectory.Entry;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SecurityPolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateDirectoryTest {
    private static final SecurityPolicy HOST =
            Policies.plain(PolicyAction.DISCARD, "10.4.0.0/16", new PolicyScope.Host());

    private static List<String> lines(SecurityPolicy... policies) {
        return new KernelSpd(new MemorySpd()).lines(List.of(policies));
    }

    @Test
    void recordOfAnotherBootTellsNothing(@TempDir Path directory) throws IOException {
        Entry entry = Entry.of("ipsec0", 1, 9, lines(HOST)).withDevice(true, List.of());
        try (StateDirectory state = StateDirectory.open(directory, "one")) {
            state.write(List.of(entry));
            assertEquals(List.of(entry), state.read());
        }
        for (String unknown : List.of("one", "")) {
            try (StateDirectory state = StateDirectory.open(directory, unknown)) {
                assertEquals(List.of(entry), state.read(), unknown);
            }
        }
        try (StateDirectory state = StateDirectory.open(directory, "two")) {
            assertEquals(List.of(), state.read());
        }
    }

    @Test
    void recordIsReadBackWithThePoliciesThatNoIfIdMarks(@TempDir Path directory) throws IOException {
        try (StateDirectory state = StateDirectory.open(directory, "")) {
            Entry entry = Entry.of("ipsec0", -2, 9, lines(HOST, Policies.protect("10.1.0.0/16", 1)));
            state.write(List.of(entry));
            assertEquals(List.of(entry), state.read());
            assertEquals(
                    List.of("out 0.0.0.0/0 to 10.4.0.0/16, host, discard, priority 5"),
                    state.read().get(0).policies());
            assertEquals(0xffff_fffeL, state.read().get(0).reqid());
        }
    }

    @Test
    void recordWithoutPoliciesIsRead(@TempDir Path directory) throws IOException {
        Files.writeString(
                directory.resolve("interfaces.json"),
                "{\"interfaces\":[{\"name\":\"ipsec0\",\"reqid\":100,\"ifId\":100}]}");
        try (StateDirectory state = StateDirectory.open(directory, "")) {
            assertEquals(List.of(new Entry("ipsec0", 100, 100)), state.read());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "{}", "{\"interfaces\":null}", "{\"interf", "[1]", "\u0000\u0000"})
    void damagedRecordIsPutAsideOrEmpty(String damaged, @TempDir Path directory) throws IOException {
        Files.writeString(directory.resolve("interfaces.json"), damaged);
        Files.writeString(directory.resolve("sequences.json"), damaged.replace("interfaces", "sequences"));
        try (StateDirectory state = StateDirectory.open(directory, "")) {
            assertEquals(List.of(), state.read());
            assertEquals(Map.of(), state.readSequences());
            state.write(List.of(new Entry("ipsec0", 100, 100)));
            assertEquals(1, state.read().size());
        }
    }

    @Test
    void recordStaysAsLongAsItTellsOfSomething(@TempDir Path directory) throws IOException {
        Entry entry = Entry.of("ipsec0", 0, 0, lines(HOST));
        try (StateDirectory state = StateDirectory.open(directory, "")) {
            state.write(List.of(entry));
        }
        try (StateDirectory state = StateDirectory.open(directory, "")) {
            assertEquals(List.of(entry), state.read());
            state.clear();
        }
        assertFalse(Files.exists(directory.resolve("interfaces.json")));
    }
}
