package io.hypaware.maintain.reported;

import io.hypaware.home.HypHome;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;

/// The folder into which a client writes the bodies of its calls. Whoever reports may name any file: only regular files
/// directly in this folder are read, by names of one form, as far as the bound goes; one with a second name may be of
/// anybody and is not read. What leaves is written over first, unless it has a second name.
public final class BodySpool {

    /// A request of a million tokens has some megabytes, and images.
    static final int MOST_BYTES = 32 << 20;

    private static final Logger LOG = Logger.getLogger(BodySpool.class.getName());

    private static final int MOST_FILES = 100_000;
    private static final int BLOCK = 64 * 1024;
    private static final String REQUEST = ".request.json";
    private static final String RESPONSE = ".response.json";
    private static final String REQUEST_ID = "req_";
    private static final Pattern NAME = Pattern.compile("[\\w-][\\w.-]{0,200}\\.(request|response)\\.json");

    private final Path folder;

    public BodySpool(Path folder) {
        this.folder = folder.toAbsolutePath().normalize();
    }

    /// A file of the spool.
    ///
    /// @param written when it was last written
    public record Entry(String name, long bytes, Instant written) {
        public boolean isRequest() {
            return name.endsWith(REQUEST);
        }

        /// The provider's name of the answer in it, by which its client calls the file.
        Optional<String> requestId() {
            return name.startsWith(REQUEST_ID) && name.endsWith(RESPONSE)
                    ? Optional.of(name.substring(0, name.length() - RESPONSE.length()))
                    : Optional.empty();
        }
    }

    /// A body as far as it was read.
    public record Content(byte[] bytes, boolean whole) {}

    /// The name within this folder that a reference means; nothing if it means anything else.
    Optional<String> name(String reference) {
        try {
            Path file = Path.of(reference);
            Path parent = file.getParent();
            String name = String.valueOf(file.getFileName());
            boolean isHere = parent != null && file.isAbsolute() && file.equals(file.normalize()) && isFolder(parent);
            return isHere && NAME.matcher(name).matches() ? Optional.of(name) : Optional.empty();
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private boolean isFolder(Path parent) {
        if (parent.equals(folder)) {
            return true;
        }
        try {
            // The client may know the home by another path.
            return parent.toRealPath().equals(folder.toRealPath());
        } catch (IOException e) {
            return false;
        }
    }

    /// Reads a file, or its first bytes; nothing if there is no such regular file, or it has another name, too.
    public Optional<Content> read(String name) throws IOException {
        Path file = folder.resolve(name);
        if (!NAME.matcher(name).matches() || !isRegular(file) || isShared(name)) {
            return Optional.empty();
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
                InputStream in = Channels.newInputStream(channel)) {
            byte[] bytes = in.readNBytes(MOST_BYTES);
            return Optional.of(new Content(bytes, in.read() < 0));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static boolean isRegular(Path file) {
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
    }

    /// Whether a file has another name, too, so that it need not be the client's.
    boolean isShared(String name) throws IOException {
        Path file = folder.resolve(name);
        return NAME.matcher(name).matches() && isRegular(file) && !hasOneName(file);
    }

    private static boolean hasOneName(Path file) throws IOException {
        return Integer.valueOf(1).equals(Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS));
    }

    /// What bodies there are, the oldest first.
    public List<Entry> list() throws IOException {
        List<Entry> entries = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                if (!NAME.matcher(name).matches() || entries.size() == MOST_FILES) {
                    continue;
                }
                attributes(file)
                        .filter(BasicFileAttributes::isRegularFile)
                        .ifPresent(is -> entries.add(new Entry(name, is.size(), time(is.lastModifiedTime()))));
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        }
        // A tool of less than a tick of the file system's clock is between an answer and the request that follows.
        entries.sort(Comparator.comparing(Entry::written)
                .thenComparing(Entry::isRequest)
                .thenComparing(Entry::name));
        return entries;
    }

    private static Instant time(FileTime time) {
        return time.toInstant();
    }

    private static Optional<BasicFileAttributes> attributes(Path file) throws IOException {
        try {
            return Optional.of(Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /// Whether there is anything in it.
    boolean isAny() {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            return files.iterator().hasNext();
        } catch (IOException e) {
            return false;
        }
    }

    /// How much lies there.
    public long bytes() throws IOException {
        return list().stream().mapToLong(Entry::bytes).sum();
    }

    /// Takes a file away and writes over what it held, unless that has another name too: then it is not ours alone.
    ///
    /// @return whether there was one
    public boolean erase(String name) {
        Path file = folder.resolve(name);
        if (!NAME.matcher(name).matches() || !isRegular(file)) {
            return false;
        }
        try {
            if (hasOneName(file)) {
                blank(file);
            }
            return Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.log(Level.INFO, "the body " + file + " cannot be deleted; the next round tries again", e);
            return false;
        }
    }

    private static void blank(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            long size = channel.size();
            for (long at = 0; at < size; ) {
                at += channel.write(ByteBuffer.allocate(Math.toIntExact(Math.min(BLOCK, size - at))), at);
            }
            channel.force(false);
        }
    }

    /// Erases the oldest until no more than so much is left; returns how many that were.
    public int keepTo(long most) throws IOException {
        List<Entry> entries = list();
        long sum = entries.stream().mapToLong(Entry::bytes).sum();
        int erased = 0;
        for (Entry entry : entries) {
            if (sum <= most) {
                break;
            }
            if (erase(entry.name())) {
                erased++;
            }
            sum -= entry.bytes();
        }
        return erased;
    }

    /// The folder is its owner's alone, whatever made it.
    void close() throws IOException {
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
    }

    /// Makes the folder if need be.
    public Path make() {
        return HypHome.privateFolder(folder);
    }
}
