package org.ipsecif.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class InputFileTest {
    @Test
    void reasonIsWithoutTheName() {
        assertEquals("no such file", InputFile.reason(new NoSuchFileException("x")));
        assertEquals("permission denied", InputFile.reason(new AccessDeniedException("x")));
        assertEquals(
                "too many levels of symbolic links",
                InputFile.reason(new FileSystemException("x", null, "Too many levels of symbolic links")));
        assertEquals("no space left on device", InputFile.reason(new IOException("No space left on device")));
        assertEquals("java.io.IOException", InputFile.reason(new IOException()));
    }

    @Test
    void directoryIsNoFile() {
        assertEquals(
                "is a directory",
                InputFile.reason(assertThrows(IOException.class, () -> InputFile.read(Path.of("/"), 1))));
    }
}
