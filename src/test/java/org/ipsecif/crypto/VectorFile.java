package org.ipsecif.crypto;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Published vectors, src/test/resources/vectors: {@code name = value} lines, an empty line between vectors, {@code #}
 * comments.
 */
public final class VectorFile {
    private VectorFile() {}

    /** One vector; its {@code case} says where it stands in which document. */
    public record Vector(Map<String, String> fields) {
        public String text(String name) {
            String value = fields.get(name);
            if (value == null) {
                throw new IllegalArgumentException(this + " has no " + name);
            }
            return value;
        }

        public byte[] bytes(String name) {
            return HexFormat.of().parseHex(text(name));
        }

        @Override
        public String toString() {
            return fields.getOrDefault("case", "nameless");
        }
    }

    /** All vectors of a file. */
    public static Stream<Vector> read(String name) {
        try (InputStream in = VectorFile.class.getResourceAsStream("/vectors/" + name)) {
            String all = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            return Stream.of(all.replaceAll("(?m)^#.*\n", "").strip().split("\n\n"))
                    .map(VectorFile::vector);
        } catch (IOException e) {
            throw new AssertionError(name, e);
        }
    }

    private static Vector vector(String block) {
        Map<String, String> fields = new TreeMap<>();
        for (String line : List.of(block.split("\n"))) {
            int equals = line.indexOf('=');
            fields.put(
                    line.substring(0, equals).strip(),
                    line.substring(equals + 1).strip());
        }
        return new Vector(fields);
    }
}
