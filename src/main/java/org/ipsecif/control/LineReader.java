package org.ipsecif.control;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Lines of UTF-8 of a bounded length. */
final class LineReader {
    /** A line is longer than allowed. */
    static final class TooLongException extends IOException {
        private static final long serialVersionUID = 1L;

        TooLongException(int maxLength) {
            super("longer than " + maxLength + " bytes");
        }
    }

    private final InputStream in;
    private final int maxLength;
    private final byte[] buffer = new byte[8192];
    private int at;
    private int end;

    LineReader(InputStream in, int maxLength) {
        this.in = in;
        this.maxLength = maxLength;
    }

    /** The next line without its newline, or null at the end; an unfinished last line is no line. */
    @Nullable
    String next() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            if (at == end) {
                end = in.read(buffer);
                at = 0;
                if (end <= 0) {
                    end = 0;
                    return null;
                }
            }
            int start = at;
            while (at < end && buffer[at] != '\n') {
                at++;
            }
            line.write(buffer, start, at - start);
            if (line.size() > maxLength) {
                throw new TooLongException(maxLength);
            }
            if (at < end) {
                at++;
                return line.toString(StandardCharsets.UTF_8);
            }
        }
    }
}
