package org.ipsecif.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.ipsecif.config.IkeCredentials;
import org.ipsecif.config.IkePpk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of credentials that are written anew under their old names. */
class FileStampTest {
    private static final List<String> NAMES = List.of("psk", "cert", "key", "ca", "ppk");

    @TempDir
    Path directory;

    private String name(String file) {
        return directory.resolve(file).toString();
    }

    private List<FileStamp> stamps() {
        return FileStamp.of(new IkeCredentials(
                null,
                name("psk"),
                List.of(name("cert")),
                name("key"),
                List.of(name("ca")),
                IkeCredentials.Revocation.OFF,
                new IkePpk(name("ppk"), null, true)));
    }

    @Test
    void eachFileCounts() throws Exception {
        for (String each : NAMES) {
            List<FileStamp> before = stamps();
            Files.writeString(directory.resolve(each), "a secret");
            assertNotEquals(before, stamps(), each);
            assertEquals(stamps(), stamps());
        }
        for (String each : NAMES) {
            List<FileStamp> before = stamps();
            Path other = Files.writeString(directory.resolve("other"), "b secret");
            Files.setLastModifiedTime(other, Files.getLastModifiedTime(directory.resolve(each)));
            Files.move(other, directory.resolve(each), StandardCopyOption.REPLACE_EXISTING);
            assertNotEquals(before, stamps(), each);
        }
    }
}
