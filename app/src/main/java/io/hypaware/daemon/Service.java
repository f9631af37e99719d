package io.hypaware.daemon;

import io.hypaware.home.HypHome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// The user's service manager, as far as the recorder needs one.
public sealed interface Service permits SystemdService, LaunchdService {

    /// How long a command of a manager may take; stopping waits for open calls.
    Duration PATIENCE = Duration.ofSeconds(60);

    /// Ways to the providers that a shell may know, and a service does not.
    List<String> PROXIES = List.of("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY");

    /// What the manager says of it.
    ///
    /// @param state in the manager's own word
    record State(boolean installed, boolean loaded, boolean running, String state, long pid) {}

    /// A manager that cannot be asked, or refuses. The message is what it said, and the way out.
    final class ServiceException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ServiceException(String message) {
            super(message);
        }
    }

    /// The manager of this machine.
    ///
    /// @param platform `linux` or `darwin`; that of this machine, if nothing
    /// @throws ServiceException if there is none that is known
    static Service of(Optional<String> platform, Map<String, String> environment) {
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String wanted = platform.orElse(os.contains("mac") ? "darwin" : os.contains("linux") ? "linux" : os);
        Path home = Path.of(environment.getOrDefault("HOME", System.getProperty("user.home")));
        return switch (wanted) {
            case "linux" -> new SystemdService(home);
            case "darwin" -> new LaunchdService(home);
            default ->
                throw new ServiceException("found the platform " + wanted + ", expected linux or darwin; hyp up works"
                        + " without a service manager");
        };
    }

    /// What is run as a service.
    ///
    /// @param launcher the `hyp` to start; by default the one that started this process
    static ServicePlan.Program program(HypHome home, Optional<Path> launcher, Map<String, String> environment) {
        Path bin = launcher.or(() -> Optional.ofNullable(environment.get("HYP_BIN"))
                        .filter(named -> !named.isEmpty())
                        .map(Path::of))
                .map(Path::toAbsolutePath)
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .orElseThrow(() -> new ServiceException("no hyp is known that a service could start"
                        + launcher.map(path -> " (" + path + " cannot be run)").orElse("") + "; name it with --bin"));
        Map<String, String> needed = new TreeMap<>();
        needed.put("HYP_HOME", home.root().toString());
        if (!home.configFile().equals(new HypHome(home.root()).configFile())) {
            needed.put("HYP_CONFIG", home.configFile().toString());
        }
        for (String proxy : PROXIES) {
            for (String name : List.of(proxy, proxy.toLowerCase(Locale.ROOT))) {
                Optional.ofNullable(environment.get(name))
                        .filter(value -> !value.isEmpty() && value.lines().count() == 1)
                        .ifPresent(value -> needed.put(name, value));
            }
        }
        return new ServicePlan.Program(bin, home.configFile(), home.logs(), needed);
    }

    /// Where the manager's file is.
    Path file();

    ServicePlan plan(ServicePlan.Program program);

    List<String> start();

    List<String> stop();

    List<String> restart();

    State state();

    /// Writes the file and makes it known.
    default void install(ServicePlan plan) throws IOException, InterruptedException {
        HypHome.privateFolder(plan.program().logs());
        Files.createDirectories(plan.file().resolveSibling(""));
        // Addresses of proxies may hold a password.
        io.hypaware.home.AsideFile.write(plan.file(), plan.content());
        for (List<String> command : plan.install()) {
            run(command);
        }
    }

    /// Makes it unknown, and removes the file; whether there was one.
    default boolean uninstall(ServicePlan plan) throws IOException, InterruptedException {
        if (!Files.exists(plan.file())) {
            return false;
        }
        for (List<String> command : plan.uninstall()) {
            run(command);
        }
        Files.deleteIfExists(plan.file());
        return true;
    }

    /// Runs a command of the manager; returns what it printed.
    ///
    /// @throws ServiceException if it failed
    default String run(List<String> command) throws InterruptedException {
        String shown = String.join(" ", command);
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readNBytes(64 * 1024), StandardCharsets.UTF_8).strip();
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new ServiceException(shown + " did not end within " + PATIENCE.toSeconds() + " s");
            }
            if (process.exitValue() != 0) {
                throw new ServiceException(shown + " failed: " + (said.isEmpty() ? "it said nothing" : said)
                        + ". Without a service manager, hyp up does");
            }
            return said;
        } catch (IOException e) {
            throw new ServiceException(
                    shown + " cannot be run (" + e.getMessage() + "). Without a service manager, hyp up does");
        }
    }
}
