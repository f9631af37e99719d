package io.hypaware.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.query.QueryException;
import io.hypaware.query.ResultWriter;
import io.hypaware.read.Cuts;
import io.hypaware.read.ExchangeFacts;
import io.hypaware.read.Moment;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "cuts",
        description = "Calls whose answer ended early: who ended it, after how much, and whether it was tried again.",
        mixinStandardHelpOptions = true)
final class ExchangeCutsCommand implements Callable<Integer> {

    private static final int MOST_NAME = 60;

    @Option(
            names = "--since",
            defaultValue = "7d",
            converter = MomentConverter.class,
            description = "How far back: 30m, 12h, 7d, or a day such as 2026-03-01. Default: ${DEFAULT-VALUE}.")
    private Moment since = new Moment(Instant.EPOCH);

    @Option(names = "--limit", defaultValue = "50", description = "Most of them. Default: ${DEFAULT-VALUE}.")
    private int limit = 50;

    @Option(names = "--json", description = "The result as JSON.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws QueryException, SQLException, IOException, InterruptedException {
        Bounds.from(1).check(spec, "--limit", limit);
        Instant from = since.instant();
        List<Cuts.Cut> cuts = new Cuts(ExchangeCommand.settled(Environment.load())).since(from, limit);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ArrayNode list = new ObjectMapper().createArrayNode();
            cuts.forEach(cut -> describe(cut, list.addObject()));
            out.println(list.toPrettyString());
        } else if (cuts.isEmpty()) {
            out.println("no call ended early since " + Results.time(from) + " UTC");
        } else {
            cuts.forEach(cut -> line(out, cut));
            out.printf("%d since %s UTC; one of them: hyp exchange show <id>%n", cuts.size(), Results.time(from));
        }
        out.flush();
        return 0;
    }

    private static void line(PrintWriter out, Cuts.Cut cut) {
        ExchangeFacts facts = cut.facts();
        out.printf(
                Locale.ROOT,
                "%s  %-14s  closed by %-8s  %s %s  %s, %,d bytes in %,d ms%s%s%n                     %s%n",
                Results.time(facts.startedAt()),
                ResultWriter.shown(facts.outcome()),
                facts.closedBy().isEmpty() ? "nobody" : ResultWriter.shown(facts.closedBy()),
                ResultWriter.shown(facts.method()),
                Results.line(facts.path().replaceFirst("\\?.*", ""), MOST_NAME),
                facts.status().map(status -> "status " + status).orElse("no answer"),
                facts.responseBytes(),
                facts.durationMillis().orElse(0L),
                cut.lastEvent().isEmpty() ? "" : ", last event " + Results.line(cut.lastEvent(), MOST_NAME),
                cut.sentAgain() ? "; sent again" : "",
                facts.id());
    }

    private static void describe(Cuts.Cut cut, ObjectNode entry) {
        ExchangeFacts facts = cut.facts();
        entry.put("exchange_id", facts.id());
        entry.put("started_at", facts.startedAt().toString());
        entry.put("outcome", facts.outcome());
        entry.put("closed_by", facts.closedBy());
        entry.put("method", facts.method());
        entry.put("path", facts.path());
        facts.status().ifPresentOrElse(status -> entry.put("status", status), () -> entry.putNull("status"));
        entry.put("response_bytes", facts.responseBytes());
        entry.put("duration_ms", facts.durationMillis().orElse(0L));
        Optional.of(cut.lastEvent())
                .filter(event -> !event.isEmpty())
                .ifPresentOrElse(event -> entry.put("last_event", event), () -> entry.putNull("last_event"));
        entry.put("sent_again", cut.sentAgain());
    }
}
