package io.hypaware.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Versions side by side: the one in use, and the one before it.
class InstallationTest {

    @TempDir
    private Path folder;

    @Test
    void theVersionBeforeIsKeptAndOlderOnesGo() throws IOException {
        Installation installation = new Installation(folder.resolve("a prefix"));
        for (String version : List.of("1", "2", "3", "3")) {
            installation.prune(installation.install(bundle(version)));
            assertThat(installation.inUse()).contains(folder.resolve("a prefix/share/hypaware/" + version));
            assertThat(Files.readString(installation.command())).isEqualTo("run " + version);
        }
        assertThat(versions()).containsExactlyInAnyOrder("2", "3");
        // The one that is in use, installed from where it is.
        Path used = installation.inUse().orElseThrow();
        assertThat(installation.install(used).version()).isEqualTo(used);
        assertThat(used.resolve("jvm.args")).doesNotExist();
        assertThat(used.resolve("query.aot")).doesNotExist();
        assertThat(Files.readString(folder.resolve("a prefix/share/man/man1/hyp.1")))
                .isEqualTo("page");

        Files.writeString(folder.resolve("a prefix/bin/other"), "mine");
        assertThat(installation.remove()).isTrue();
        assertThat(folder.resolve("a prefix/bin/other")).exists();
        assertThat(Files.exists(installation.command())).isFalse();
        assertThat(installation.remove()).isFalse();
    }

    @Test
    void aCommandOfTheUsersIsNotReplaced() throws IOException {
        Installation installation = new Installation(folder);
        Files.createDirectories(folder.resolve("bin"));
        Files.writeString(installation.command(), "mine");
        assertThatThrownBy(() -> installation.install(bundle("1"))).hasMessageContaining("is no link of ours");
        assertThat(Files.readString(installation.command())).isEqualTo("mine");
        assertThat(installation.remove()).isTrue();
        assertThat(Files.readString(installation.command())).isEqualTo("mine");
    }

    @Test
    void aLauncherOfASourceTreeIsNoBundle() throws IOException {
        assertThat(Installation.bundle(Optional.empty())).isEmpty();
        assertThat(Installation.bundle(Optional.of(folder.resolve("hyp").toString())))
                .isEmpty();
        Path bundle = bundle("1");
        assertThat(Installation.bundle(Optional.of(bundle.resolve("bin/hyp").toString())))
                .contains(bundle);
    }

    private List<String> versions() throws IOException {
        try (Stream<Path> all = Files.list(folder.resolve("a prefix/share/hypaware"))) {
            return all.map(path -> path.getFileName().toString()).toList();
        }
    }

    private Path bundle(String version) throws IOException {
        Path bundle = folder.resolve("bundle-" + version);
        for (String file :
                List.of("bin/hyp", "runtime/bin/java", "share/man/man1/hyp.1", "share/completion/hyp.bash")) {
            Files.createDirectories(bundle.resolve(file).resolveSibling(""));
            Files.writeString(bundle.resolve(file), file.equals("bin/hyp") ? "run " + version : "page");
            Files.setPosixFilePermissions(bundle.resolve(file), PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Files.writeString(bundle.resolve("version"), version + "\n");
        // Made where the bundle lay.
        Files.writeString(bundle.resolve("jvm.args"), "x");
        Files.writeString(bundle.resolve("query.aot"), "x");
        return bundle;
    }
}
