package io.hypaware.cli;

import io.hypaware.config.ConfigException;
import io.hypaware.config.TeamLakeConfig;
import io.hypaware.home.HypHome;
import io.hypaware.spark.Done;
import io.hypaware.spark.SparkException;
import io.hypaware.spark.SparkJars;
import io.hypaware.spark.TeamMaintenance;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "lake",
        description = "The lake that a team shares, as the config's lake.catalog and lake.warehouse say.",
        mixinStandardHelpOptions = true,
        subcommands = {LakeCommand.Maintain.class, LakeCommand.Spark.class})
final class LakeCommand {

    static TeamLakeConfig team(Environment environment) {
        return environment
                .config()
                .lake()
                .team()
                .orElseThrow(() -> new ConfigException(
                        "/lake/catalog", "no lake of a team is configured; docs/guide/team.md says how"));
    }

    @Command(
            name = "maintain",
            description =
                    "Let Spark drop payloads that nothing refers to, rewrite small files, merge manifests, expire snapshots and"
                            + " remove what nothing names.",
            mixinStandardHelpOptions = true)
    static final class Maintain implements Callable<Integer> {

        @Option(names = "--master", paramLabel = "<url>", description = "Spark's master; this machine without it.")
        private String master = "local[*]";

        @Option(names = "--dry-run", description = "Say what there is to do.")
        private boolean dryRun;

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException, InterruptedException {
            Environment environment = Environment.load();
            HypHome home = environment.home();
            PrintWriter out = spec.commandLine().getOut();
            boolean[] failed = new boolean[1];
            TeamLakeConfig team = team(environment);
            SparkJars jars = SparkJars.find(home, System.getenv());
            spec.commandLine().getErr().println("Spark starts; it says nothing for up to a minute");
            new TeamMaintenance(
                            team,
                            jars,
                            master,
                            home.root().resolve("hypaware/spark/work"),
                            home.logs().resolve("lake-maintain.log"),
                            environment.gatewayId() + "/"
                                    + ProcessHandle.current().pid(),
                            Clock.systemUTC())
                    .run(dryRun, done -> {
                        failed[0] |= done.problem().isPresent();
                        print(out, done);
                    });
            return failed[0] ? 1 : 0;
        }

        private static void print(PrintWriter out, Done done) {
            out.printf(
                    "%-20s  %-9s  %s%n",
                    done.table(),
                    done.step(),
                    done.problem().map(problem -> "not done: " + problem).orElse(done.what()));
            out.flush();
        }
    }

    @Command(
            name = "spark",
            description = "Fetch a Spark for this machine, by Maven and from Maven Central: about "
                    + SparkJars.DOWNLOAD_MB + " MB.",
            mixinStandardHelpOptions = true)
    static final class Spark implements Callable<Integer> {

        @Option(names = "--maven", paramLabel = "<program>", description = "Maven; the one on the PATH without it.")
        private Optional<Path> maven = Optional.empty();

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException, InterruptedException {
            HypHome home = Environment.load().home();
            Path program = maven.or(Spark::onPath)
                    .orElseThrow(() ->
                            new SparkException("Maven is not on the PATH, and fetches Spark's jars: install it (package"
                                    + " maven), or name one with --maven, such as mvnw of this program's sources"));
            PrintWriter out = spec.commandLine().getOut();
            out.println("Maven fetches what is not here yet; that takes minutes the first time");
            out.flush();
            long bytes = SparkJars.fetch(home, program);
            out.printf("Spark is there: %,d MB%n", bytes / 1_000_000);
            out.flush();
            return 0;
        }

        private static Optional<Path> onPath() {
            return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
                    .filter(folder -> !folder.isEmpty())
                    .map(folder -> Path.of(folder, "mvn"))
                    .filter(Files::isExecutable)
                    .findFirst();
        }
    }
}
