package io.hypaware.daemon;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// macOS's launchd, in the user's session.
///
/// @param home the user's folder
record LaunchdService(Path home) implements Service {

    private static final String LABEL = "com.hyperparam.hypaware";
    private static final Pattern PID = Pattern.compile("(?m)^\\s*pid = (\\d{1,9})$");

    @Override
    public Path file() {
        return home.resolve("Library/LaunchAgents").resolve(LABEL + ".plist");
    }

    @Override
    public ServicePlan plan(ServicePlan.Program program) {
        return new ServicePlan(
                "darwin",
                "launchd",
                LABEL,
                file(),
                plist(program),
                program,
                // What is there from before has to be gone, which takes launchd a moment.
                List.of(shell("launchctl bootout " + target() + " 2>/dev/null; for i in 1 2 3 4 5 6 7 8 9 10; do"
                        + " launchctl print " + target()
                        + " >/dev/null 2>&1 || break; sleep 1; done; exec launchctl bootstrap "
                        + domain() + " \"$0\"")),
                List.of(shell("launchctl bootout " + target() + " 2>/dev/null || true")));
    }

    private List<String> shell(String script) {
        return List.of("/bin/sh", "-c", script, file().toString());
    }

    private static String domain() {
        return "gui/$(id -u)";
    }

    private static String target() {
        return domain() + "/" + LABEL;
    }

    private static String plist(ServicePlan.Program program) {
        String command = program.command().stream()
                .map(part -> "    <string>" + escaped(part) + "</string>\n")
                .collect(Collectors.joining());
        String environment = program.environment().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(variable -> "    <key>" + escaped(variable.getKey()) + "</key>\n    <string>"
                        + escaped(variable.getValue()) + "</string>\n")
                .collect(Collectors.joining());
        return """
                <?xml version="1.0" encoding="UTF-8"?>
                <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
                <plist version="1.0">
                <dict>
                  <key>Label</key>
                  <string>%s</string>
                  <key>ProgramArguments</key>
                  <array>
                %s  </array>
                  <key>EnvironmentVariables</key>
                  <dict>
                %s  </dict>
                  <key>RunAtLoad</key>
                  <true/>
                  <key>KeepAlive</key>
                  <true/>
                  <key>ExitTimeOut</key>
                  <integer>640</integer>
                  <key>Umask</key>
                  <integer>63</integer>
                  <key>StandardOutPath</key>
                  <string>%s</string>
                  <key>StandardErrorPath</key>
                  <string>%s</string>
                </dict>
                </plist>
                """.formatted(
                        LABEL,
                        command,
                        environment,
                        escaped(program.logs().resolve("daemon.out.log").toString()),
                        escaped(program.logs().resolve("daemon.err.log").toString()));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    @Override
    public List<String> ask() {
        return shell("exec launchctl print " + domain());
    }

    @Override
    public List<String> start() {
        return shell("launchctl kickstart " + target() + " || exec launchctl bootstrap " + domain() + " \"$0\"");
    }

    @Override
    public List<String> stop() {
        return shell("exec launchctl bootout " + target());
    }

    @Override
    public State state() {
        if (!Files.exists(file())) {
            return new State(false, false, false, "not installed", 0);
        }
        try {
            String shown = run(shell("exec launchctl print " + target()), PATIENCE);
            Matcher pid = PID.matcher(shown);
            boolean running = pid.find();
            return new State(
                    true, true, running, running ? "running" : "loaded", running ? Long.parseLong(pid.group(1)) : 0);
        } catch (ServiceException e) {
            return new State(true, false, false, "not loaded", 0);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new State(true, false, false, "unknown", 0);
        }
    }
}
