package io.hypaware.daemon;

import io.hypaware.home.AsideFile;
import io.hypaware.home.Command;
import io.hypaware.home.HypHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The user's service manager, as far as the recorder needs one.
public sealed interface Service permits SystemdService, LaunchdService {

    /// How long a manager may take to answer.
    Duration PATIENCE = Duration.ofSeconds(5);

    /// Stopping lets open calls end.
    Duration PATIENCE_TO_STOP = Duration.ofMinutes(11);

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
        Path home = HypHome.userHome(environment);
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
        Stream.concat(needed.values().stream(), Stream.of(bin.toString()))
                .filter(value -> value.chars().anyMatch(Character::isISOControl))
                .findFirst()
                .ifPresent(value -> {
                    throw new ServiceException("a line break or another control character stands in \""
                            + value.replaceAll("\\p{Cntrl}", "?") + "\", which no service's file can hold");
                });
        return new ServicePlan.Program(bin, home.configFile(), home.logs(), needed);
    }

    /// Where the manager's file is.
    Path file();

    ServicePlan plan(ServicePlan.Program program);

    List<String> start();

    List<String> stop();

    State state();

    /// Whether a service of the manager's is there, and runs this home.
    default boolean isOf(HypHome home) {
        try {
            return Files.exists(file())
                    && Files.readString(file()).contains(home.root().toString());
        } catch (IOException e) {
            return false;
        }
    }

    /// A command that only asks, and fails where the manager cannot be reached.
    List<String> ask();

    /// Writes the file and makes it known. Where that fails, all is as before.
    ///
    /// @throws ServiceException if the manager refuses
    default void install(ServicePlan plan) throws IOException, InterruptedException {
        HypHome.privateFolder(plan.program().logs());
        Files.createDirectories(plan.file().resolveSibling(""));
        Optional<String> before =
                Files.exists(plan.file()) ? Optional.of(Files.readString(plan.file())) : Optional.empty();
        // Addresses of proxies may hold a password.
        AsideFile.write(plan.file(), plan.content());
        try {
            for (List<String> command : plan.install()) {
                run(command, PATIENCE_TO_STOP);
            }
        } catch (ServiceException e) {
            if (before.isPresent()) {
                AsideFile.write(plan.file(), before.get());
            } else {
                Files.deleteIfExists(plan.file());
            }
            throw e;
        }
    }

    /// Makes it unknown, and removes the file.
    ///
    /// @return what the manager refused meanwhile; the file is gone all the same
    default List<String> uninstall(ServicePlan plan) throws IOException, InterruptedException {
        List<String> refused = new ArrayList<>();
        for (List<String> command : plan.uninstall()) {
            // The first stop it, the last tell that the file is gone.
            if (command.equals(plan.uninstall().getLast())) {
                Files.deleteIfExists(plan.file());
            }
            try {
                run(command, PATIENCE_TO_STOP);
            } catch (ServiceException e) {
                refused.add(String.valueOf(e.getMessage()));
            }
        }
        Files.deleteIfExists(plan.file());
        return refused;
    }

    /// Runs a command of the manager; returns what it printed, at most 64 KB.
    ///
    /// @throws ServiceException if it failed, or did not end in time
    default String run(List<String> command, Duration patience) throws InterruptedException {
        String shown = String.join(" ", command);
        try {
            Command.Ended ended = Command.run(command, patience)
                    .orElseThrow(() -> new ServiceException(shown + " did not end within " + patience.toSeconds()
                            + " s. Without a service manager, hyp up does"));
            if (ended.code() != 0) {
                throw new ServiceException(
                        shown + " failed: " + (ended.said().isEmpty() ? "it said nothing" : ended.said())
                                + ". Without a service manager, hyp up does");
            }
            return ended.said();
        } catch (IOException e) {
            throw new ServiceException(
                    shown + " cannot be run (" + e.getMessage() + "). Without a service manager, hyp up does");
        }
    }
}
