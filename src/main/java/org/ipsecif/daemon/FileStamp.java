package org.ipsecif.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.ipsecif.config.IkeCredentials;
import org.jspecify.annotations.Nullable;

/**
 * By what a file that was written anew is known, without what is in it.
 *
 * @param key the inode
 * @param modified null if there is no such file
 */
record FileStamp(
        String name, @Nullable Object key, @Nullable FileTime modified, long size) {
    private static FileStamp of(String name) {
        try {
            BasicFileAttributes found = Files.readAttributes(Path.of(name), BasicFileAttributes.class);
            return new FileStamp(name, found.fileKey(), found.lastModifiedTime(), found.size());
        } catch (IOException e) {
            return new FileStamp(name, null, null, 0);
        }
    }

    /** Of all files that these credentials are in. */
    static List<FileStamp> of(IkeCredentials credentials) {
        List<String> names = new ArrayList<>(credentials.certificates());
        names.addAll(credentials.authorities());
        for (String each : new @Nullable String[] {
            credentials.pskFile(), credentials.keyFile(), credentials.ppk().file()
        }) {
            if (each != null) {
                names.add(each);
            }
        }
        return names.stream().map(FileStamp::of).toList();
    }
}
