package io.hypaware.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineTest {

    @TempDir
    Path root;

    private int git(String... words) throws InterruptedException {
        List<String> command =
                new ArrayList<>(List.of("git", "-c", "user.name=Somebody", "-c", "user.email=somebody@example.com"));
        command.addAll(List.of(words));
        try {
            return new ProcessBuilder(command)
                    .directory(root.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            return -1;
        }
    }

    @Test
    void theRevisionSaysWhetherAnythingButTheFiguresWasChanged() throws Exception {
        assumeTrue(git("init", "-q") == 0);
        Path document = root.resolve("docs/performance.md");
        Files.createDirectories(document.getParent());
        Files.writeString(document, "measured");
        Files.writeString(root.resolve("Source.java"), "class Source {}");
        assertThat(git("add", "-A")).isZero();
        assertThat(git("commit", "-q", "-m", "first")).isZero();
        assertThat(Machine.revision(root, document)).matches("commit [0-9a-f]{12}");
        Files.writeString(document, "measured again");
        assertThat(Machine.revision(root, document)).matches("commit [0-9a-f]{12}");
        Files.writeString(root.resolve("Source.java"), "final class Source {}");
        assertThat(Machine.revision(root, document)).matches("commit [0-9a-f]{12} and what was changed since");
    }

    @Test
    void sourcesWithoutAHistoryHaveNoRevision() {
        assertThat(Machine.revision(root, root.resolve("performance.md"))).isEqualTo("no commit");
    }

    @Test
    void theMachineIsSaidWithThePeersThatAreThere() throws Exception {
        Path nginx = Files.writeString(
                root.resolve("nginx"), "#!/bin/sh\necho 'nginx version: nginx/1.2.3 (Somewhere)' >&2\n");
        assertThat(nginx.toFile().setExecutable(true)).isTrue();
        assertThat(Machine.describe(Optional.of(nginx)))
                .contains(" cores", "JDK " + Runtime.version().feature())
                .endsWith(", nginx 1.2.3");
        assertThat(Machine.describe(Optional.empty())).endsWith(", no nginx");
    }
}
