package io.hypaware.daemon;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// How the recorder becomes a service of the user's service manager: one file, and the commands that make it known.
///
/// @param kind `systemd` or `launchd`
/// @param label by which the manager knows it
/// @param file that describes it to the manager
/// @param install commands that make it known and start it, in their order
public record ServicePlan(
        String platform,
        String kind,
        String label,
        Path file,
        String content,
        Program program,
        List<List<String>> install,
        List<List<String>> uninstall) {

    public ServicePlan {
        install = List.copyOf(install);
        uninstall = List.copyOf(uninstall);
    }

    /// What is run.
    ///
    /// @param launcher the `hyp` that starts it
    /// @param environment that it needs, since a service has not that of a shell
    public record Program(Path launcher, Path config, Path logs, Map<String, String> environment) {

        public Program {
            environment = Map.copyOf(environment);
        }

        List<String> command() {
            return List.of(launcher.toString(), "daemon", "run", "--foreground", "--supervise");
        }
    }
}
