package io.hypaware.cli;

import io.hypaware.query.QueryException;
import io.hypaware.read.CacheMisses;
import io.hypaware.read.Exchanges;
import io.hypaware.read.Miss;
import io.hypaware.read.Prices;
import io.hypaware.read.Recorded;
import io.hypaware.read.ResumeText;
import io.hypaware.read.SessionCall;
import io.hypaware.read.SessionTable;
import io.hypaware.read.Sessions;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "session",
        description =
                "Sessions: list them, read one, ask why its prompt cache missed, make a file of one, or leave it out.",
        mixinStandardHelpOptions = true,
        subcommands = {
            SessionCommand.ListThem.class,
            SessionCommand.Show.class,
            SessionCommand.Misses.class,
            SessionCommand.Resume.class,
            SessionExportCommand.class,
            SessionIgnoreCommands.Ignore.class,
            SessionIgnoreCommands.Unignore.class,
            SessionIgnoreCommands.Status.class
        })
final class SessionCommand {

    @Command(name = "list", description = "The sessions, the last used first.", mixinStandardHelpOptions = true)
    static final class ListThem implements Callable<Integer> {

        @Mixin
        private ListOptions list = new ListOptions();

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws QueryException, SQLException, IOException, InterruptedException {
            PrintWriter err = spec.commandLine().getErr();
            Recorded recorded = ExchangeCommand.settled(Environment.load());
            try (LateProgress progress = LateProgress.onTerminal(err)) {
                Results.printSessions(
                        new SessionTable(recorded, progress),
                        list.wanted(),
                        spec.commandLine().getOut());
            }
            return 0;
        }
    }

    @Command(
            name = "show",
            description = "One session as a page: turns, tools, tokens, time.",
            mixinStandardHelpOptions = true)
    static final class Show implements Callable<Integer> {

        @Parameters(paramLabel = "<id>", description = "The session's id, or the beginning of it.")
        @SuppressWarnings("NullAway.Init")
        private String id;

        @Option(names = "--full", description = "Texts whole instead of their first line.")
        private boolean full;

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws QueryException, SQLException, IOException, InterruptedException {
            Sessions sessions = new Sessions(ExchangeCommand.settled(Environment.load()));
            new SessionPage(
                            sessions,
                            sessions.named(id),
                            full,
                            spec.commandLine().getOut())
                    .print();
            return 0;
        }
    }

    @Command(
            name = "misses",
            description = {
                "Why the prompt cache missed: for each call that read less from it than was in it, the first element that",
                "differs from the call before, and what that cost. Prices: " + Prices.FILE + " in the home."
            },
            mixinStandardHelpOptions = true)
    static final class Misses implements Callable<Integer> {

        @Parameters(paramLabel = "<id>", description = "The session's id, or the beginning of it.")
        @SuppressWarnings("NullAway.Init")
        private String id;

        @Option(names = "--json", description = "The result as JSON.")
        private boolean json;

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws QueryException, SQLException, IOException, InterruptedException {
            Environment environment = Environment.load();
            Recorded recorded = ExchangeCommand.settled(environment);
            Sessions sessions = new Sessions(recorded);
            String session = sessions.named(id);
            List<SessionCall> calls = sessions.calls(session);
            if (calls.isEmpty()) {
                throw new QueryException("of session " + session
                        + " only messages are kept, no requests to compare; what was said: hyp session show "
                        + session);
            }
            Prices prices = Prices.of(environment.home().root());
            Exchanges exchanges = new Exchanges(recorded);
            List<Miss> misses = new CacheMisses(call -> exchanges.prompt(call.exchangeId()), prices).find(calls);
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                MissText.json(out, session, calls.size(), misses);
            } else {
                MissText.text(out, session, calls.size(), misses);
            }
            out.flush();
            return 0;
        }
    }

    @Command(
            name = "resume",
            description = "The agent's own command that goes on with a session; it is only shown.",
            mixinStandardHelpOptions = true)
    static final class Resume implements Callable<Integer> {

        @Parameters(paramLabel = "<id>", description = "The session's id, or the beginning of it.")
        @SuppressWarnings("NullAway.Init")
        private String id;

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws QueryException, SQLException, IOException, InterruptedException {
            Sessions sessions = new Sessions(ExchangeCommand.settled(Environment.load()));
            String session = sessions.named(id);
            Sessions.Origin origin = sessions.origin(session);
            if (session.startsWith("-")) {
                throw new QueryException("the id of session " + session
                        + " would be taken for an option by its agent; choose it in the list of the agent itself");
            }
            PrintWriter out = spec.commandLine().getOut();
            out.println(ResumeText.of(origin.client(), session, origin.folder())
                    .orElseThrow(() -> new QueryException("session " + session + " is of "
                            + (origin.client().isEmpty() ? "an agent that is not known" : origin.client())
                            + ", of which no command that goes on with a session is known; what was said: hyp session show "
                            + session)));
            out.flush();
            return 0;
        }
    }
}
