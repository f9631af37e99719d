package io.hypaware.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.client.ClientException.Kind;
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
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Claude Code: `settings.json` in `CLAUDE_CONFIG_DIR`, else in `~/.claude`. Other scopes win over it.
///
/// @param folder in which the user works
/// @param managed where an organisation's settings are
public record ClaudeCode(Map<String, String> environment, Path folder, Path managed) implements Agent {

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Pattern VERSION = Pattern.compile("\\d{1,6}\\.\\d{1,6}\\.\\d{1,6}");

    private static final List<String> ELSEWHERE = List.of("CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX");

    /// Claude Code keeps all that there ever were.
    private static final int MOST_PROJECTS = 500;

    private static final int NAMED_LEAKS = 5;

    public ClaudeCode(Map<String, String> environment, Path folder) {
        this(environment, folder, ClaudeScopes.managedFolder());
    }

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
        UserFile file = UserFile.read(settings());
        Attachment attachment = ClaudeSettings.attach(file, address);
        if (address.bodies().isEmpty()) {
            return attachment;
        }
        Map<String, String> put = ClaudeSettings.wanted(address);
        List<String> leaks = leaks(address.port(), put);
        if (!leaks.isEmpty()) {
            throw new ClientException(
                    Kind.OVERRIDDEN,
                    "it would tell others what is said, too, as it is told to tell all. " + String.join(". ", leaks)
                            + ". Take that out there, or let its calls go through the recorder instead: hyp attach claude");
        }
        if (!attachment.changed()) {
            return attachment;
        }
        Map<String, ClaudeScopes.Setting> before = scopes().weaker(environment);
        ClaudeSettings.own(file)
                .forEach((name, value) -> before.put(name, new ClaudeScopes.Setting(value, "your settings", false)));
        return attachment.withNotes(ClaudeTelling.replaced(before, put));
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

    /// What it keeps of itself; it moves with the settings.
    private Path state() {
        String named = environment.getOrDefault("CLAUDE_CONFIG_DIR", "");
        Path folder = named.isEmpty() ? HypHome.userHome(environment) : Path.of(named);
        return folder.resolve(".claude.json");
    }

    /// Where it keeps what it is told of servers, for all projects.
    private UserFile servers() {
        return UserFile.read(state(), ClaudeMcp.MOST_BYTES);
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

    private ClaudeScopes scopes() {
        return new ClaudeScopes(home(), state(), managed);
    }

    @Override
    public List<String> overrides(int port, boolean isTelling) {
        if (isTelling) {
            return new ClaudeTelling(environmentIn(folder, Map.of()), port).losses();
        }
        List<String> found = new ArrayList<>();
        String ours = "http://127.0.0.1:" + port;
        scopes().stronger(folder).forEach(scope -> inScope(scope, ours, found));
        ClaudeScopes.environment(settings()).ifPresent(env -> switches(env, "these settings", found));
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

    @Override
    public List<String> leaks(int port) {
        return leaks(port, Map.of());
    }

    /// Looks where the user works, and wherever Claude Code knows that it has worked.
    private List<String> leaks(int port, Map<String, String> put) {
        Set<String> found = new LinkedHashSet<>();
        Set<Path> folders = new LinkedHashSet<>(List.of(folder));
        folders.addAll(scopes().projects(MOST_PROJECTS));
        for (Path each : folders) {
            found.addAll(new ClaudeTelling(environmentIn(each, put), port).leaks());
        }
        List<String> named = new ArrayList<>(found.stream().limit(NAMED_LEAKS).toList());
        if (found.size() > NAMED_LEAKS) {
            named.add("and " + (found.size() - NAMED_LEAKS) + " more like these");
        }
        return named;
    }

    /// @param put in the user's settings beside what is there
    private Map<String, ClaudeScopes.Setting> environmentIn(Path folder, Map<String, String> put) {
        Map<String, String> own = new HashMap<>(ClaudeScopes.variables(settings()));
        own.putAll(put);
        return scopes().environment(environment, own, folder);
    }

    private static void inScope(ClaudeScopes.Scope scope, String ours, List<String> found) {
        Optional<JsonNode> env = ClaudeScopes.environment(scope.file());
        if (env.isEmpty()) {
            return;
        }
        JsonNode url = env.get().path(ClaudeSettings.BASE_URL);
        if (url.isTextual() && !url.textValue().replaceFirst("/+$", "").equals(ours)) {
            found.add(scope + " set " + ClaudeSettings.BASE_URL + " to " + url.textValue()
                    + ", which wins: calls go there and are not recorded. Take it out there");
        }
        switches(env.get(), scope.toString(), found);
    }

    private static void switches(JsonNode env, String where, List<String> found) {
        for (String name : ELSEWHERE) {
            if (isOn(env.path(name).asText(""))) {
                found.add(where + " set " + name + ": calls go to that provider and are not recorded");
            }
        }
    }

    static boolean isOn(String value) {
        return !value.isEmpty() && !value.equals("0") && !value.equalsIgnoreCase("false");
    }
}
