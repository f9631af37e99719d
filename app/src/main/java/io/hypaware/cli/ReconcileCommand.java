package io.hypaware.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.backfill.Reconcile;
import io.hypaware.backfill.TranscriptFiles;
import io.hypaware.project.transcript.TranscriptFormat;
import io.hypaware.project.transcript.TranscriptFormats;
import io.hypaware.query.QueryException;
import io.hypaware.read.CountedAnswers;
import io.hypaware.read.Recorded;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "reconcile",
        description = {
            "Compare recorded calls with agents' own transcripts.",
            "What each session took: by the calls, by its transcript, and as the sum of the transcript's lines, which counts",
            "answers several times. Every difference of tokens is explained, or said not to be; then the exit code is 1."
        },
        mixinStandardHelpOptions = true)
final class ReconcileCommand implements Callable<Integer> {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Option(names = "--session", paramLabel = "<id>", description = "Only this one; the beginning of its id is enough.")
    private Optional<String> session = Optional.empty();

    @Option(names = "--json", description = "The result as JSON.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, SQLException, InterruptedException, QueryException {
        Recorded recorded = ExchangeCommand.settled(Environment.load());
        TranscriptFiles files = BackfillCommand.files();
        Map<TranscriptFormat, TranscriptFiles.Found> found = new LinkedHashMap<>();
        for (TranscriptFormat format : TranscriptFormats.all()) {
            found.put(format, files.find(format));
        }
        List<Reconcile.Session> sessions;
        try (LateProgress progress = LateProgress.onTerminal(spec.commandLine().getErr())) {
            sessions = new Reconcile(new CountedAnswers(recorded)).run(found, session, progress);
        }
        if (sessions.isEmpty()) {
            throw new QueryException(session.map(
                            id -> "there is no transcript of session " + id + "; see: hyp reconcile, hyp backfill list")
                    .orElse("there are no transcripts on this machine; see: hyp backfill list"));
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ArrayNode all = JSON.createArrayNode();
            sessions.forEach(one -> all.add(json(one)));
            out.println(all.toPrettyString());
        } else {
            sessions.forEach(one -> text(out, one));
            summary(out, sessions);
        }
        out.flush();
        return sessions.stream().allMatch(Reconcile.Session::isExplained) ? 0 : 1;
    }

    private static void text(PrintWriter out, Reconcile.Session one) {
        out.printf("%s  %s%n", one.session(), one.client());
        sum(out, "by the wire", one.wire());
        sum(out, "by the transcript", one.transcript());
        sum(out, "sum of its lines", one.lines());
        if (one.factor() > 1) {
            out.printf(Locale.ROOT, "  %-22s %.2f times too much%n", "", one.factor());
        }
        one.reasons()
                .forEach(
                        (reason, sum) -> sum(out, reason, reason.equals(Reconcile.NOT_CAPTURED) ? sum.negated() : sum));
        if (one.messages().byTranscript() == 0) {
            out.printf("  %-22s not imported yet: hyp backfill %s%n", "", one.client());
        }
        if (!one.isExplained()) {
            sum(out, "NOT EXPLAINED", one.unexplained());
        }
        out.printf(
                Locale.ROOT,
                "  %-22s %,d by the wire, %,d by the transcript, %,d by both%n%n",
                "messages",
                one.messages().byWire(),
                one.messages().byTranscript(),
                one.messages().byBoth());
    }

    private static void sum(PrintWriter out, String what, Reconcile.Sum sum) {
        out.printf(
                Locale.ROOT,
                "  %-22s %,d answers; tokens in %,d, out %,d, cache read %,d, written %,d%n",
                what,
                sum.answers(),
                sum.tokens().input(),
                sum.tokens().output(),
                sum.tokens().cacheRead(),
                sum.tokens().cacheWrite());
    }

    private static void summary(PrintWriter out, List<Reconcile.Session> sessions) {
        List<Reconcile.Session> compared =
                sessions.stream().filter(one -> one.wire().answers() > 0).toList();
        Reconcile.Sum wire = Reconcile.Sum.of(sessions, Reconcile.Session::wire);
        Reconcile.Sum once = Reconcile.Sum.of(sessions, Reconcile.Session::transcript);
        Reconcile.Sum lines = Reconcile.Sum.of(sessions, Reconcile.Session::lines);
        sum(out, "all by the wire", wire);
        sum(out, "all by transcripts", once);
        sum(out, "all of their lines", lines);
        out.printf(
                Locale.ROOT,
                "%n%,d %s with a transcript; calls of %,d were recorded, and %,d of those agree or differ for known reasons%s%n",
                sessions.size(),
                sessions.size() == 1 ? "session" : "sessions",
                compared.size(),
                compared.stream().filter(Reconcile.Session::isExplained).count(),
                once.total() > 0 && lines.total() > once.total()
                        ? String.format(
                                Locale.ROOT,
                                "; who adds up the lines of transcripts gets %.2f times the tokens",
                                (double) lines.total() / once.total())
                        : "");
    }

    private static ObjectNode json(Reconcile.Session one) {
        ObjectNode node = JSON.createObjectNode()
                .put("client", one.client())
                .put("session", one.session())
                .put("explained", one.isExplained())
                .put("factor_of_lines", one.factor());
        node.set("wire", json(one.wire()));
        node.set("transcript", json(one.transcript()));
        node.set("lines", json(one.lines()));
        ObjectNode reasons = node.putObject("reasons");
        one.reasons().forEach((reason, sum) -> reasons.set(reason, json(sum)));
        node.set("unexplained", json(one.unexplained()));
        node.putObject("messages")
                .put("wire", one.messages().byWire())
                .put("transcript", one.messages().byTranscript())
                .put("both", one.messages().byBoth());
        return node;
    }

    private static ObjectNode json(Reconcile.Sum sum) {
        return JSON.createObjectNode()
                .put("answers", sum.answers())
                .put("input_tokens", sum.tokens().input())
                .put("output_tokens", sum.tokens().output())
                .put("cache_read_tokens", sum.tokens().cacheRead())
                .put("cache_write_tokens", sum.tokens().cacheWrite());
    }
}
