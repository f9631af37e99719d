package io.hypaware.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.journal.SecretLedger;
import io.hypaware.journal.SecretSighting;
import io.hypaware.maintain.SecretScan;
import io.hypaware.query.QueryException;
import io.hypaware.query.ResultWriter;
import io.hypaware.read.FoundSecret;
import io.hypaware.read.FoundSecrets;
import io.hypaware.read.Moment;
import io.hypaware.read.RecordJson;
import io.hypaware.read.Recorded;
import io.hypaware.read.ScannableTexts;
import io.hypaware.read.Sessions;
import io.hypaware.secret.Fingerprints;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "scan",
        description = {
            "Find secrets that went to providers or came back, or stand in telemetry.",
            "Keys, tokens, private keys and passwords, by a fingerprint and their place, never themselves. What was looked",
            "through once is not again. Exit code 0, whatever is found."
        },
        mixinStandardHelpOptions = true)
final class PrivacyScanCommand implements Callable<Integer> {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final int MOST = 10_000;

    @Option(
            names = "--since",
            paramLabel = "<time>",
            converter = MomentConverter.class,
            description = "Only what was said from then on: 7d, a day such as 2026-11-01, or a time.")
    private Optional<Moment> since = Optional.empty();

    @Option(names = "--session", paramLabel = "<id>", description = "Only this one; the beginning of its id is enough.")
    private Optional<String> session = Optional.empty();

    @Option(names = "--limit", paramLabel = "<n>", defaultValue = "100", description = "Most secrets; default 100.")
    private int limit;

    @Option(
            names = "--accept",
            paramLabel = "<fingerprint>",
            description = "You have dealt with this one: it is not told again. May be given more than once.")
    private List<String> accept = List.of();

    @Option(names = "--all", description = "Those that were accepted, too.")
    private boolean all;

    @Option(names = "--json", description = "The result as JSON.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, SQLException, InterruptedException, QueryException {
        new Bounds(1, MOST).check(spec, "--limit", limit);
        for (String fingerprint : accept) {
            if (!Fingerprints.isOne(fingerprint)) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--accept takes a fingerprint, 12 digits of hex, not \"" + fingerprint + "\"");
            }
        }
        Environment environment = Environment.load();
        Recorded recorded = ExchangeCommand.settled(environment);
        if (!accept.isEmpty()) {
            return accepted(environment);
        }
        Optional<String> ofSession =
                session.isEmpty() ? session : Optional.of(new Sessions(recorded).named(session.get()));
        try (ProgressLine line = new ProgressLine(spec.commandLine().getErr())) {
            new SecretScan(environment.cache(), recorded.memoryBytes(), environment.secrets()).run(line, () -> false);
        }
        FoundSecrets.Result result = new FoundSecrets(environment.cache(), recorded)
                .list(new FoundSecrets.Wanted(since.map(Moment::instant), ofSession, all), limit);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ObjectNode node = JSON.createObjectNode();
            result.found().forEach(found -> node.withArray("secrets").add(RecordJson.of(found)));
            node.withArray("secrets");
            node.put("left", result.left());
            out.println(node.toPrettyString());
        } else {
            text(out, result);
        }
        out.flush();
        return 0;
    }

    private int accepted(Environment environment) {
        PrintWriter out = spec.commandLine().getOut();
        Optional<SecretLedger> opened =
                SecretLedger.openExisting(environment.cache().journal());
        boolean isKnown = true;
        if (opened.isPresent()) {
            try (SecretLedger ledger = opened.get()) {
                for (String fingerprint : accept) {
                    boolean was = ledger.accept(fingerprint, Instant.now());
                    out.println(
                            was
                                    ? fingerprint + " is not told again; hyp privacy scan --all shows it still"
                                    : "no secret of fingerprint " + fingerprint + " was found; see: hyp privacy scan");
                    isKnown &= was;
                }
            }
        }
        out.flush();
        return isKnown && opened.isPresent() ? 0 : 1;
    }

    private static void text(PrintWriter out, FoundSecrets.Result result) {
        if (result.found().isEmpty()) {
            out.println("Nothing that looks like a secret was sent or received.");
            return;
        }
        result.found().forEach(found -> text(out, found));
        if (result.left() > 0) {
            out.printf("%,d more; --limit shows them.%n%n", result.left());
        }
        out.println("Rotate each at whoever gave it out, then: hyp privacy scan --accept <fingerprint>");
    }

    private static void text(PrintWriter out, FoundSecret found) {
        SecretSighting first = found.first();
        out.printf("%s  %s  %s%n", first.fingerprint(), ResultWriter.shown(first.rule()), Results.time(first.at()));
        out.println("  in a " + origin(first));
        out.println("  session " + shown(first.session()) + ", exchange " + shown(first.exchange()));
        out.println("  sent to " + receiver(found) + ": " + times(found.calls(), "call")
                + " carried it; it stands " + times(found.times(), "time") + " in " + times(found.parts(), "part")
                + " of " + times(found.sessions(), "session"));
        out.println();
    }

    private static String origin(SecretSighting first) {
        String tool = first.tool().isEmpty() ? "" : " of " + ResultWriter.shown(first.tool());
        return first.origin() + tool + (first.file().isEmpty() ? "" : ": " + Results.line(first.file(), 160));
    }

    private static String receiver(FoundSecret found) {
        FoundSecret.Receiver receiver = found.receiver();
        if (ScannableTexts.isReported(found.first().origin())) {
            return "this machine's receiver of telemetry (what else it went to is not known)";
        }
        if (receiver.provider().isEmpty()) {
            return "whom its agent talked to (only its transcript is known)";
        }
        return ResultWriter.shown(receiver.provider())
                + (receiver.model().isEmpty() ? "" : ", " + ResultWriter.shown(receiver.model()))
                + " (upstream " + ResultWriter.shown(receiver.upstream()) + ")";
    }

    private static String shown(String id) {
        return id.isEmpty() ? "-" : ResultWriter.shown(id);
    }

    private static String times(long count, String what) {
        return "%,d %s%s".formatted(count, what, count == 1 ? "" : "s");
    }
}
