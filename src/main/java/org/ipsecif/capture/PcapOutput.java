package org.ipsecif.capture;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.ipsecif.config.InputFile;
import org.jspecify.annotations.Nullable;

/**
 * Where {@code -w} writes. A file is there whole or not at all: written beside its name, and renamed by {@link #finish()}.
 * Standard output, pipes and devices are written as it comes.
 */
final class PcapOutput extends OutputStream {
    /** Names the output. */
    static final class FailedException extends IOException {
        private static final long serialVersionUID = 1L;

        FailedException(String name, IOException cause) {
            super(
                    name + ": "
                            + (cause instanceof NoSuchFileException ? "no such directory" : InputFile.reason(cause)),
                    cause);
        }
    }

    private final String name;
    private final OutputStream stream;
    private final @Nullable Path temporary;
    private final Path target;
    private boolean finished;

    private PcapOutput(String name, OutputStream stream, @Nullable Path temporary, Path target) {
        this.name = name;
        this.stream = stream;
        this.temporary = temporary;
        this.target = target;
    }

    /** @param out a path, {@code -} for standard output, or null for nowhere */
    static PcapOutput open(@Nullable Path out) throws FailedException {
        if (out == null) {
            return new PcapOutput("", OutputStream.nullOutputStream(), null, Path.of(""));
        }
        if (DecryptCommand.isStandard(out)) {
            return new PcapOutput("standard output", standardOutput(), null, out);
        }
        try {
            return openFile(out);
        } catch (IOException e) {
            throw new FailedException(out.toString(), e);
        }
    }

    private static PcapOutput openFile(Path out) throws IOException {
        if (Files.isDirectory(out)) {
            throw new FileSystemException(out.toString(), null, "is a directory");
        }
        boolean exists = Files.exists(out);
        if (exists ? !Files.isRegularFile(out) : Files.isSymbolicLink(out)) {
            return new PcapOutput(out.toString(), Files.newOutputStream(out), null, out);
        }
        if (exists && !Files.isWritable(out)) {
            throw new AccessDeniedException(out.toString());
        }
        Path target = exists ? out.toRealPath() : out;
        Path temporary = target.resolveSibling("." + target.getFileName() + "."
                + Long.toHexString(ProcessHandle.current().pid() ^ System.nanoTime()));
        OutputStream stream = Files.newOutputStream(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        temporary.toFile().deleteOnExit(); // SIGINT too; after the rename nothing has this name
        if (exists) {
            Files.setPosixFilePermissions(temporary, Files.getPosixFilePermissions(target));
        }
        return new PcapOutput(out.toString(), stream, temporary, target);
    }

    /** {@link System#out} throws no exceptions. */
    private static OutputStream standardOutput() {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                System.out.write(bytes, offset, length);
                flush();
            }

            @Override
            public void flush() throws IOException {
                if (System.out.checkError()) {
                    throw new IOException("cannot be written to");
                }
            }
        };
    }

    @Override
    public void write(int b) throws FailedException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws FailedException {
        try {
            stream.write(bytes, offset, length);
        } catch (IOException e) {
            throw new FailedException(name, e);
        }
    }

    /** All has been written: gives the file its name. */
    void finish() throws FailedException {
        try {
            stream.close();
            if (temporary != null) {
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            }
            finished = true;
        } catch (IOException e) {
            throw new FailedException(name, e);
        }
    }

    @Override
    public void close() throws IOException {
        if (!finished) {
            stream.close();
            if (temporary != null) {
                Files.deleteIfExists(temporary);
            }
        }
    }
}
