package io.hypaware.daemon;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// A systemd of the user's (`systemctl --user`).
///
/// @param home the user's folder
record SystemdService(Path home) implements Service {

    private static final String UNIT = "hypaware.service";

    @Override
    public Path file() {
        return home.resolve(".config/systemd/user").resolve(UNIT);
    }

    @Override
    public ServicePlan plan(ServicePlan.Program program) {
        return new ServicePlan(
                "linux",
                "systemd",
                "hypaware",
                file(),
                unit(program),
                program,
                List.of(systemctl("daemon-reload"), systemctl("enable", UNIT), systemctl("restart", UNIT)),
                List.of(systemctl("disable", "--now", UNIT), systemctl("daemon-reload")));
    }

    private static List<String> systemctl(String... arguments) {
        List<String> command = new ArrayList<>(List.of("systemctl", "--user"));
        command.addAll(List.of(arguments));
        return List.copyOf(command);
    }

    /// Started again whatever happens, with time for open calls to end. Hardened as far as a virtual machine that
    /// compiles code, and folders that the user may place anywhere, allow.
    private static String unit(ServicePlan.Program program) {
        String environment = program.environment().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(variable -> "Environment=" + quoted(variable.getKey() + "=" + variable.getValue()) + "\n")
                .collect(Collectors.joining());
        return """
                [Unit]
                Description=HypAware daemon (hypaware)
                StartLimitIntervalSec=0

                [Service]
                Type=simple
                ExecStart=%s
                ExecReload=/bin/kill -USR1 $MAINPID
                Restart=always
                RestartSec=1
                TimeoutStopSec=640
                KillMode=mixed
                %sStandardOutput=append:%s
                StandardError=append:%s
                UMask=0077
                NoNewPrivileges=true
                LockPersonality=true
                RestrictRealtime=true
                RestrictSUIDSGID=true
                SystemCallArchitectures=native

                [Install]
                WantedBy=default.target
                """.formatted(
                        program.command().stream().map(SystemdService::quoted).collect(Collectors.joining(" ")),
                        environment,
                        program.logs().resolve("daemon.out.log").toString().replace("%", "%%"),
                        program.logs().resolve("daemon.err.log").toString().replace("%", "%%"));
    }

    /// As systemd.syntax(7) has it: quotes, backslashes and specifiers are escaped.
    private static String quoted(String text) {
        return "\""
                + text.replace("\\", "\\\\")
                        .replace("\"", "\\\"")
                        .replace("%", "%%")
                        .replace("$", "$$") + "\"";
    }

    @Override
    public List<String> ask() {
        return systemctl("show", "-p", "Version");
    }

    @Override
    public List<String> start() {
        return systemctl("start", UNIT);
    }

    @Override
    public List<String> stop() {
        return systemctl("stop", UNIT);
    }

    @Override
    public State state() {
        boolean installed = Files.exists(file());
        if (!installed) {
            return new State(false, false, false, "not installed", 0);
        }
        Map<String, String> shown = new HashMap<>();
        try {
            run(systemctl("show", UNIT, "-p", "LoadState,ActiveState,SubState,MainPID"), PATIENCE)
                    .lines()
                    .filter(line -> line.contains("="))
                    .forEach(line ->
                            shown.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1)));
        } catch (ServiceException e) {
            return new State(true, false, false, String.valueOf(e.getMessage()), 0);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new State(true, false, false, "unknown", 0);
        }
        String pid = shown.getOrDefault("MainPID", "0");
        return new State(
                true,
                shown.getOrDefault("LoadState", "").equals("loaded"),
                shown.getOrDefault("ActiveState", "").equals("active"),
                shown.getOrDefault("ActiveState", "unknown") + " (" + shown.getOrDefault("SubState", "unknown") + ")",
                pid.matches("\\d{1,9}") ? Long.parseLong(pid) : 0);
    }
}
