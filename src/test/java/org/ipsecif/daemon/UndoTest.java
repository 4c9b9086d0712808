package org.ipsecif.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UndoTest {
    private final List<String> undone = new ArrayList<>();
    private final Undo undo = new Undo();

    @Test
    void stepsAreTakenBackInReverseAndAFailureStopsNone() {
        undo.push("first", () -> undone.add("first"));
        undo.push("fail", () -> {
            throw new IOException("planned");
        });
        undo.push("last", () -> undone.add("last"));
        undo.rollBack();
        assertEquals(List.of("last", "first"), undone);
        undo.rollBack();
        assertEquals(List.of("last", "first"), undone);
    }

    @Test
    void whatIsCommittedStays() {
        undo.push("first", () -> undone.add("first"));
        undo.commit();
        undo.rollBack();
        assertEquals(List.of(), undone);
    }
}
