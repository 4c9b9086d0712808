package org.ipsecif.config;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/** Files that are read from their beginning to their end: pipes and devices too. */
public final class InputFile {
    private InputFile() {}

    /** Opens it. @throws IOException with what {@link #reason} says */
    public static InputStream open(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new FileSystemException(file.toString(), null, "is a directory");
        }
        return new FilterInputStream(Files.newInputStream(file)) {
            @Override
            public int available() {
                return 0; // the stream of the JDK would ask for its position, and a pipe has none
            }
        };
    }

    /** All of a file. @throws IOException also if it has more than so many bytes, of which no more are read */
    public static byte[] read(Path file, int most) throws IOException {
        try (InputStream in = open(file)) {
            return read(in, most);
        }
    }

    /** All of a stream. @throws IOException also if it has more than so many bytes, of which no more are read */
    public static byte[] read(InputStream in, int most) throws IOException {
        byte[] bytes = in.readNBytes(most + 1);
        if (bytes.length > most) {
            throw new IOException("too long: expected at most " + most + " bytes");
        }
        return bytes;
    }

    /** Why a file cannot be read or written, without its name: {@code permission denied}. */
    public static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "no such file";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        String given = e instanceof FileSystemException of ? of.getReason() : e.getMessage();
        String reason = given == null || given.isEmpty() ? e.toString() : given;
        return reason.substring(0, 1).toLowerCase(Locale.ROOT) + reason.substring(1);
    }
}
