package io.hypaware.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.home.Command;
import io.hypaware.home.HypHome;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Claude Code: `settings.json` in `CLAUDE_CONFIG_DIR`, else in `~/.claude`. Other scopes win over it.
///
/// @param folder in which the user works
public record ClaudeCode(Map<String, String> environment, Path folder) implements Agent {

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Pattern VERSION = Pattern.compile("\\d{1,6}\\.\\d{1,6}\\.\\d{1,6}");

    private static final List<String> ELSEWHERE = List.of("CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX");

    @Override
    public String name() {
        return "claude";
    }

    @Override
    public String title() {
        return "Claude Code";
    }

    private Path home() {
        String named = environment.getOrDefault("CLAUDE_CONFIG_DIR", "");
        return named.isEmpty() ? HypHome.userHome(environment).resolve(".claude") : Path.of(named);
    }

    @Override
    public Path settings() {
        return home().resolve("settings.json");
    }

    @Override
    public Optional<Integer> attachedPort() {
        return ClaudeSettings.port(UserFile.read(settings()));
    }

    @Override
    public boolean isTelling() {
        return ClaudeSettings.isTelling(UserFile.read(settings()));
    }

    @Override
    public Optional<Instant> lastUsed() {
        return Newest.in(home().resolve("projects"), 2);
    }

    @Override
    public List<String> upstreams() {
        return List.of("anthropic");
    }

    @Override
    public Attachment attach(Address address) {
        return ClaudeSettings.attach(UserFile.read(settings()), address);
    }

    /// The script that its hooks call.
    public static Path hook(HypHome home) {
        return ClaudeHooks.script(home);
    }

    /// Where it writes what it sends and gets, where nothing stands in its calls' way.
    public static Path bodies(HypHome home) {
        return home.root().resolve("hypaware/bodies/claude");
    }

    @Override
    public void prepare(Address address) throws IOException {
        if (address.hook().isPresent()) {
            ClaudeHooks.install(address.hook().get());
        }
        address.bodies().ifPresent(HypHome::privateFolder);
    }

    @Override
    public Optional<String> version() {
        return Arrays.stream(environment.getOrDefault("PATH", "").split(File.pathSeparator))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, "claude"))
                .filter(Files::isExecutable)
                .findFirst()
                .flatMap(ClaudeCode::version);
    }

    private static Optional<String> version(Path program) {
        try {
            return Command.run(List.of(program.toString(), "--version"), PATIENCE)
                    .map(ended -> VERSION.matcher(ended.said()))
                    .filter(Matcher::find)
                    .map(Matcher::group);
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    @Override
    public Attachment detach() {
        return ClaudeSettings.detach(UserFile.read(settings()));
    }

    /// Where it keeps what it is told of servers, for all projects; it moves with the settings.
    private UserFile servers() {
        String named = environment.getOrDefault("CLAUDE_CONFIG_DIR", "");
        Path folder = named.isEmpty() ? HypHome.userHome(environment) : Path.of(named);
        return UserFile.read(folder.resolve(".claude.json"), ClaudeMcp.MOST_BYTES);
    }

    @Override
    public Attachment attachMcp(HypCommand entry) {
        return ClaudeMcp.attach(servers(), entry);
    }

    @Override
    public Attachment detachMcp() {
        return ClaudeMcp.detach(servers());
    }

    private Path skills() {
        return home().resolve("skills");
    }

    @Override
    public SkillChange attachSkills(HypCommand hyp) {
        return SkillFiles.attach(skills(), skill -> ClaudeSkills.files(skill, hyp));
    }

    @Override
    public SkillChange detachSkills() {
        return SkillFiles.detach(skills());
    }

    @Override
    public String skillSign() {
        return "/";
    }

    /// Those scopes that win over the user's settings, the strongest first.
    private Map<String, Path> stronger() {
        Map<String, Path> scopes = new LinkedHashMap<>();
        boolean mac = System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("mac");
        scopes.put(
                "managed settings",
                Path.of(mac ? "/Library/Application Support/ClaudeCode" : "/etc/claude-code")
                        .resolve("managed-settings.json"));
        scopes.put("this project's local settings", folder.resolve(".claude/settings.local.json"));
        if (!folder.resolve(".claude").equals(home())) {
            scopes.put("this project's settings", folder.resolve(".claude/settings.json"));
        }
        return scopes;
    }

    @Override
    public List<String> overrides() {
        List<String> found = new ArrayList<>();
        String ours = "http://127.0.0.1:" + attachedPort().map(Object::toString).orElse("");
        stronger().forEach((scope, file) -> inScope(scope, file, ours, found));
        environment(settings()).ifPresent(env -> switches(env, "these settings", found));
        for (String name : ELSEWHERE) {
            if (isOn(environment.getOrDefault(name, ""))) {
                found.add(name + " is set in this shell: calls go to that provider and are not recorded");
            }
        }
        for (String name : List.of("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")) {
            if (!environment.getOrDefault(name, "").isEmpty()) {
                found.add(name + " is set in this shell, and some versions of Claude Code send even calls to 127.0.0.1"
                        + " there, whatever NO_PROXY says. If calls fail, start it without " + name
                        + " and set upstream_proxy in our config instead");
                break;
            }
        }
        return found;
    }

    private static void inScope(String scope, Path file, String ours, List<String> found) {
        Optional<JsonNode> env = environment(file);
        if (env.isEmpty()) {
            return;
        }
        JsonNode url = env.get().path(ClaudeSettings.BASE_URL);
        if (url.isTextual() && !url.textValue().replaceFirst("/+$", "").equals(ours)) {
            found.add(scope + " (" + file + ") set " + ClaudeSettings.BASE_URL + " to " + url.textValue()
                    + ", which wins: calls go there and are not recorded. Take it out there");
        }
        switches(env.get(), scope + " (" + file + ")", found);
    }

    private static void switches(JsonNode env, String where, List<String> found) {
        for (String name : ELSEWHERE) {
            if (isOn(env.path(name).asText(""))) {
                found.add(where + " set " + name + ": calls go to that provider and are not recorded");
            }
        }
    }

    private static boolean isOn(String value) {
        return !value.isEmpty() && !value.equals("0") && !value.equalsIgnoreCase("false");
    }

    /// The environment that a settings file makes; nothing, if it cannot be read, which is for that scope's owner to
    /// mend.
    private static Optional<JsonNode> environment(Path file) {
        try {
            UserFile settings = UserFile.read(file);
            return settings.exists() ? JsonDocument.parse(settings.text()).value("env") : Optional.empty();
        } catch (IOException | ClientException e) {
            return Optional.empty();
        }
    }
}
