package io.hypaware.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.hypaware.maintain.purge.PurgeProof;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "verify",
        description = {
            "Read every byte of the disk under HYP_HOME, unpacked, too, and say where a text stands.",
            "Exit code 0: nowhere; 1: somewhere, or not everything could be read."
        },
        mixinStandardHelpOptions = true)
final class PrivacyVerifyCommand implements Callable<Integer> {

    private static final int SHORTEST = 4;

    private static final ObjectMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    @Option(
            names = "--text",
            paramLabel = "<text>",
            required = true,
            description = "What to look for; several times, if need be.")
    private List<String> texts = new ArrayList<>();

    @Option(names = "--json", description = "The result as JSON.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws SQLException, IOException {
        if (texts.stream().anyMatch(text -> text.length() < SHORTEST)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "a text of fewer than " + SHORTEST + " characters would be found everywhere; give a longer one");
        }
        Environment environment = Environment.load();
        PrintWriter out = spec.commandLine().getOut();
        if (!Files.exists(environment.cache().folder())) {
            out.println(json ? "{}" : "nothing was recorded yet");
            out.flush();
            return 0;
        }
        PurgeProof proof = PrivacyPurgeCommand.purge(environment).find(texts);
        if (json) {
            out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(proof));
        } else {
            PurgeText.found(out, proof);
        }
        out.flush();
        return proof.isClean() ? 0 : 1;
    }
}
