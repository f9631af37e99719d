package io.hypaware.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.hypaware.daemon.Logs;
import io.hypaware.home.Progress;
import io.hypaware.legacy.OlderPartition;
import io.hypaware.maintain.purge.Purge;
import io.hypaware.maintain.purge.PurgePlan;
import io.hypaware.maintain.purge.PurgeProof;
import io.hypaware.maintain.purge.PurgeResult;
import io.hypaware.maintain.purge.Selection;
import io.hypaware.query.QueryException;
import io.hypaware.read.Moment;
import io.hypaware.read.Recorded;
import io.hypaware.read.Sessions;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "purge",
        description = {
            "Take back what was recorded: from every byte of the disk under HYP_HOME.",
            "Says what it will do, and asks. What others share with it stays.",
            "A session that goes on says all of it again with its next call: end it, or ignore it, first."
        },
        mixinStandardHelpOptions = true)
final class PrivacyPurgeCommand implements Callable<Integer> {

    private static final ObjectMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    /// No id is shorter where agents make them; a shorter text may stand anywhere.
    private static final int WHOLE_ID = 8;

    @Parameters(
            arity = "0..1",
            paramLabel = "<path>",
            description = "Every session that worked in this folder or below it, whole.")
    private Optional<String> folder = Optional.empty();

    @Option(names = "--session", paramLabel = "<id>", description = "One session; its id or the beginning of it.")
    private Optional<String> session = Optional.empty();

    @Option(
            names = "--before",
            paramLabel = "<time>",
            converter = MomentConverter.class,
            description = "What is from before a day, in UTC, such as 2026-11-01, or a time.")
    private Optional<Moment> before = Optional.empty();

    @Option(
            names = "--matching",
            paramLabel = "<regex>",
            description = "Parts in which this matches (RE2), and all calls of their sessions.")
    private Optional<String> matching = Optional.empty();

    @Option(names = "--all", description = "Everything that is recorded. The config stays.")
    private boolean all;

    @Option(names = "--continue", description = "Go on with what was ordered and is not done.")
    private boolean goOn;

    @Option(names = "--dry-run", description = "Only say what would be done.")
    private boolean dryRun;

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    @Option(
            names = "--verify",
            description = "Then read every byte of the disk under HYP_HOME, and say whether anything of it is left.")
    private boolean verify;

    @Option(names = "--json", description = "Plan and result as JSON.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws SQLException, InterruptedException, IOException, QueryException {
        requireOne();
        Environment environment = Environment.load();
        PrintWriter out = spec.commandLine().getOut();
        boolean isOlder = !OlderPartition.all(environment.cache()).isEmpty();
        if (!environment.cache().hasJournal() && !isOlder) {
            out.println(json ? "{}" : "nothing was recorded yet");
            out.flush();
            return 0;
        }
        if (!dryRun) {
            Logs.toFile(environment.home(), "purge");
        }
        Purge purge = purge(environment);
        ObjectNode said = JSON.createObjectNode();
        if (goOn) {
            return run(purge, environment, said) ? 0 : 1;
        }
        requireConsent();
        if (isOlder && dryRun) {
            throw new QueryException(
                    "an older cache is here, and what it holds is not known by session yet. It is adopted first: hyp query"
                            + " maintain, then this again; without --dry-run this does both");
        }
        if (isOlder) {
            spec.commandLine().getErr().println("hyp: an older cache is here; it is adopted first");
            purge.adopt(environment.writing());
        }
        Selection selection = selection(environment, purge);
        AtomicReference<Purge.Sample> sample = new AtomicReference<>();
        PurgePlan plan = verify && !dryRun
                ? purge.plan(selection, environment.writing(), sample::set)
                : purge.plan(selection, environment.writing());
        said.set("plan", JSON.valueToTree(plan));
        if (!json) {
            Recorded recorded = new Recorded(
                    environment.cache(), environment.config().query().memoryBytes());
            PurgeText.plan(out, plan, new Sessions(recorded).lines(plan.sessions()));
            out.flush();
        }
        if (plan.isEmpty()) {
            said.putArray("results");
            printIfJson(out, said);
            if (!json) {
                out.println("Nothing that is recorded fits; nothing was changed.");
                out.flush();
            }
            return 0;
        }
        if (dryRun) {
            printIfJson(out, said);
            return 0;
        }
        if (!yes && !isAgreed()) {
            out.println("nothing was changed");
            out.flush();
            return 1;
        }
        purge.order(selection);
        boolean clean = run(purge, environment, said, selection, Optional.ofNullable(sample.get()));
        return clean ? 0 : 1;
    }

