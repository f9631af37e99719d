package io.hypaware.cli;

import io.hypaware.config.TeamLakeConfig;
import io.hypaware.home.Progress;
import io.hypaware.query.BucketSources;
import io.hypaware.query.Fetching;
import io.hypaware.query.Inert;
import io.hypaware.query.OutputFormat;
import io.hypaware.query.QueryException;
import io.hypaware.query.QuerySession;
import io.hypaware.query.ResultWriter;
import io.hypaware.spark.SparkException;
import io.hypaware.spark.SparkJars;
import io.hypaware.spark.TeamQuery;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import org.jline.utils.Signals;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "sql",
        description = "Run SQL over the datasets. Read-only: no files, no network, no settings.",
        mixinStandardHelpOptions = true)
final class QuerySqlCommand implements Callable<Integer> {

    enum Lake {
        LOCAL,
        TEAM
    }

    enum Engine {
        DUCKDB,
        SPARK
    }

    enum Refresh {
        AUTO,
        ALWAYS,
        NEVER
    }

    private static final int INTERRUPTED = 130;

    @Parameters(arity = "0..1", paramLabel = "<sql>", description = "One or more statements; - reads standard input.")
    private @Nullable String sql;

    @Option(names = "--file", description = "Read the SQL from a file.")
    private @Nullable Path file;

    @Option(names = "--format", description = "${COMPLETION-CANDIDATES}; default table.")
    private OutputFormat format = OutputFormat.TABLE;

    @Option(
            names = "--refresh",
            description =
                    "auto: project what is pending first; always: flush it to the lake, too; never: take what is there.")
    private Refresh refresh = Refresh.AUTO;

    @Option(
            names = "--lake",
            description =
                    "${COMPLETION-CANDIDATES}: what this machine has, or what the lake of the team has; default local.")
    private Lake lake = Lake.LOCAL;

    @Option(
            names = "--engine",
            description =
                    "${COMPLETION-CANDIDATES}: on this machine, or by Spark for what does not fit (one statement, in Spark's SQL, with --lake team); default duckdb.")
    private Engine engine = Engine.DUCKDB;

    @Option(names = "--master", paramLabel = "<url>", description = "Spark's master; this machine without it.")
    private String master = "local[*]";

    @Option(names = "--max-cell", description = "Most characters of a cell in a table; 0 for what fits.")
    private int maxCell;

    @Option(
            names = "--excel",
            description =
                    "In CSV, mark cells as text that a spreadsheet would compute (= + - @); on a terminal always.")
    private boolean excel;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, SQLException, InterruptedException {
        Environment environment = Environment.load();
        String text = text();
        if (lake == Lake.LOCAL) {
            switch (refresh) {
                case AUTO -> environment.settle();
                case ALWAYS -> environment.refresh();
                case NEVER -> {}
            }
        }
        // Not the command line's writer: this one must not be told apart from others by what a closed pipe does to it.
        Writer bytes = new OutputStreamWriter(
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 64 * 1024), StandardCharsets.UTF_8);
        // CSV into a file or a program is data, each byte of it; JSON stays the same when it is escaped.
        boolean asIs = format == OutputFormat.CSV && !Terminal.isThere();
        PrintWriter out = new PrintWriter(asIs ? bytes : Inert.writer(bytes), false);
        boolean forSpreadsheet = excel || (format == OutputFormat.CSV && Terminal.isThere());
        ResultWriter writer = new ResultWriter(format, out, Terminal.width(), maxCell, forSpreadsheet);
        if (engine == Engine.SPARK) {
            return spark(environment, text, writer, out);
        }
        try (QuerySession session = open(environment, text)) {
            boolean[] interrupted = onInterrupt(session::cancel);
            try {
                session.run(writer::write);
            } catch (QueryException e) {
                out.flush();
                spec.commandLine().getErr().println("hyp: " + e.getMessage());
                return interrupted[0] ? INTERRUPTED : 1;
            }
        } catch (QueryException e) {
            spec.commandLine().getErr().println("hyp: " + e.getMessage());
            return 1;
        }
        return 0;
    }

    /// Told to end, too, a query gives back what it has spilled to disk.
    ///
    /// @return set when that happens
    private static boolean[] onInterrupt(Runnable cancel) {
        boolean[] interrupted = new boolean[1];
        for (String signal : List.of("INT", "TERM")) {
            Signals.register(signal, () -> {
                interrupted[0] = true;
                cancel.run();
            });
        }
        return interrupted;
    }

    private int spark(Environment environment, String text, ResultWriter writer, PrintWriter out)
            throws IOException, SQLException, InterruptedException {
        if (lake != Lake.TEAM) {
            throw new ParameterException(spec.commandLine(), "--engine spark asks the team's lake: add --lake team");
        }
        TeamLakeConfig config = LakeCommand.team(environment);
        TeamQuery.Place place = new TeamQuery.Place(
                SparkJars.find(environment.home(), System.getenv()),
                master,
                environment.home().root().resolve("hypaware/spark/work"),
                environment.home().logs().resolve("lake-query.log"));
        try (TeamQuery query = TeamQuery.open(config, place, text)) {
            boolean[] interrupted = onInterrupt(query::cancel);
            try {
                query.run(
                        text, environment.cache(), environment.config().query().memoryBytes(), writer::write);
            } catch (SparkException e) {
                out.flush();
                spec.commandLine().getErr().println("hyp: " + e.getMessage());
                return interrupted[0] ? INTERRUPTED : 1;
            }
        }
        return 0;
    }

    private QuerySession open(Environment environment, String text)
            throws SQLException, QueryException, InterruptedException {
        long memoryBytes = environment.config().query().memoryBytes();
        return switch (lake) {
            case LOCAL ->
                QuerySession.open(
                        environment.cache(),
                        memoryBytes,
                        text,
                        new BucketSources(environment.config().querySources()));
            case TEAM ->
                QuerySession.open(
                        LakeCommand.team(environment),
                        environment.cache(),
                        memoryBytes,
                        text,
                        Fetching.showing(
                                Terminal.isThere()
                                        ? new ProgressLine(spec.commandLine().getErr())
                                        : Progress.NONE));
        };
    }

    private String text() throws IOException {
        if ((sql == null) == (file == null)) {
            throw new ParameterException(
                    spec.commandLine(), "give the SQL as an argument, as - (standard input) or by --file");
        }
        if (file != null) {
            return Files.readString(file);
        }
        return "-".equals(sql) ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8) : String.valueOf(sql);
    }
}
