package io.hypaware.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.query.QueryException;
import io.hypaware.read.Exchanges;
import io.hypaware.read.Prompt;
import io.hypaware.read.PromptDiff;
import io.hypaware.read.PromptDiff.Change;
import io.hypaware.read.Recorded;
import io.hypaware.read.Sessions;
import io.hypaware.read.WholeRequests;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "exchange",
        description = "What was on the wire: list, show, or compare exchanges.",
        mixinStandardHelpOptions = true,
        subcommands = {
            ExchangeCommand.ListThem.class,
            ExchangeCommand.Show.class,
            ExchangeCommand.Diff.class,
            ExchangeCutsCommand.class
        })
final class ExchangeCommand {

    /// What is recorded, once the calls that have ended are projected.
    static Recorded settled(Environment environment) throws InterruptedException {
        environment.settle();
        return new Recorded(environment.cache(), environment.config().query().memoryBytes());
    }

    @Command(name = "list", description = "The exchanges, the last first.", mixinStandardHelpOptions = true)
    static final class ListThem implements Callable<Integer> {

        @Option(names = "--session", description = "Only this session's; its id or the beginning of it.")
        private Optional<String> session = Optional.empty();

        @Option(names = "--connection", description = "Only the calls over this WebSocket, by its exchange's id.")
        private Optional<String> connection = Optional.empty();

