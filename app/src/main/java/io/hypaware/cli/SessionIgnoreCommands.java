package io.hypaware.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.daemon.IgnoredSessions;
import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.journal.Journal;
import io.hypaware.journal.SessionClasses;
import io.hypaware.maintain.SessionHooks;
import io.hypaware.maintain.purge.Purge;
import io.hypaware.privacy.PrivacyClass;
import io.hypaware.privacy.PrivacyRules;
import io.hypaware.project.known.Whereabouts;
import io.hypaware.query.ResultWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Takes a session out of the record, and back in.
final class SessionIgnoreCommands {

    /// No session is known to be at work here.
    private static final int NO_SESSION = 3;

    /// In which agents tell their tools the session that they are of.
    private static final List<String> VARIABLES = List.of("CLAUDE_CODE_SESSION_ID", "CODEX_THREAD_ID");

    /// Which session is meant.
    static final class Meant {

        @Parameters(arity = "0..1", paramLabel = "<id>", description = "The session's whole id.")
        private Optional<String> id = Optional.empty();

        @Option(
                names = "--current",
                description = "The session in which this runs, as its agent says; else the last one of this folder.")
        private boolean current;

        @Spec(Spec.Target.MIXEE)
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        /// The session's id; nothing if none is known to be at work here.
        Optional<String> session(Cache cache, Map<String, String> environment) {
            if (id.isPresent() == current) {
                throw new ParameterException(spec.commandLine(), "say which session: its id, or --current");
            }
            if (id.isPresent()) {
                return id;
            }
            return VARIABLES.stream()
                    .map(name -> environment.getOrDefault(name, ""))
                    .filter(value -> !value.isBlank())
                    .findFirst()
                    .or(() -> Stream.of(Path.of("").toAbsolutePath().toString(), environment.getOrDefault("PWD", ""))
                            .flatMap(folder -> SessionHooks.of(cache).last(folder).stream())
                            .findFirst());
        }
    }

    private static int none(CommandSpec spec) {
        spec.commandLine()
                .getErr()
                .println("hyp: no session is known to be at work in this folder; say its id, see: hyp session list");
        return NO_SESSION;
    }

    @Command(
            name = "ignore",
            description = {
                "Do not record a session: its calls go through as always, what was recorded of it goes, and nothing more is",
                "recorded. Exit codes: 0 done, 1 not done, 3 no session is known to be at work here."
            },
            mixinStandardHelpOptions = true)
    static final class Ignore implements Callable<Integer> {

        @Mixin
        private Meant meant = new Meant();

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException, InterruptedException, SQLException {
            Environment environment = Environment.load();
            Optional<String> session = meant.session(environment.cache(), System.getenv());
            if (session.isEmpty()) {
                return none(spec);
            }
            switched(environment, session.get(), true);
            forget(environment);
            PrintWriter out = spec.commandLine().getOut();
            out.println("Session " + ResultWriter.shown(session.get())
                    + " is not recorded: its calls go through as always, what was recorded of it goes.");
            out.flush();
            return 0;
        }
    }

    @Command(
            name = "unignore",
            description = {
                "Record a session again. An agent says its whole conversation with each call: with the next one, what was said",
                "meanwhile is recorded, too. Exit codes as of ignore."
            },
            mixinStandardHelpOptions = true)
    static final class Unignore implements Callable<Integer> {

        @Mixin
        private Meant meant = new Meant();

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException, InterruptedException {
            Environment environment = Environment.load();
            Optional<String> session = meant.session(environment.cache(), System.getenv());
            if (session.isEmpty()) {
                return none(spec);
            }
            switched(environment, session.get(), false);
            PrintWriter out = spec.commandLine().getOut();
            out.println("Session " + ResultWriter.shown(session.get())
                    + " is recorded from its next call on, which says its whole conversation.");
            out.flush();
            return 0;
        }
    }

