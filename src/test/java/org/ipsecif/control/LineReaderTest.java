package org.ipsecif.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LineReaderTest {
    private static LineReader reader(String text, int maxLength) {
        return new LineReader(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), maxLength);
    }

    @Test
    void linesEndAtNewlinesAndAnUnfinishedOneIsNone() throws IOException {
        LineReader lines = reader("one\n\nthr\u00e9e\nfour", 6);
        assertEquals("one", lines.next());
        assertEquals("", lines.next());
        assertEquals("thr\u00e9e", lines.next());
        assertNull(lines.next());
    }

    @Test
    void lineSpansReadsOfTheBuffer() throws IOException {
        String text = "x".repeat(20_000);
        assertEquals(text, reader(text + "\n", 20_000).next());
    }

    @Test
    void lineOfOneByteTooManyIsRefused() {
        assertThrows(
                LineReader.TooLongException.class, () -> reader("12345\n", 4).next());
    }
}
