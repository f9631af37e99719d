package io.hypaware.home;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// What is recorded is its owner's alone: the folders and files it lies in belong to the user, and no one else writes
/// there. As ssh does with its own: what can be repaired is, and said; the rest is refused.
public final class Ownership {

    private static final Set<PosixFilePermission> OTHERS_WRITE =
            EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    private static final Set<PosixFilePermission> OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);

    /// On Linux, who runs this process owns it.
    private static final Path SELF = Path.of("/proc/self");

    private static final Object USER = user();

    private static Object user() {
        try {
            if (Files.exists(SELF)) {
                return Files.getAttribute(SELF, "unix:uid");
            }
            Path own = Files.createTempFile("hypaware", ".uid");
            try {
                return Files.getAttribute(own, "unix:uid");
            } finally {
                Files.delete(own);
            }
        } catch (IOException | UnsupportedOperationException e) {
            return 0;
        }
    }

    /// Checks the home and the folders in it, as far as they exist; returns what was repaired.
    ///
    /// @throws IllegalStateException if one belongs to somebody else; the message says what to do
    public static List<String> check(HypHome home) {
        List<String> repaired = new ArrayList<>();
        Path own = home.root().resolve("hypaware");
        Cache cache = new Cache(own.resolve("cache"));
        List<Path> folders = List.of(home.root(), own, cache.folder(), cache.tables(), home.run(), home.logs());
        List<Path> files = List.of(
                own.resolve("redaction.key"),
                own.resolve("gateway.id"),
                cache.journal(),
                cache.catalog(),
                cache.privacyList());
        for (Path folder : folders) {
            if (Files.exists(folder) && !Files.isDirectory(folder)) {
                throw new IllegalStateException(folder
                        + " is a file where a folder is needed; move it away, or set HYP_HOME to another folder");
            }
        }
        for (Path file : files) {
            if (Files.isSymbolicLink(file)) {
                throw new IllegalStateException(
                        file
                                + " is a link, and what it points to would be written; put the file itself there. A whole folder may be a link");
            }
        }
        // A link is the user's own affair, and so is what it leads to.
        List<Path> config = Files.isSymbolicLink(home.configFile()) ? List.of() : List.of(home.configFile());
        for (Path path : Stream.of(folders, files, config).flatMap(List::stream).toList()) {
            try {
                if (Files.exists(path)) {
                    check(path, repaired);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(path + " cannot be checked", e);
            }
        }
        return List.copyOf(repaired);
    }

    private static void check(Path path, List<String> repaired) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
        if (view == null) {
            return;
        }
        PosixFileAttributes attributes = view.readAttributes();
        // By number: a user need not have a name.
        Object owner = Files.getAttribute(path, "unix:uid");
        if (!owner.equals(USER) && !USER.equals(0)) {
            throw new IllegalStateException(
                    path + " belongs to " + attributes.owner().getName()
                            + ", who could read or change what is recorded. Make it yours (chown), or set HYP_HOME to another folder");
        }
        Set<PosixFilePermission> permissions = EnumSet.copyOf(attributes.permissions());
        boolean writable = permissions.removeAll(OTHERS_WRITE);
        if (permissions.removeAll(OTHERS) || writable) {
            view.setPermissions(permissions);
        }
        // That others could read a folder that was made with the usual rights is nothing to be told of.
        if (writable) {
            repaired.add(path + " could be written by others; now " + PosixFilePermissions.toString(permissions));
        }
    }

    private Ownership() {}
}
