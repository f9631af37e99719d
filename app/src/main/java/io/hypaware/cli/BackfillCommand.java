package io.hypaware.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.backfill.Backfill;
import io.hypaware.backfill.Survey;
import io.hypaware.backfill.TranscriptFiles;
import io.hypaware.daemon.Logs;
import io.hypaware.home.HypHome;
import io.hypaware.home.Progress;
import io.hypaware.project.transcript.TranscriptFormat;
import io.hypaware.project.transcript.TranscriptFormats;
import io.hypaware.query.QueryException;
import io.hypaware.read.Moment;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "backfill",
        description = {
            "Import what agents wrote down themselves.",
            "Sessions from before they were attached, and what no call says.",
            "What is recorded already is completed, not repeated. Run again, it reads what is new."
        },
        mixinStandardHelpOptions = true,
        subcommands = {BackfillCommand.ListThem.class, BackfillCommand.Plan.class})
final class BackfillCommand implements Callable<Integer> {

    private static final ObjectMapper JSON = new ObjectMapper();

    /// Whose transcripts are meant.
    static final class Agents {

        @Parameters(
                paramLabel = "<agent>",
                arity = "0..*",
                description = "Such as claude, codex, opencode or gemini; all if none is named.")
        private List<String> named = new ArrayList<>();

        @Option(names = "--json", description = "The result as JSON.")
        private boolean json;

        @Spec(Spec.Target.MIXEE)
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        List<TranscriptFormat> formats() {
            List<String> all = TranscriptFormats.all().stream()
                    .map(TranscriptFormat::client)
                    .toList();
            for (String name : named) {
                if (!all.contains(name)) {
                    throw new ParameterException(
                            spec.commandLine(),
                            "no transcripts of \"" + name + "\" can be read; there are: " + String.join(", ", all));
                }
            }
            return TranscriptFormats.all().stream()
                    .filter(format -> named.isEmpty() || named.contains(format.client()))
                    .toList();
        }

        List<Survey> surveys(Environment environment) throws IOException {
            List<Survey> surveys = new ArrayList<>();
            for (TranscriptFormat format : formats()) {
                surveys.add(Survey.of(files(), format, environment.cache(), environment.config()));
            }
            return surveys;
        }
    }

    @Mixin
    private Agents agents = new Agents();

    @Option(
            names = "--since",
            paramLabel = "<time>",
            converter = MomentConverter.class,
            description = "Only what was said from then on: 7d, a day such as 2026-11-01, or a time.")
    private Optional<Moment> since = Optional.empty();

    @Option(
            names = "--until",
            paramLabel = "<time>",
            converter = MomentConverter.class,
            description = "Only what was said before then.")
    private Optional<Moment> until = Optional.empty();

    @Option(
            names = "--again",
            paramLabel = "<session>",
            description = "Read a session again that was purged; its whole id.")
    private Optional<String> again = Optional.empty();

    @Option(names = "--dry-run", description = "Only say what is new; read nothing.")
    private boolean dryRun;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    static TranscriptFiles files() {
        return new TranscriptFiles(System.getenv(), HypHome.userHome(System.getenv()));
    }

    @Override
    public Integer call() throws IOException, SQLException, InterruptedException, QueryException {
        Backfill.Options options = new Backfill.Options(since.map(Moment::instant), until.map(Moment::instant));
        check(options);
        PrintWriter out = spec.commandLine().getOut();
        Environment environment = Environment.load();
        if (dryRun) {
            plan(out, agents.surveys(environment), agents.json);
            return 0;
        }
        Logs.toFile(environment.home(), "backfill");
        if (again.isPresent() && !Backfill.allowAgain(environment.cache().make(), again.get())) {
            throw new ParameterException(
                    spec.commandLine(), "no session " + again.get() + " was purged; --again takes a whole id");
        }
        List<Backfill.Report> reports = new ArrayList<>();
        Backfill backfill =
                new Backfill(environment.cache(), environment.config(), environment.writing(), Clock.systemUTC());
        try (ProgressLine line = new ProgressLine(spec.commandLine().getErr())) {
            for (TranscriptFormat format : agents.formats()) {
                reports.add(backfill.run(format, files().find(format), options, agents.json ? Progress.NONE : line));
            }
        }
        print(out, reports);
        return reports.stream().allMatch(report -> report.failed().isEmpty()) ? 0 : 1;
    }