    static Purge purge(Environment environment) {
        return new Purge(Purge.Environment.of(
                environment.cache(),
                environment.config().query().cache(),
                environment.home().root().resolve("hypaware"),
                Progress.NONE));
    }

    private boolean run(Purge purge, Environment environment, ObjectNode said)
            throws SQLException, InterruptedException, IOException {
        return run(purge, environment, said, new Selection.Gone(), Optional.empty());
    }

    /// Whether nothing was found left, as far as it was looked for.
    private boolean run(
            Purge purge, Environment environment, ObjectNode said, Selection selection, Optional<Purge.Sample> sample)
            throws SQLException, InterruptedException, IOException {
        PrintWriter out = spec.commandLine().getOut();
        List<PurgeResult> results = purge.run(environment.writing());
        said.set("results", JSON.valueToTree(results));
        if (!json) {
            results.forEach(result -> PurgeText.result(out, result));
            if (results.isEmpty()) {
                out.println(
                        goOn
                                ? "no purge is unfinished"
                                : "purged, by the maintenance that looked after an older cache");
            }
            out.flush();
        }
        boolean clean = true;
        if (sample.isPresent()) {
            PurgeProof proof = purge.verify(selection, sample.get());
            said.set("proof", JSON.valueToTree(proof));
            clean = proof.isClean();
            if (!json) {
                PurgeText.proof(out, proof);
            }
        }
        printIfJson(out, said);
        out.flush();
        return clean;
    }

    private void requireConsent() {
        if (!dryRun && !yes && (json || Terminal.console().isEmpty())) {
            throw new ParameterException(
                    spec.commandLine(),
                    "there is nobody to ask whether to purge; --yes does it, --dry-run only says what");
        }
    }

    private void printIfJson(PrintWriter out, ObjectNode said) {
        if (json) {
            out.println(said.toPrettyString());
            out.flush();
        }
    }

    private static boolean isAgreed() {
        Console console = Terminal.console().orElseThrow();
        String answer = console.readLine("Purge this? It cannot be undone. [y/N] ");
        return answer != null && answer.strip().equalsIgnoreCase("y");
    }

    private void requireOne() {
        long asked = Stream.of(folder.isPresent(), session.isPresent(), before.isPresent(), matching.isPresent(), all)
                .filter(given -> given)
                .count();
        if (asked != (goOn ? 0 : 1)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "say one of <path>, --session, --before, --matching and --all; or --continue alone");
        }
        if (goOn && (dryRun || verify)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--continue carries out what was ordered: it has neither --dry-run nor --verify; see: hyp privacy verify");
        }
    }

    private Selection selection(Environment environment, Purge purge)
            throws InterruptedException, QueryException, SQLException, IOException {
        if (session.isPresent()) {
            return session(session.get(), environment, purge);
        }
        if (before.isPresent()) {
            return new Selection.Before(before.get().instant());
        }
        if (matching.isPresent()) {
            return new Selection.Matching(checked(matching.get()));
        }
        if (all) {
            return new Selection.All();
        }
        return new Selection.Folder(PrivacyCommand.named(spec, folder.orElseThrow()));
    }

    private static Selection session(String name, Environment environment, Purge purge)
            throws InterruptedException, QueryException, SQLException, IOException {
        Sessions sessions = new Sessions(ExchangeCommand.settled(environment));
        try {
            return new Selection.Session(sessions.recordedAs(name));
        } catch (QueryException e) {
            // Of some there is no row yet; what waits is told apart by the whole id.
            Selection whole = new Selection.Session(name);
            if (name.length() >= WHOLE_ID
                    && !purge.plan(whole, environment.writing()).isEmpty()) {
                return whole;
            }
            throw e;
        }
    }

    private String checked(String expression) {
        try {
            Pattern compiled = Pattern.compile(expression);
            if (compiled.matcher("").find()) {
                throw new ParameterException(
                        spec.commandLine(), "\"" + expression + "\" matches everything; --all purges that");
            }
            return expression;
        } catch (PatternSyntaxException e) {
            throw new ParameterException(
                    spec.commandLine(), "\"" + expression + "\" is no regular expression: " + e.getMessage(), e);
        }
    }
}