    /// Takes back what was recorded of it.
    private static void forget(Environment environment) throws InterruptedException, SQLException, IOException {
        environment.settle();
        Optional<Journal> opened = Journal.openExisting(environment.cache().journal());
        if (opened.isEmpty()) {
            return;
        }
        try (Journal journal = opened.get()) {
            if (journal.purges().open().isEmpty()) {
                return;
            }
        }
        new Purge(Purge.Environment.of(
                        environment.cache(),
                        environment.config().query().cache(),
                        environment.home().root().resolve("hypaware"),
                        Progress.NONE))
                .run(environment.gatewayId());
    }

    private static void switched(Environment environment, String session, boolean ignored)
            throws IOException, InterruptedException {
        try {
            new IgnoredSessions(environment.cache().privacyList(), Clock.systemUTC()).ignore(session, ignored);
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    @Command(
            name = "status",
            description = {
                "Whether a session is recorded, and why not.",
                "Exit codes: 0 it is recorded, 1 it is not, 3 no session is known to be at work here."
            },
            mixinStandardHelpOptions = true)
    static final class Status implements Callable<Integer> {

        private static final ObjectMapper JSON = new ObjectMapper();

        @Mixin
        private Meant meant = new Meant();

        @Option(names = "--json", description = "The result as JSON.")
        private boolean json;

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            Environment environment = Environment.load();
            Cache cache = environment.cache();
            Optional<String> session = meant.session(cache, System.getenv());
            if (session.isEmpty()) {
                return none(spec);
            }
            State state = state(cache, session.get());
            boolean ignored = state.is().equals(PrivacyClass.IGNORE.word());
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                ObjectNode shown = JSON.createObjectNode()
                        .put("session_id", session.get())
                        .put("class", state.is())
                        .put("recorded", !ignored)
                        .put("why", state.why());
                out.println(shown.toPrettyString());
            } else {
                out.println("Session " + ResultWriter.shown(session.get())
                        + (ignored ? " is not recorded" : " is recorded") + " (" + state.is() + ")"
                        + (state.why().isEmpty() ? "." : ": " + ResultWriter.shown(state.why()) + "."));
            }
            out.flush();
            return ignored ? 1 : 0;
        }

        /// What holds for a session's next call, and why.
        private record State(String is, String why) {}

        private State state(Cache cache, String session) throws IOException {
            if (new IgnoredSessions(cache.privacyList(), Clock.systemUTC()).isIgnored(session)) {
                return new State(PrivacyClass.IGNORE.word(), SessionClasses.OPTED_OUT);
            }
            Optional<SessionClasses.Decided> decided = decided(cache, session);
            if (decided.filter(it -> it.is().equals(PrivacyClass.IGNORE.word())).isPresent()) {
                return new State(decided.get().is(), decided.get().why());
            }
            // What was said since counts, too.
            PrivacyRules.Verdict next = PrivacyRules.of(cache.privacyList())
                    .of(folder(cache, session, decided), decided.map(SessionClasses.Decided::client));
            if (next.isIgnored()) {
                return new State(next.is().word(), next.why());
            }
            return decided.map(it -> new State(it.is(), it.why()))
                    .orElseGet(() -> new State(
                            PrivacyClass.SYNC.word(), "no call of it was looked at yet, and nothing says otherwise"));
        }

        private Optional<String> folder(Cache cache, String session, Optional<SessionClasses.Decided> decided) {
            return decided.map(SessionClasses.Decided::folder)
                    .filter(it -> !it.isEmpty())
                    .or(() -> SessionHooks.of(cache).first(session).flatMap(Whereabouts::folder))
                    .or(() ->
                            Optional.of(Path.of("").toAbsolutePath().toString()).filter(_ -> meant.current));
        }

        /// As it was decided, unless that was by what the user has taken back.
        private static Optional<SessionClasses.Decided> decided(Cache cache, String session) {
            Optional<Journal> opened = Journal.openExisting(cache.journal());
            if (opened.isEmpty()) {
                return Optional.empty();
            }
            try (Journal journal = opened.get()) {
                return journal.sessionClasses()
                        .of(session)
                        .filter(it -> !it.why().equals(SessionClasses.OPTED_OUT));
            }
        }
    }

    private SessionIgnoreCommands() {}
}