    private void check(Backfill.Options options) {
        if (options.since().isPresent()
                && options.until().isPresent()
                && !options.since().get().isBefore(options.until().get())) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--since is %s, which is not before --until, %s; expected an earlier one"
                            .formatted(options.since().get(), options.until().get()));
        }
        if (dryRun && !options.equals(Backfill.Options.ALL)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "what of a time is new is known when it is read; leave --since and --until out of a dry run");
        }
    }

    private void print(PrintWriter out, List<Backfill.Report> reports) throws IOException {
        if (agents.json) {
            ArrayNode all = JSON.createArrayNode();
            reports.forEach(report -> all.add(json(report)));
            out.println(all.toPrettyString());
        } else {
            reports.forEach(report -> out.print(text(report)));
        }
        out.flush();
    }

    static ObjectNode json(Backfill.Report report) {
        ObjectNode node = JSON.createObjectNode()
                .put("client", report.client())
                .put("transcripts", report.found())
                .put("read", report.read())
                .put("bytes", report.bytes())
                .put("sessions", report.sessions())
                .put("parts_recorded", report.counts().written())
                .put("parts_completed", report.counts().completed())
                .put("parts_known", report.counts().known())
                .put("notes_recorded", report.counts().notes())
                .put("unread_lines", report.unreadLines())
                .put("lines_too_old", report.tooOld())
                .put("transcripts_ignored", report.ignored());
        report.failed().forEach(node.putArray("failed")::add);
        return node;
    }

    /// A report in some lines.
    static String text(Backfill.Report report) {
        StringBuilder text = new StringBuilder();
        if (report.read() == 0) {
            text.append(
                    "%-9s %s, nothing new%n".formatted(report.client(), Results.count(report.found(), "transcript")));
        } else {
            text.append("%-9s %,d of %s read (%s), of %s%n"
                    .formatted(
                            report.client(),
                            report.read(),
                            Results.count(report.found(), "transcript"),
                            StatusText.size(report.bytes()),
                            Results.count(report.sessions(), "session")));
            text.append("          %s of messages recorded, %,d that were recorded completed, %s%n"
                    .formatted(
                            Results.count(report.counts().written(), "part"),
                            report.counts().completed(),
                            Results.count(report.counts().notes(), "note")));
        }
        if (report.tooOld() > 0) {
            text.append("          %,d lines are older than retention keeps, and were left out; to have them, raise"
                            .formatted(report.tooOld()))
                    .append(" query.cache.retention in the config (0 is for ever), and import again\n");
        }
        if (report.ignored() > 0) {
            text.append("          %,d of them are not recorded, as you have said: hyp privacy list%n"
                    .formatted(report.ignored()));
        }
        if (report.unreadLines() > 0) {
            text.append("          %,d lines are no JSON, or too long; they were left out%n"
                    .formatted(report.unreadLines()));
        }
        report.failed()
                .forEach(why -> text.append("          failed: ").append(why).append(System.lineSeparator()));
        return text.toString();
    }

    private static void plan(PrintWriter out, List<Survey> surveys, boolean json) {
        if (json) {
            out.println(json(surveys).toPrettyString());
        } else {
            for (Survey survey : surveys) {
                out.printf(
                        "%-9s %,d of %s new (%s)%n",
                        survey.format().client(),
                        survey.newFiles(),
                        Results.count(survey.found().files().size(), "transcript"),
                        StatusText.size(survey.newBytes()));
                unread(out, survey);
            }
        }
        out.flush();
    }

    private static void unread(PrintWriter out, Survey survey) {
        survey.found().unread().forEach(why -> out.println("          " + why));
    }

    private static ArrayNode json(List<Survey> surveys) {
        ArrayNode all = JSON.createArrayNode();
        for (Survey survey : surveys) {
            ObjectNode node = all.addObject()
                    .put("client", survey.format().client())
                    .put("folder", survey.folder().toString())
                    .put("transcripts", survey.found().files().size())
                    .put("bytes", survey.bytes())
                    .put("new", survey.newFiles())
                    .put("new_bytes", survey.newBytes());
            survey.oldest().ifPresent(oldest -> node.put("oldest", oldest.toString()));
            survey.found().unread().forEach(node.putArray("unread")::add);
            survey.deletedAfterDays()
                    .ifPresent(days -> node.put("deleted_after_days", days)
                            .put("deleted_within_a_week", survey.going().transcripts()));
        }
        return all;
    }

    /// That an agent is about to delete what it wrote; nothing, if it is not.
    static Optional<String> going(Survey survey) {
        Survey.Going going = survey.going();
        if (going.transcripts() == 0) {
            return Optional.empty();
        }
        return Optional.of(String.format(
                Locale.ROOT,
                "%s deletes transcripts %d days after their last use; within a week that is %,d of them, last used on %d %s",
                survey.format().client(),
                survey.deletedAfterDays().orElse(0),
                going.transcripts(),
                going.days(),
                going.days() == 1 ? "day" : "days"));
    }

    @Command(
            name = "list",
            description = "The agents whose transcripts can be imported, and what there is of them.",
            mixinStandardHelpOptions = true)
    static final class ListThem implements Callable<Integer> {

        @Mixin
        private Agents agents = new Agents();

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            PrintWriter out = spec.commandLine().getOut();
            List<Survey> surveys = agents.surveys(Environment.load());
            if (agents.json) {
                out.println(json(surveys).toPrettyString());
            } else {
                surveys.forEach(survey -> line(out, survey));
            }
            out.flush();
            return 0;
        }

        private static void line(PrintWriter out, Survey survey) {
            String places = survey.format().places().below().stream()
                    .map(below -> survey.folder().resolve(below).toString())
                    .collect(Collectors.joining(", "));
            out.printf(
                    "%-9s %s: %s, %s; %,d not imported%n",
                    survey.format().client(),
                    places,
                    Results.count(survey.found().files().size(), "transcript"),
                    StatusText.size(survey.bytes()),
                    survey.newFiles());
            survey.oldest()
                    .ifPresent(oldest ->
                            out.printf("          the one used longest ago was used at %s%n", Results.time(oldest)));
            going(survey).ifPresent(text -> out.println("          " + text));
            unread(out, survey);
        }
    }

    @Command(name = "plan", description = "What an import would read now.", mixinStandardHelpOptions = true)
    static final class Plan implements Callable<Integer> {

        @Mixin
        private Agents agents = new Agents();

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            plan(spec.commandLine().getOut(), agents.surveys(Environment.load()), agents.json);
            return 0;
        }
    }
}
