package io.hypaware.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.query.QueryException;
import io.hypaware.read.Overview;
import io.hypaware.read.OverviewPage;
import io.hypaware.read.Prices;
import io.hypaware.read.Recorded;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "overview",
        description = {
            "What the last days took: tokens and cost, tools, what went wrong, how well the cache served.",
            "Days are those of the time zone of this machine (TZ), weeks begin on Monday. Prices: " + Prices.FILE
                    + " in the home."
        },
        mixinStandardHelpOptions = true)
final class QueryOverviewCommand implements Callable<Integer> {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Option(
            names = "--days",
            paramLabel = "<n>",
            defaultValue = "30",
            description = "How many, today included; default 30.")
    private int days;

    @Option(
            names = "--by",
            paramLabel = "<what>",
            description = "hour, day, week, month, model, repo, client or session; default day.")
    private String by = "day";

    @Option(names = "--json", description = "The result as JSON.")
    private boolean json;

    @Option(names = "--sql", description = "Only show the SQL that sums up.")
    private boolean sql;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, SQLException, InterruptedException, QueryException {
        Overview.By kind = kind();
        new Bounds(1, kind.mostDays())
                .check(spec, kind == Overview.By.HOUR ? "with --by hour, --days" : "--days", days);
        Environment environment = Environment.load();
        Recorded recorded = ExchangeCommand.settled(environment);
        Prices prices = Prices.of(environment.home().root());
        PrintWriter out = spec.commandLine().getOut();
        if (sql) {
            Overview.Span span = Overview.Span.of(days, Instant.now(), ZoneId.systemDefault());
            out.println(new Overview(recorded, prices, span).sql(kind));
            out.flush();
            return 0;
        }
        OverviewPage page;
        try (LateProgress progress = LateProgress.onTerminal(spec.commandLine().getErr())) {
            page = OverviewPage.of(recorded.telling(progress), prices, days, kind);
        }
        if (json) {
            ObjectNode node = JSON.createObjectNode();
            page.json(node);
            out.println(node.toPrettyString());
        } else {
            new OverviewText(page).print(out, Terminal.width());
        }
        out.flush();
        return 0;
    }

    private Overview.By kind() {
        return Overview.By.named(by)
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(),
                        "--by is \"" + by + "\"; expected one of " + String.join(", ", Overview.By.names())));
    }
}