        @Mixin
        private ListOptions list = new ListOptions();

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws QueryException, SQLException, IOException, InterruptedException {
            Environment environment = Environment.load();
            Recorded recorded = settled(environment);
            Optional<String> ofSession =
                    session.isEmpty() ? Optional.empty() : Optional.of(new Sessions(recorded).named(session.get()));
            Optional<String> ofConnection = connection.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Exchanges(recorded).connection(connection.get()));
            ListOptions.Wanted wanted = list.wanted();
            Results.print(
                    environment,
                    Exchanges.listing(wanted.most(), ofSession, ofConnection, wanted.isNarrow()),
                    wanted.format(),
                    spec.commandLine().getOut());
            return 0;
        }
    }

    @Command(
            name = "show",
            description = "One exchange as a page, or a body of it byte for byte.",
            mixinStandardHelpOptions = true)
    static final class Show implements Callable<Integer> {

        enum Body {
            REQUEST,
            RESPONSE
        }

        @Parameters(paramLabel = "<id>", description = "The exchange's id, or the beginning of it.")
        @SuppressWarnings("NullAway.Init")
        private String id;

        @Option(
                names = "--raw",
                description = "Write this body to standard output as it was on the wire: ${COMPLETION-CANDIDATES}.")
        private Optional<Body> raw = Optional.empty();

        @Option(names = "--decoded", description = "With --raw: undo the content encoding (gzip, br, zstd).")
        private boolean decoded;

        @Option(
                names = "--whole",
                description = {
                    "The request as the model saw it, as JSON: where the provider keeps the history, with what was said",
                    "before."
                })
        private boolean whole;

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws QueryException, SQLException, IOException, InterruptedException {
            if (whole && raw.isPresent()) {
                throw new ParameterException(
                        spec.commandLine(), "--whole is what the model saw, --raw what was sent: one of them");
            }
            if (decoded && raw.isEmpty()) {
                throw new ParameterException(spec.commandLine(), "--decoded needs --raw request or --raw response");
            }
            Recorded recorded = settled(Environment.load());
            Exchanges exchanges = new Exchanges(recorded);
            String exchange = exchanges.named(id);
            if (whole) {
                WholeRequests.Whole request = new WholeRequests(recorded).of(exchange);
                PrintWriter out = spec.commandLine().getOut();
                out.println(request.request().toPrettyString());
                out.flush();
                request.missing()
                        .ifPresent(answer -> spec.commandLine()
                                .getErr()
                                .println("hyp: what was said up to the answer " + answer
                                        + " is not recorded; this is the request from there on"));
                return 0;
            }
            if (raw.isPresent()) {
                String body = raw.get().name().toLowerCase(Locale.ROOT);
                long missing;
                try (OutputStream out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 64 * 1024)) {
                    missing = exchanges.copyBody(exchange, body, decoded, out);
                }
                if (missing > 0) {
                    spec.commandLine()
                            .getErr()
                            .printf(
                                    "hyp: %,d bytes of the %s were not recorded, so that this is not all of it; the error of"
                                            + " exchange %s says why%n",
                                    missing, body, exchange);
                    return 1;
                }
                return 0;
            }
            ExchangePage.print(exchanges, exchange, spec.commandLine().getOut());
            return 0;
        }
    }

    @Command(
            name = "diff",
            description = {
                "How the request of one exchange differs from that of another, element by element: tools, system, messages,",
                "the order in which providers cache them."
            },
            mixinStandardHelpOptions = true)
    static final class Diff implements Callable<Integer> {

        @Parameters(index = "0", paramLabel = "<a>", description = "An exchange's id, or the beginning of it.")
        @SuppressWarnings("NullAway.Init")
        private String first;

        @Parameters(index = "1", paramLabel = "<b>", description = "Another one's.")
        @SuppressWarnings("NullAway.Init")
        private String second;

        @Option(names = "--json", description = "The result as JSON.")
        private boolean json;

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws QueryException, SQLException, IOException, InterruptedException {
            Exchanges exchanges = new Exchanges(settled(Environment.load()));
            Prompt before = prompt(exchanges, first);
            Prompt after = prompt(exchanges, second);
            PromptDiff diff = PromptDiff.of(before, after);
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                out.println(toJson(diff).toPrettyString());
            } else {
                text(out, diff, before, after);
            }
            out.flush();
            return 0;
        }

        private static Prompt prompt(Exchanges exchanges, String id) throws QueryException, SQLException, IOException {
            String exchange = exchanges.named(id);
            try {
                return exchanges.prompt(exchange);
            } catch (IOException e) {
                throw new QueryException("exchange " + exchange + " cannot be compared: " + e.getMessage()
                        + ". What was sent: hyp exchange show " + exchange + " --raw request");
            }
        }

        private static void text(PrintWriter out, PromptDiff diff, Prompt before, Prompt after) {
            diff.modelChanged().ifPresent(m -> out.printf("model     %s became %s%n", m.before(), m.after()));
            for (Prompt.Kind kind : Prompt.Kind.values()) {
                out.printf(
                        "%-9s %d, then %d%s%n",
                        label(kind),
                        before.of(kind).size(),
                        after.of(kind).size(),
                        diff.of(kind).isEmpty() ? "; the same" : "");
                for (Change change : diff.of(kind)) {
                    switch (change) {
                        case Change.Added(Prompt.Element e) ->
                            out.printf("  + %s, %s%n", e.name(), StatusText.size(e.bytes()));
                        case Change.Removed(Prompt.Element e) ->
                            out.printf("  - %s, %s%n", e.name(), StatusText.size(e.bytes()));
                        case Change.Edited(Prompt.Element _, Prompt.Element e, var snippet) ->
                            out.printf(
                                    "  ~ %s%n      - %s%n      + %s%n",
                                    e.name(), Results.line(snippet.before(), 400), Results.line(snippet.after(), 400));
                    }
                }
            }
            boolean begins = diff.firstDifference() == before.elements().size();
            boolean same =
                    begins && diff.changes().isEmpty() && diff.modelChanged().isEmpty();
            out.println(
                    begins
                            ? same ? "the two are the same" : "the second begins with all of the first"
                            : "equal up to here: %d of %d elements; the first that differs is %s"
                                    .formatted(
                                            diff.firstDifference(),
                                            before.elements().size(),
                                            before.elements()
                                                    .get(diff.firstDifference())
                                                    .name()));
        }

        private static String label(Prompt.Kind kind) {
            return switch (kind) {
                case TOOL -> "tools";
                case SYSTEM -> "system";
                case MESSAGE -> "messages";
            };
        }

        private static ObjectNode toJson(PromptDiff diff) {
            ObjectMapper mapper = new ObjectMapper();
            ObjectNode json = mapper.createObjectNode();
            diff.modelChanged()
                    .ifPresentOrElse(m -> json.set("model", mapper.valueToTree(m)), () -> json.putNull("model"));
            json.put("equal_elements", diff.firstDifference());
            json.put("elements_before", diff.before());
            json.put("elements_after", diff.after());
            ArrayNode changes = json.putArray("changes");
            for (Change change : diff.changes()) {
                ObjectNode entry = changes.addObject();
                entry.put("kind", change.element().kind().name().toLowerCase(Locale.ROOT));
                entry.put("element", change.element().name());
                switch (change) {
                    case Change.Added _ -> entry.put("change", "added");
                    case Change.Removed _ -> entry.put("change", "removed");
                    case Change.Edited(Prompt.Element _, Prompt.Element _, var snippet) ->
                        entry.put("change", "edited")
                                .put("before", snippet.before())
                                .put("after", snippet.after());
                }
            }
            return json;
        }
    }
}
