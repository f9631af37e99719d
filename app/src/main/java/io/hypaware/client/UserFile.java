package io.hypaware.client;

import io.hypaware.client.ClientException.Kind;
import io.hypaware.home.Folders;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.Optional;

/// A settings file of another program, as it was when it was read. Written in one step, at the end of its links, with
/// its
/// mode and its byte order mark, and only if nobody has changed it since.
///
/// @param path as the other program names it
/// @param bytes nothing, if there is no such file
public record UserFile(Path path, Optional<byte[]> bytes) {

    private static final long MOST_BYTES = 1L << 20;
    private static final String ASIDE = ".hypaware-new";
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    public static UserFile read(Path path) {
        return read(path, MOST_BYTES);
    }

    /// @param mostBytes over that it is not read
    static UserFile read(Path path, long mostBytes) {
        try {
            if (!Files.exists(path)) {
                if (Files.isSymbolicLink(path)) {
                    throw new ClientException(
                            Kind.UNREADABLE,
                            path + " is a link to " + Files.readSymbolicLink(path)
                                    + ", which does not exist; make that file, or remove the link");
                }
                return new UserFile(path, Optional.empty());
            }
            if (!Files.isRegularFile(path)) {
                throw new ClientException(Kind.UNREADABLE, path + " is no file; move it away");
            }
            if (Files.size(path) > mostBytes) {
                throw new ClientException(
                        Kind.UNREADABLE, path + " has more than " + mostBytes + " bytes, which no settings have");
            }
            return new UserFile(path, Optional.of(Files.readAllBytes(path)));
        } catch (IOException e) {
            throw new ClientException(
                    Kind.UNREADABLE, path + " cannot be read (" + e + "); look at its permissions and its folder's");
        }
    }

    public boolean exists() {
        return bytes.isPresent();
    }

    /// What it says, without a byte order mark; empty if there is no file.
    public String text() {
        String text = decoded();
        return hasMark(text) ? text.substring(1) : text;
    }

    private String decoded() {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.orElse(new byte[0])))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new ClientException(Kind.MALFORMED, path + " is not written in UTF-8; save it as UTF-8 first");
        }
    }

    private static boolean hasMark(String text) {
        return text.startsWith(BYTE_ORDER_MARK);
    }

    /// Puts a text in its place.
    ///
    /// @throws ClientException if it was changed meanwhile, or cannot be written; it is as it was then
    public void write(String text) {
        byte[] after = ((hasMark(decoded()) ? BYTE_ORDER_MARK : "") + text).getBytes(StandardCharsets.UTF_8);
        try {
            Path target = exists() ? path.toRealPath() : made(path);
            refuseIfNotOurs(target);
            // A name of its own: somebody else may be writing at the same time.
            Path aside = Files.createTempFile(target.resolveSibling(""), "." + target.getFileName(), ASIDE);
            try {
                writeAside(aside, target, after);
                refuseIfChanged();
                Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(aside);
            }
            sync(target.resolveSibling("."));
        } catch (IOException e) {
            throw new ClientException(
                    Kind.NOT_WRITABLE,
                    path + " cannot be written (" + e
                            + "); look at the permissions of its folder and the room on its disk");
        }
    }

    /// What its owner made read-only, or another user's, is not for us to replace.
    private void refuseIfNotOurs(Path target) throws IOException {
        if (!exists()) {
            return;
        }
        boolean posix = Files.getFileStore(target).supportsFileAttributeView(PosixFileAttributeView.class);
        boolean readOnly = !Files.isWritable(target)
                || (posix && !Files.getPosixFilePermissions(target).contains(PosixFilePermission.OWNER_WRITE));
        if (readOnly) {
            throw new ClientException(Kind.NOT_WRITABLE, path + " is read-only; run: chmod u+w " + target);
        }
        String user = System.getProperty("user.name");
        if (posix && !Files.getOwner(target).getName().equals(user)) {
            throw new ClientException(
                    Kind.NOT_WRITABLE,
                    path + " belongs to " + Files.getOwner(target).getName() + ", and this runs as " + user
                            + "; run it as that user");
        }
    }

    /// Removes it.
    void delete() {
        try {
            refuseIfChanged();
            Files.delete(path);
        } catch (IOException e) {
            throw new ClientException(Kind.NOT_WRITABLE, path + " cannot be removed: " + e);
        }
    }

    /// Into a file that only its owner can read, until it has the other one's mode: keys may stand in it.
    private void writeAside(Path aside, Path target, byte[] after) throws IOException {
        try (FileChannel channel = FileChannel.open(aside, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            ByteBuffer left = ByteBuffer.wrap(after);
            while (left.hasRemaining()) {
                channel.write(left);
            }
            channel.force(true);
        }
        if (exists() && Files.getFileStore(target).supportsFileAttributeView(PosixFileAttributeView.class)) {
            Files.setPosixFilePermissions(aside, Files.getPosixFilePermissions(target));
        }
    }

    private void refuseIfChanged() throws IOException {
        boolean same = bytes.isPresent()
                ? Files.exists(path) && Arrays.equals(bytes.get(), Files.readAllBytes(path))
                : Files.notExists(path);
        if (!same) {
            throw new ClientException(
                    Kind.CONCURRENT_EDIT,
                    path + " was changed by another program just now; nothing was written. Try again");
        }
    }

    private static Path made(Path path) throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        return path.toAbsolutePath();
    }

    private static void sync(Path folder) {
        try {
            Folders.sync(folder);
        } catch (IOException e) {
            // Not every system opens folders; the file is in place all the same.
        }
    }
}
