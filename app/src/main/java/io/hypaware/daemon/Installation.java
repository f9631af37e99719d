package io.hypaware.daemon;

import static java.util.Objects.requireNonNull;

import io.hypaware.home.Command;
import io.hypaware.home.Folders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The program in the user's folders: versions side by side, and links to the one in use. A version is put in place
/// whole, then the links change, so that dying in between leaves one that works.
///
/// @param prefix that holds `bin` and `share`
public record Installation(Path prefix) {

    public Installation {
        requireNonNull(prefix, "prefix is null");
        prefix = prefix.toAbsolutePath().normalize();
    }

    /// What is in use now, and what it took the place of.
    public record Installed(Path version, Optional<Path> before) {}

    /// Where shells and the manual look, by what the bundle has for them.
    private static final Map<String, String> SHARED = Map.of(
            "share/completion/hyp.bash", "share/bash-completion/completions/hyp",
            "share/completion/hyp.zsh", "share/zsh/site-functions/_hyp",
            "share/completion/hyp.fish", "share/fish/vendor_completions.d/hyp.fish",
            "share/man/man1/hyp.1", "share/man/man1/hyp.1");

    /// For a large archive on a slow disk.
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /// Where the versions are, side by side; what begins with a dot is none yet.
    public Path versions() {
        return prefix.resolve("share/hypaware");
    }

    public Path command() {
        return prefix.resolve("bin/hyp");
    }

    /// The bundle that a launcher belongs to; nothing, if it was built from source.
    public static Optional<Path> bundle(Optional<String> launcher) {
        return launcher.filter(path -> !path.isEmpty())
                .map(path -> Path.of(path).toAbsolutePath().normalize())
                .flatMap(Installation::real)
                .map(path -> path.resolveSibling("..").normalize())
                .filter(root ->
                        Files.isExecutable(root.resolve("runtime/bin/java")) && Files.exists(root.resolve("version")));
    }

    /// Unpacks the archive of a bundle, and makes sure that what is in it runs here.
    ///
    /// @param folder to be made for it
    /// @throws IOException if it is no bundle, or of another platform; says so
    public static Path unpack(Path archive, Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        run(List.of("tar", "-xzf", archive.toString(), "-C", folder.toString()), archive + " is no tar.gz");
        List<Path> inside;
        try (Stream<Path> files = Files.list(folder)) {
            inside = files.toList();
        }
        if (inside.size() != 1
                || bundle(Optional.of(inside.getFirst().resolve("bin/hyp").toString()))
                        .isEmpty()) {
            throw new IOException(archive + " is no bundle of HypAware; hyp bundle makes one");
        }
        Path bundle = inside.getFirst();
        run(
                List.of(
                        bundle.resolve("runtime/bin/java").toString(),
                        "@" + bundle.resolve("gateway.args"),
                        "-cp",
                        bundle.resolve("lib") + "/*",
                        "io.hypaware.cli.Hyp",
                        "daemon",
                        "limits"),
                archive + " does not run on this machine; is it of another platform?");
        return bundle;
    }

    private static void run(List<String> command, String failure) throws IOException, InterruptedException {
        Command.Ended ended = Command.run(command, PATIENCE)
                .orElseThrow(() -> new IOException(failure + " (" + command.getFirst() + " did not end)"));
        if (ended.code() != 0) {
            throw new IOException(
                    failure + " (" + ended.said().lines().findFirst().orElse("it said nothing") + ")");
        }
    }

    /// Makes an installed version the one in use.
    private void use(Path version) throws IOException {
        link(command(), version.resolve("bin/hyp"));
        for (Map.Entry<String, String> shared : SHARED.entrySet()) {
            link(prefix.resolve(shared.getValue()), version.resolve(shared.getKey()));
        }
    }

    /// Whether it is whole; what is being put in place begins with a dot, and a Java may lie beside.
    private static boolean isVersion(Path folder) {
        return !folder.getFileName().toString().startsWith(".") && Files.exists(folder.resolve("version"));
    }

