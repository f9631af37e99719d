package io.hypaware.client;

import static java.util.Objects.requireNonNull;

import io.hypaware.client.ClientException.Kind;
import io.hypaware.home.HypHome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// How an agent starts hyp. The command is the launcher's, which an upgrade leaves where it is.
///
/// @param environment that it needs to find the home and config that are used here
public record HypCommand(String command, Map<String, String> environment) {

    /// As agents list the history server.
    static final String NAME = "hypaware";

    /// Starts the history server.
    static final String ARGUMENT = "mcp";

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+:,./-]+");

    public HypCommand {
        requireNonNull(command, "command is null");
        environment = new TreeMap<>(environment);
    }

    /// @param environment of this process
    /// @throws ClientException if no launcher is known that an agent could start
    public static HypCommand of(HypHome home, Map<String, String> environment) {
        String command = Optional.ofNullable(environment.get("HYP_BIN"))
                .filter(named -> !named.isEmpty())
                .map(Path::of)
                .map(Path::toAbsolutePath)
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .orElseThrow(() -> new ClientException(
                        Kind.UNSUPPORTED,
                        "no hyp is known that an agent could start; call this by the command hyp itself, or name it in"
                                + " HYP_BIN"))
                .toString();
        Map<String, String> needed = new TreeMap<>();
        HypHome usual = new HypHome(HypHome.userHome(environment).resolve(".hyp"));
        if (!home.root().equals(usual.root())) {
            needed.put("HYP_HOME", home.root().toString());
        }
        if (!home.configFile().equals(new HypHome(home.root()).configFile())) {
            needed.put("HYP_CONFIG", home.configFile().toString());
        }
        return new HypCommand(command, needed);
    }

    /// As one line for a shell.
    String shell(List<String> arguments) {
        return Stream.concat(
                        environment.entrySet().stream().map(one -> one.getKey() + "=" + quoted(one.getValue())),
                        Stream.concat(Stream.of(command), arguments.stream()).map(HypCommand::quoted))
                .collect(Collectors.joining(" "));
    }

    private static String quoted(String word) {
        return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
