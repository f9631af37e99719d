package io.hypaware;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `./check` and `.ci/run` run, with stand-ins for Maven and the program that write down what they are asked.
class CheckTest {

    private static final Path REPOSITORY = Path.of("..");

    private static final String MAVEN = """
            #!/bin/sh
            echo "mvnw $* HYP_KILLS=${HYP_KILLS:-}" >> asked
            case "$*" in *verify*)
              echo '[INFO] Tests run: 5, Failures: 0, Errors: 0, Skipped: 1'
              echo '[WARNING] Tests run: 3, Failures: 1, Errors: 0, Skipped: 0'
              exit "${MAVEN_ENDS:-0}" ;;
            esac
            """;

    private static final String PROGRAM = """
            #!/bin/sh
            echo "hyp $*" >> asked
            exit "${SMOKES_END:-0}"
            """;

    @TempDir
    private Path folder;

    @BeforeEach
    void aRepository() throws IOException {
        for (String file : List.of("check", ".ci/run", "launcher/java-home.sh")) {
            Path copy = folder.resolve(file);
            Files.createDirectories(copy.resolveSibling(""));
            Files.copy(REPOSITORY.resolve(file), copy);
        }
        executable("mvnw", MAVEN);
        executable("hyp", PROGRAM);
        Path tests = Files.createDirectories(folder.resolve("app/src/test"));
        Files.createDirectories(folder.resolve("bench/src/test"));
        Files.writeString(
                tests.resolve("ATest.java"), "@Tag(\"slow\")\nclass ATest {\n    @Test\n    void a() {}\n}\n");
        Files.writeString(
                tests.resolve("BTest.java"),
                "class BTest {\n    @Tag(\"slow\")\n    @Test\n    void b() {}\n\n    @Tag(\"slow\")\n    @Test\n    void c() {}\n}\n");
    }

    @Test
    void itLeavesOutWhatIsSlowAndSaysSo() throws Exception {
        List<String> said = run("./check");
        assertThat(asked())
                .noneMatch(line -> line.startsWith("hyp"))
                .last()
                .asString()
                .contains("-DexcludedGroups=slow");
        assertThat(said.get(said.size() - 2))
                .startsWith("Left out: 1 classes and 2 methods")
                .endsWith("HYP_SLOW=yes ./check runs all.");
        assertThat(said).last().isEqualTo("Tests run: 8, Failures: 1, Errors: 0, Skipped: 1");
    }

    @Test
    void continuousIntegrationRunsAll() throws Exception {
        List<String> said = run(".ci/run");
        assertThat(asked()).contains("hyp smoke all").noneMatch(line -> line.contains("excludedGroups"));
        assertThat(said).noneMatch(line -> line.startsWith("Left out"));
        assertThat(said).last().isEqualTo("Tests run: 8, Failures: 1, Errors: 0, Skipped: 1");
    }

    @Test
    void theLongOneRunsMore() throws Exception {
        run("./check", "--long");
        assertThat(asked())
                .contains("hyp smoke all")
                .noneMatch(line -> line.contains("excludedGroups"))
                .last()
                .asString()
                .endsWith("HYP_KILLS=200");
    }

    @Test
    void itEndsAsMavenAndTheSmokesDo() throws Exception {
        assertThat(code("MAVEN_ENDS=1 ./check")).isOne();
        assertThat(code("HYP_SLOW=yes SMOKES_END=1 ./check")).isOne();
        assertThat(code("HYP_SLOW=yes ./check")).isZero();
        assertThat(code("./check -o")).isZero();
        assertThat(asked()).last().asString().contains(" -o ");
    }

    private List<String> run(String... command) throws Exception {
        Process process = started(List.of(command));
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said.lines().toList();
    }

    private int code(String line) throws Exception {
        Process process = started(List.of("sh", "-c", line));
        process.getInputStream().readAllBytes();
        return process.waitFor();
    }

    private Process started(List<String> command) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("HYP_"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return builder.start();
    }

    private List<String> asked() throws IOException {
        return Files.readAllLines(folder.resolve("asked"));
    }

    private void executable(String name, String script) throws IOException {
        Path file = Files.writeString(folder.resolve(name), script);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }
}
