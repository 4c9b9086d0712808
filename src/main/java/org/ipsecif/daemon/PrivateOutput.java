package org.ipsecif.daemon;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.ipsecif.control.DaemonControl.RefusedException;

/** New files that nobody but their owner may read: for keys. */
final class PrivateOutput {
    private static final int OTHERS = 077;
    private static final int OTHERS_WRITE = 022;
    private static final int STICKY = 01000;

    private PrivateOutput() {}

    /**
     * Makes a file of mode 0600. Its directory has to be the daemon's user's or root's with no access for others, and none above it
     * one in which others could put something else in its place.
     *
     * @param file absolute; nothing may be there, not even a link
     * @throws RefusedException naming the file, or the directory that is not as it should be; then nothing has been written
     */
    static void write(Path file, List<byte[]> content) throws RefusedException {
        if (!file.isAbsolute() || file.getFileName() == null) {
            throw new RefusedException(file + ": expected an absolute path of a file");
        }
        boolean made = false;
        try {
            Path directory = file.normalize().resolveSibling("").toRealPath();
            checkDirectory(directory);
            Path real = directory.resolve(file.normalize().getFileName());
            try (SeekableByteChannel out = Files.newByteChannel(
                    real,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                made = true;
                for (byte[] part : content) {
                    ByteBuffer rest = ByteBuffer.wrap(part);
                    while (rest.hasRemaining()) {
                        out.write(rest);
                    }
                }
            } catch (IOException e) {
                if (made) {
                    Files.deleteIfExists(real);
                }
                throw e;
            }
        } catch (FileAlreadyExistsException e) {
            throw new RefusedException(file + ": is there already; expected a name that nothing has");
        } catch (NoSuchFileException e) {
            throw new RefusedException(file + ": no such directory");
        } catch (IOException e) {
            throw new RefusedException(file + ": cannot be written: " + e.getMessage());
        }
    }

    private static void checkDirectory(Path directory) throws IOException, RefusedException {
        check(directory, OTHERS, "others than its owner may use it; chmod 700 " + directory);
        for (Path each = directory.getParent(); each != null; each = each.getParent()) {
            check(each, OTHERS_WRITE, "others than its owner may replace what is in it");
        }
    }

    private static void check(Path directory, int forbidden, String problem) throws IOException, RefusedException {
        int mode = (Integer) Files.getAttribute(directory, "unix:mode");
        int owner = (Integer) Files.getAttribute(directory, "unix:uid");
        boolean sticky = forbidden == OTHERS_WRITE && (mode & STICKY) != 0;
        if ((mode & forbidden) != 0 && !sticky) {
            throw new RefusedException(directory + ": " + problem);
        }
        if (owner != 0 && owner != ownUser()) {
            throw new RefusedException(directory + ": belongs to user " + owner);
        }
    }

    private static long ownUser() {
        return new UnixSystem().getUid();
    }
}
