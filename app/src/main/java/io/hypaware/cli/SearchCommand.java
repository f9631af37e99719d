package io.hypaware.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.hypaware.daemon.HypProcess;
import io.hypaware.maintain.FreshSearch;
import io.hypaware.query.QueryException;
import io.hypaware.query.ResultWriter;
import io.hypaware.read.Found;
import io.hypaware.read.Moment;
import io.hypaware.read.RecordJson;
import io.hypaware.read.Recorded;
import io.hypaware.read.ResumeText;
import io.hypaware.read.Sessions;
import io.hypaware.search.Excerpt;
import io.hypaware.search.Search;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "search",
        description = {
            "Find words in everything that was said: prompts, answers, thinking, tools' inputs and outputs, titles.",
            "A part has all of the words. \"Some words\" in quotes stand one after the other; word* is the beginning of one.",
            "Identifiers are found by their words: parseHeader by header, by \"parse header\" and by parse_header."
        },
        mixinStandardHelpOptions = true)
final class SearchCommand implements Callable<Integer> {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final int MOST = 1_000;

    private static final int MOST_WORDS = 100;

    /// Positions that take some ten seconds to feed; a process of its own does that in less time and memory.
    private static final long MUCH = 50_000;

    @Parameters(paramLabel = "<words>", arity = "0..*", description = "What is looked for.")
    private List<String> words = List.of();

    @Option(names = "--session", paramLabel = "<id>", description = "Only this one; the beginning of its id is enough.")
    private Optional<String> session = Optional.empty();

    @Option(
            names = "--role",
            paramLabel = "<role>",
            description = "Only what is said by user, assistant, tool or system.")
    private Optional<String> role = Optional.empty();

    @Option(names = "--tool", paramLabel = "<name>", description = "Only this tool's calls and their results.")
    private Optional<String> tool = Optional.empty();

    @Option(names = "--client", paramLabel = "<name>", description = "Only this agent's sessions, such as claude.")
    private Optional<String> client = Optional.empty();

    @Option(
            names = "--since",
            paramLabel = "<time>",
            converter = MomentConverter.class,
            description = "Only what was said from then on: 7d, a day such as 2026-11-01, or a time.")
    private Optional<Moment> since = Optional.empty();

    @Option(names = "--limit", paramLabel = "<n>", defaultValue = "10", description = "Most hits; default 10.")
    private int limit;

    @Option(names = "--json", description = "The result as JSON.")
    private boolean json;

    @Option(names = "--rebuild", description = "Make the index again first.")
    private boolean rebuild;

    @Option(names = "--feed", hidden = true, description = "Only feed the index, in this process.")
    private boolean feeds;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, SQLException, InterruptedException, QueryException {
        new Bounds(1, MOST).check(spec, "--limit", limit);
        if (words.isEmpty() && !rebuild && !feeds) {
            throw new ParameterException(spec.commandLine(), "say what to look for: hyp search \"some words\"");
        }
        long count =
                words.stream().flatMap(text -> Stream.of(text.split("\\s+"))).count();
        if (count > MOST_WORDS) {
            throw new ParameterException(
                    spec.commandLine(), "these are %,d words; at most %,d are looked for".formatted(count, MOST_WORDS));
        }
        Environment environment = Environment.load();
        Recorded recorded = ExchangeCommand.settled(environment);
        FreshSearch fresh = new FreshSearch(environment.cache(), feeds ? ofWorker(environment) : recorded);
        if (rebuild) {
            fresh.forget();
        }
        // What that one fails at, such as a text too large for its heap, is gone on with here.
        boolean isFed = fresh.due() > MUCH && !feeds && isFedApart();
        if (words.isEmpty()) {
            if (!isFed) {
                feed(fresh);
            }
            return 0;
        }
        Optional<String> ofSession =
                session.isEmpty() ? Optional.empty() : Optional.of(new Sessions(recorded).named(session.get()));
        Search search =
                new Search(String.join(" ", words), ofSession, role, tool, client, since.map(Moment::instant), limit);
        List<Found> found = find(fresh, search);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ArrayNode all = JSON.createArrayNode();
            found.forEach(one -> all.add(RecordJson.of(one)));
            out.println(all.toPrettyString());
        } else if (found.isEmpty()) {
            out.println("Nothing is recorded in which all of that is said.");
        } else {
            found.forEach(one -> text(out, one));
        }
        out.flush();
        return 0;
    }

    /// With the memory that a worker's engine has, which feeds the index, too.
    private static Recorded ofWorker(Environment environment) {
        return new Recorded(
                environment.cache(),
                environment.config().query().cache().maintenance().memoryBytes());
    }

    private static boolean isFedApart() throws IOException, InterruptedException {
        return HypProcess.lasting("search", "--feed").inheritIO().start().waitFor() == 0;
    }

    private List<Found> find(FreshSearch fresh, Search search) throws IOException, SQLException, QueryException {
        try (ProgressLine line = new ProgressLine(spec.commandLine().getErr())) {
            FreshSearch.Result result = fresh.find(search, new FreshSearch.Patience(line, () -> false));
            if (result.isBusy()) {
                busy();
            }
            return result.found();
        }
    }

    private void feed(FreshSearch fresh) throws IOException, SQLException, QueryException {
        try (ProgressLine line = new ProgressLine(spec.commandLine().getErr())) {
            if (!fresh.feed(new FreshSearch.Patience(line, () -> false))) {
                busy();
            }
        }
    }

    private void busy() {
        PrintWriter err = spec.commandLine().getErr();
        err.println("Another process is at the search index; what it has not come to is not found yet.");
        err.flush();
    }

    private static void text(PrintWriter out, Found found) {
        out.printf(
                "%s  %s  %s%s  message %d of session %s%n",
                Results.time(found.at()),
                found.client().isEmpty() ? "-" : ResultWriter.shown(found.client()),
                ResultWriter.shown(found.role()),
                found.tool().isEmpty() ? "" : " " + ResultWriter.shown(found.tool()),
                found.index(),
                ResultWriter.shown(found.session()));
        out.println("  " + shown(found.excerpt()));
        resume(found).ifPresent(command -> out.println("  " + ResultWriter.shown(command)));
        out.println();
    }

    private static String shown(Excerpt excerpt) {
        return (excerpt.begins() ? "" : "…") + inert(excerpt.text()) + (excerpt.ends() ? "" : "…");
    }

    private static String inert(String text) {
        return ResultWriter.shown(text.replaceAll("\\s+", " "));
    }

    private static Optional<String> resume(Found found) {
        return ResumeText.of(found.client(), found.session(), found.folder());
    }
}
