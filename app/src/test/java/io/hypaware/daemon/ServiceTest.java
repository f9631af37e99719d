package io.hypaware.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hypaware.cli.Hyp;
import io.hypaware.home.HypHome;
import io.hypaware.testing.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The recorder as a service, with a stand-in for systemd that runs what its unit says and writes down what it is
/// asked.
class ServiceTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String SYSTEMCTL = """
            #!/bin/sh
            here=$(dirname "$0")
            echo "$*" >> "$here/asked"
            unit=$HOME/.config/systemd/user/hypaware.service
            stop() { [ -f "$here/pid" ] && kill -TERM "$(cat "$here/pid")" 2>/dev/null
              for i in $(seq 300); do kill -0 "$(cat "$here/pid" 2>/dev/null)" 2>/dev/null || break; sleep 0.1; done
              rm -f "$here/pid"; }
            start() { sed -n 's/^Environment=//p' "$unit" | sed 's/^/export /' > "$here/environment"
              . "$here/environment"
              sed -n 's/^ExecStart=/exec /p' "$unit" > "$here/start"
              setsid sh "$here/start" > "$here/out" 2>&1 < /dev/null & echo $! > "$here/pid"; }
            shift
            case "$1" in
              restart) stop; start ;;
              start) [ -f "$here/pid" ] || start ;;
              stop) stop ;;
              disable) stop ;;
              show) if kill -0 "$(cat "$here/pid" 2>/dev/null)" 2>/dev/null; then
                  printf 'LoadState=loaded\nActiveState=active\nSubState=running\nMainPID=%s\n' "$(cat "$here/pid")"
                else printf 'LoadState=loaded\nActiveState=inactive\nSubState=dead\nMainPID=0\n'; fi ;;
            esac
            """;

    @TempDir
    private Path root;

    private Path home;
    private Path tools;
    private Path launcher;

    @BeforeEach
    void aSystemd() throws IOException {
        home = root.resolve("with space");
        tools = Files.createDirectories(root.resolve("tools"));
        Files.createDirectories(home.resolve("user"));
        Files.writeString(
                home.resolve("hypaware-config.json"),
                "{\"version\": 2, \"plugins\": [{\"name\": \"@hypaware/ai-gateway\", \"config\": {\"port\": 0}}]}");
        executable(tools.resolve("systemctl"), SYSTEMCTL);
        launcher = root.resolve("a hyp");
        String command = Processes.command(Hyp.class, home).stream()
                .map(word -> "'" + word + "'")
                .collect(Collectors.joining(" "));
        executable(launcher, "#!/bin/sh\nexec " + command + " \"$@\"\n");
    }

    @AfterEach
    void stop() throws IOException {
        hyp("daemon", "uninstall", "--platform", "linux");
    }

    @Tag("slow")
    @Test
    void theManagerStartsAndStopsIt() throws Exception {
        assertThat(hyp("daemon", "start", "--platform", "linux")).contains("no daemon is installed");
        assertThat(hyp("daemon", "install", "--platform", "linux", "--bin", launcher.toString()))
                .contains("✓ Daemon installed (systemd unit: hypaware.service)", "loginctl enable-linger");
        JsonNode state = JSON.readTree(hyp("daemon", "status", "--platform", "linux", "--json"));
        assertThat(state.path("running").asBoolean()).isTrue();
        long pid = state.path("pid").asLong();
        assertThat(Presence.of(new GatewayFiles(new HypHome(home))))
                .isInstanceOfSatisfying(
                        Presence.Answering.class,
                        answering ->
                                assertThat(answering.address().supervisor()).isEqualTo(pid));
        assertThat(hyp("up")).contains("records already");
        assertThat(JSON.readTree(hyp("status", "--json"))
                        .path("daemon")
                        .path("pid")
                        .asLong())
                .isEqualTo(pid);

        assertThat(hyp("down")).contains("as a service it starts again");
        assertThat(Presence.of(new GatewayFiles(new HypHome(home)))).isInstanceOf(Presence.Absent.class);
        assertThat(hyp("up")).contains("HypAware records");
        assertThat(JSON.readTree(hyp("daemon", "status", "--platform", "linux", "--json"))
                        .path("running")
                        .asBoolean())
                .isTrue();
        long before =
                new GatewayFiles(new HypHome(home)).address().orElseThrow().pid();
        assertThat(hyp("daemon", "restart")).contains("Daemon restarted");
        assertThat(new GatewayFiles(new HypHome(home)).address().orElseThrow().pid())
                .isNotEqualTo(before);

        assertThat(hyp("daemon", "uninstall", "--platform", "linux")).contains("Daemon uninstalled");
        assertThat(home.resolve("user/.config/systemd/user/hypaware.service")).doesNotExist();
        assertThat(Files.readAllLines(tools.resolve("asked")))
                .containsSubsequence(
                        "--user daemon-reload",
                        "--user enable hypaware.service",
                        "--user restart hypaware.service",
                        "--user stop hypaware.service",
                        "--user start hypaware.service",
                        "--user disable --now hypaware.service");
    }

    @Tag("slow")
    @Test
    void aBrokenManagerLeavesAllAsItWas() throws Exception {
        assertThat(hyp("up")).contains("HypAware records");
        executable(tools.resolve("systemctl"), "#!/bin/sh\necho 'Failed to connect to bus'\nexit 1\n");
        assertThat(hyp("daemon", "install", "--platform", "linux", "--bin", launcher.toString()))
                .contains("Failed to connect to bus", "hyp up does");
        assertThat(home.resolve("user/.config/systemd/user/hypaware.service")).doesNotExist();
        assertThat(Presence.of(new GatewayFiles(new HypHome(home)))).isInstanceOf(Presence.Answering.class);

        // One that answers nothing, with a unit from before.
        Files.createDirectories(home.resolve("user/.config/systemd/user"));
        Files.writeString(
                home.resolve("user/.config/systemd/user/hypaware.service"), "Environment=\"HYP_HOME=" + home + "\"\n");
        executable(tools.resolve("systemctl"), "#!/bin/sh\nexec sleep 60\n");
        assertThat(hyp("daemon", "status", "--platform", "linux")).contains("did not end within 5 s");
        assertThat(hyp("down")).contains("HypAware stopped");

        executable(tools.resolve("systemctl"), "#!/bin/sh\nexit 1\n");
        assertThat(hyp("daemon", "uninstall", "--platform", "linux")).contains("Daemon uninstalled", "it said nothing");
        assertThat(home.resolve("user/.config/systemd/user/hypaware.service")).doesNotExist();
        executable(tools.resolve("systemctl"), SYSTEMCTL);
    }

    @Test
    void theUnitSaysWhatIsRunAndWithWhat() throws Exception {
        JsonNode plan = JSON.readTree(
                hyp("daemon", "install", "--platform", "linux", "--bin", launcher.toString(), "--dry-run", "--json"));
        assertThat(plan.path("serviceKind").asText()).isEqualTo("systemd");
        assertThat(plan.path("targetPath").asText()).endsWith("/.config/systemd/user/hypaware.service");
        assertThat(plan.path("content").asText())
                .contains(
                        "Description=HypAware daemon (hypaware)\n",
                        "ExecStart=\"" + launcher + "\" \"daemon\" \"run\" \"--foreground\" \"--supervise\"\n",
                        "ExecReload=/bin/kill -USR1 $MAINPID\n",
                        "Restart=always\n",
                        "Environment=\"HYP_HOME=" + home + "\"\n",
                        "Environment=\"https_proxy=http://proxy.example:3128\"\n",
                        "WantedBy=default.target\n");
        assertThat(Files.exists(tools.resolve("asked"))).isFalse();

        JsonNode mac = JSON.readTree(
                hyp("daemon", "install", "--platform", "darwin", "--bin", launcher.toString(), "--dry-run", "--json"));
        assertThat(mac.path("label").asText()).isEqualTo("com.hyperparam.hypaware");
        assertThat(mac.path("content").asText())
                .contains(
                        "<string>" + launcher + "</string>",
                        "<key>KeepAlive</key>\n  <true/>",
                        "<string>--foreground</string>");
        assertThat(hyp("daemon", "install", "--platform", "linux", "--dry-run")).contains("name it with --bin");
        assertThat(hyp("daemon", "status", "--platform", "beos")).contains("expected linux or darwin");
    }

    private String hyp(String... arguments) throws IOException {
        Map<String, String> environment = Map.of(
                "PATH", tools + ":" + System.getenv("PATH"), "https_proxy", "http://proxy.example:3128", "HYP_BIN", "");
        return Processes.output(Hyp.class, home, environment, arguments);
    }

    private static void executable(Path file, String script) throws IOException {
        Files.writeString(file, script);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        assertThat(List.of(file)).allMatch(Files::isExecutable);
    }
}
