package io.hypaware.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.hypaware.legacy.UnreadableCacheException;
import io.hypaware.maintain.CacheCheck;
import io.hypaware.maintain.Restore;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Clock;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "cache",
        description = "Check what is kept, and give an adopted cache back.",
        mixinStandardHelpOptions = true,
        subcommands = {CacheCommand.Check.class, CacheCommand.RestorePartition.class})
final class CacheCommand {

    @Command(
            name = "check",
            description = {
                "Verify that each live file is there, opens, and has the rows that the metadata says.",
                "Exit code 0: all is well; 1: something is not."
            },
            mixinStandardHelpOptions = true)
    static final class Check implements Callable<Integer> {

        @Option(
                names = "--repair",
                description =
                        "First register tables that the catalog has lost, and rebuild a torn cursor.json where only one"
                                + " table can be meant. Deletes nothing.")
        private boolean repair;

        @Option(names = "--json", description = "The result as JSON.")
        private boolean json;

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws SQLException, IOException, InterruptedException {
            CacheCheck.Result result;
            try (LateProgress progress =
                    LateProgress.onTerminal(spec.commandLine().getErr())) {
                result = CacheCheck.run(Environment.load().cache(), repair, progress);
            }
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                out.println(new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(result));
            } else {
                result.repaired().forEach(line -> out.println("repaired  " + line));
                result.findings().forEach(f -> out.println("wrong     " + f.place() + ": " + f.what()));
                out.printf(
                        "%s: %s with %s checked%n",
                        result.findings().isEmpty()
                                ? "all is well"
                                : Results.count(result.findings().size(), "finding"),
                        Results.count(result.files(), "file"),
                        Results.count(result.rows(), "row"));
            }
            out.flush();
            return result.findings().isEmpty() ? 0 : 1;
        }
    }

    @Command(
            name = "restore",
            description = {
                "Undo the adoption of an older cache's partition, within 24 hours of it.",
                "The older copy lives again; its rows leave the lake."
            },
            mixinStandardHelpOptions = true)
    static final class RestorePartition implements Callable<Integer> {

        @Parameters(paramLabel = "partition", description = "Such as ai_gateway_messages/source=claude.")
        @SuppressWarnings("NullAway.Init")
        private String partition;

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws SQLException, IOException, InterruptedException {
            Environment environment = Environment.load();
            PrintWriter out = spec.commandLine().getOut();
            try {
                long rows = Restore.run(
                        environment.cache(),
                        partition,
                        environment.config().query().cache().maintenance(),
                        Clock.systemUTC());
                out.printf(
                        "%s is the older program's again; %,d rows left the lake. hyp query maintain --force adopts it again%n",
                        partition, rows);
                out.flush();
                return 0;
            } catch (UnreadableCacheException e) {
                spec.commandLine().getErr().println("hyp: " + e.getMessage());
                return 1;
            }
        }
    }
}
