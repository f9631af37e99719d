package io.hypaware.cli;

import io.hypaware.journal.SinkState;
import io.hypaware.query.QueryException;
import io.hypaware.read.Prices;
import io.hypaware.sink.Sink;
import io.hypaware.sink.Sinks;
import io.hypaware.sink.otlp.OtlpSink;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "sink",
        description = "Where exports go by themselves, as the config's sinks say.",
        mixinStandardHelpOptions = true,
        subcommands = {SinkCommand.ListThem.class, SinkCommand.Force.class, SinkCommand.Maintain.class})
final class SinkCommand {

    static Sinks sinks(Environment environment) throws IOException {
        // A worker is given less than a query that somebody waits for.
        return new Sinks(
                environment.config(),
                otlp(
                        environment,
                        environment.config().query().cache().maintenance().memoryBytes()));
    }

    static OtlpSink.Environment otlp(Environment environment, long memoryBytes) throws IOException {
        return new OtlpSink.Environment(
                environment.cache(),
                memoryBytes,
                Prices.of(environment.home().root()),
                environment.secrets().redactor(),
                Version.number(),
                Clock.systemUTC(),
                _ -> {});
    }

    @Command(name = "list", description = "Each sink, and how it stands with it.", mixinStandardHelpOptions = true)
    static final class ListThem implements Callable<Integer> {

        private static final String ROW = "%-16s  %-19s  %-19s  %-19s  %9s  %9s  %s%n";

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            PrintWriter out = spec.commandLine().getOut();
            List<Sinks.Listed> all = sinks(Environment.load()).list();
            if (all.isEmpty()) {
                out.println("no sink is configured; docs/guide/export.md and export-otel.md say how");
            } else {
                out.printf(ROW, "sink", "last run", "last success", "next run", "sent", "refused", "to");
            }
            for (Sinks.Listed sink : all) {
                SinkState state = sink.state();
                out.printf(
                        ROW,
                        sink.name(),
                        state.run().map(Results::time).orElse("never"),
                        state.done().map(Results::time).orElse("never"),
                        state.next().map(Results::time).orElse("soon"),
                        "%,d".formatted(state.sent()),
                        "%,d".formatted(state.refused()),
                        sink.target());
                if (state.failures() > 0) {
                    out.printf("  failing (%d in a row): %s%n", state.failures(), state.error());
                }
            }
            out.flush();
            return 0;
        }
    }

    @Command(
            name = "force",
            description = "Send now what was not sent yet, whatever the schedule says.",
            mixinStandardHelpOptions = true)
    static final class Force implements Callable<Integer> {

        @Parameters(paramLabel = "<name>", arity = "0..1", description = "One sink; all without it.")
        private Optional<String> name = Optional.empty();

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException, InterruptedException, QueryException {
            Environment environment = Environment.load();
            Sinks sinks = sinks(environment);
            requireKnown(sinks, name);
            environment.settle();
            List<Sinks.Ran> ran = sinks.force(name);
            if (ran.isEmpty()) {
                throw environment.nothingRecorded();
            }
            PrintWriter out = spec.commandLine().getOut();
            ran.forEach(one -> out.println(
                    one.name() + ": " + one.outcome().map(Sink.Outcome::text).orElse(one.error())));
            out.flush();
            return ran.stream().allMatch(one -> one.error().isEmpty()) ? 0 : 1;
        }
    }

    private static void requireKnown(Sinks sinks, Optional<String> name) throws QueryException {
        List<String> known = sinks.list().stream().map(Sinks.Listed::name).toList();
        if (known.isEmpty()) {
            throw new QueryException("no sink is configured; docs/guide/export.md and export-otel.md say how");
        }
        if (name.isPresent() && !known.contains(name.get())) {
            throw new QueryException("there is no sink " + name.get() + "; the config has " + String.join(", ", known));
        }
    }

    @Command(
            name = "maintain",
            description =
                    "Make small files of exported tables fewer, expire their snapshots, and delete what attempts left that died a week ago.",
            mixinStandardHelpOptions = true)
    static final class Maintain implements Callable<Integer> {

        @Parameters(paramLabel = "<name>", arity = "0..1", description = "One sink; all without it.")
        private Optional<String> name = Optional.empty();

        @Option(names = "--dry-run", description = "Say what there is to do, and do nothing.")
        private boolean dryRun;

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException, InterruptedException, QueryException {
            Sinks sinks = sinks(Environment.load());
            requireKnown(sinks, name);
            List<Sinks.Maintained> done = sinks.maintain(name, dryRun);
            PrintWriter out = spec.commandLine().getOut();
            if (done.isEmpty()) {
                out.println("no sink writes files");
            }
            done.forEach(one -> out.println(one.name() + ": " + (one.error().isEmpty() ? one.text() : one.error())));
            out.flush();
            return done.stream().allMatch(one -> one.error().isEmpty()) ? 0 : 1;
        }
    }
}