    private static Optional<Path> real(Path path) {
        try {
            return Optional.of(path.toRealPath());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /// Copies a bundle here and makes it the one in use.
    public Installed install(Path bundle) throws IOException {
        String version = Files.readString(bundle.resolve("version")).strip();
        Path target = versions().resolve(version);
        Files.createDirectories(versions());
        Optional<Path> before = inUse().filter(path -> !path.equals(target));
        if (!bundle.toRealPath().equals(target)) {
            Path aside = versions().resolve("." + version + ".new");
            Folders.deleteIfThere(aside);
            copy(bundle, aside);
            Path old = versions().resolve("." + version + ".old");
            Folders.deleteIfThere(old);
            // What runs from the same version keeps its open files.
            if (Files.exists(target)) {
                Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
            }
            Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
            Folders.deleteIfThere(old);
        }
        use(target);
        return new Installed(target, before.or(() -> newest(others(target))));
    }

    /// Removes all versions but the one in use and the one before it; returns those that went.
    public List<Path> prune(Installed installed) throws IOException {
        List<Path> removed = others(installed.version()).stream()
                .filter(path -> !Optional.of(path).equals(installed.before()))
                .toList();
        for (Path path : removed) {
            Folders.deleteIfThere(path);
        }
        return removed;
    }

    /// Makes the version before the one in use again, and removes the one that took its place.
    public void undo(Installed installed, Path before) throws IOException {
        use(before);
        if (!installed.version().equals(before)) {
            Folders.deleteIfThere(installed.version());
        }
    }

    private List<Path> others(Path version) {
        try (Stream<Path> all = Files.list(versions())) {
            return all.filter(path -> !path.equals(version) && isVersion(path)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The same one once more has none before it: the newest of the others was that.
    private static Optional<Path> newest(List<Path> versions) {
        return versions.stream()
                .max(Comparator.comparingLong(path -> path.toFile().lastModified()));
    }

    /// The version that the command leads to; nothing, if it leads elsewhere.
    public Optional<Path> inUse() throws IOException {
        if (!Files.isSymbolicLink(command())) {
            return Optional.empty();
        }
        Path to = command().resolveSibling(Files.readSymbolicLink(command())).normalize();
        return to.startsWith(versions())
                ? Optional.of(versions().resolve(versions().relativize(to).getName(0)))
                : Optional.empty();
    }

    /// Removes the versions and the links to them; whether there were any.
    public boolean remove() throws IOException {
        if (!Files.isDirectory(versions())) {
            return false;
        }
        List<Path> links = new ArrayList<>(List.of(command()));
        SHARED.values().forEach(path -> links.add(prefix.resolve(path)));
        for (Path link : links) {
            // Only those that are ours.
            if (Files.isSymbolicLink(link)
                    && link.resolveSibling(Files.readSymbolicLink(link))
                            .normalize()
                            .startsWith(versions())) {
                Files.delete(link);
            }
        }
        Folders.deleteIfThere(versions());
        return true;
    }

    private void link(Path link, Path to) throws IOException {
        if (Files.exists(link, LinkOption.NOFOLLOW_LINKS) && !Files.isSymbolicLink(link)) {
            throw new IOException(link + " is there and is no link of ours; move it away, or choose another --prefix");
        }
        Files.createDirectories(link.resolveSibling(""));
        Path aside = link.resolveSibling("." + link.getFileName() + ".new");
        Files.deleteIfExists(aside);
        Files.createSymbolicLink(aside, to);
        Files.move(aside, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path relative = from.relativize(file);
                // The caches of fast starts are bound to where they were made.
                if (!relative.toString().endsWith(".aot")
                        && !relative.startsWith("jvm.args")
                        && !relative.startsWith("training")) {
                    Files.copy(
                            file,
                            to.resolve(relative.toString()),
                            StandardCopyOption.COPY_ATTRIBUTES,
                            LinkOption.NOFOLLOW_LINKS);
                }
            }
        }
    }
}
