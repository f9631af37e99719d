package io.hypaware.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.daemon.IgnoredSessions;
import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.journal.Journal;
import io.hypaware.journal.Purges;
import io.hypaware.journal.SessionClasses;
import io.hypaware.maintain.SessionHooks;
import io.hypaware.maintain.purge.Purge;
import io.hypaware.privacy.PrivacyClass;
import io.hypaware.privacy.PrivacyList;
import io.hypaware.privacy.PrivacyRules;
import io.hypaware.project.known.Whereabouts;
import io.hypaware.query.QueryException;
import io.hypaware.query.ResultWriter;
import io.hypaware.read.Ambiguous;
import io.hypaware.read.Recorded;
import io.hypaware.read.Sessions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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

        @Parameters(
                arity = "0..1",
                paramLabel = "<id>",
                description = "The session's id; of one that is recorded, the beginning is enough.")
        private Optional<String> id = Optional.empty();

        @Option(
                names = "--current",
                description = "The session in which this runs, as its agent says; else the last one of this folder.")
        private boolean current;

        @Spec(Spec.Target.MIXEE)
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        /// The session's id; nothing if none is known to be at work here.
        Optional<Named> session(Environment environment) throws QueryException, SQLException, IOException {
            if (id.isPresent() == current) {
                throw new ParameterException(spec.commandLine(), "say which session: its id, or --current");
            }
            if (id.isPresent()) {
                return Optional.of(named(environment, id.get()));
            }
            Map<String, String> variables = System.getenv();
            return VARIABLES.stream()
                    .map(name -> variables.getOrDefault(name, ""))
                    .filter(value -> !value.isBlank())
                    .findFirst()
                    .or(() -> Stream.of(Path.of("").toAbsolutePath().toString(), variables.getOrDefault("PWD", ""))
                            .flatMap(folder -> SessionHooks.of(environment.cache()).last(folder).stream())
                            .findFirst())
                    .map(session -> new Named(session, true));
        }

        /// By the beginning of its id, where something is known of it.
        private static Named named(Environment environment, String id)
                throws QueryException, SQLException, IOException {
            Cache cache = environment.cache();
            Map<String, String> known = new TreeMap<>(new Sessions(
                            new Recorded(cache, environment.config().query().memoryBytes()))
                    .beginningWith(id));
            PrivacyList.read(cache.privacyList()).sessions().keySet().stream()
                    .filter(session -> session.startsWith(id))
                    .forEach(session -> known.putIfAbsent(session, "said here what is kept of it"));
            Optional<Journal> opened = Journal.openExisting(cache.journal());
            if (opened.isPresent()) {
                try (Journal journal = opened.get()) {
                    journal.sessionClasses()
                            .beginningWith(id)
                            .forEach(decided -> known.putIfAbsent(decided.session(), decided.folder()));
                }
            }
            if (known.containsKey(id) || known.isEmpty()) {
                return new Named(
                        id, !known.isEmpty() || SessionHooks.of(cache).first(id).isPresent());
            }
            if (known.size() > 1) {
                throw Ambiguous.of("session", id, known, "hyp session list");
            }
            return new Named(known.keySet().iterator().next(), true);
        }
    }

    /// A session that is meant.
    ///
    /// @param isKnown whether a call of it was seen, or something was said of it
    record Named(String id, boolean isKnown) {

        String shown() {
            return ResultWriter.shown(id);
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
        public Integer call() throws IOException, InterruptedException, SQLException, QueryException {
            Environment environment = Environment.load();
            Optional<Named> session = meant.session(environment);
            if (session.isEmpty()) {
                return none(spec);
            }
            switched(environment, session.get().id(), true);
            PrintWriter out = spec.commandLine().getOut();
            if (session.get().isKnown()) {
                forget(environment, session.get().id());
                out.println("Session " + session.get().shown()
                        + " is not recorded: its calls go through as always, what was recorded of it has gone.");
            } else {
                out.println("No call of a session " + session.get().shown()
                        + " is known; if one comes, it is not recorded. Those that are known: hyp session list");
            }
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
        public Integer call() throws IOException, InterruptedException, SQLException, QueryException {
            Environment environment = Environment.load();
            Optional<Named> session = meant.session(environment);
            if (session.isEmpty()) {
                return none(spec);
            }
            switched(environment, session.get().id(), false);
            State now = state(environment.cache(), session.get().id(), meant.current);
            PrintWriter out = spec.commandLine().getOut();
            out.println("Session " + session.get().shown()
                    + (now.isIgnored()
                            ? " is still not recorded: " + ResultWriter.shown(now.why()) + "."
                            : " is recorded from its next call on, which says its whole conversation."));
            out.flush();
            return now.isIgnored() ? 1 : 0;
        }
    }

    /// Takes back what was recorded of it.
    private static void forget(Environment environment, String session)
            throws InterruptedException, SQLException, IOException {
        environment.settle();
        Optional<Journal> opened = Journal.openExisting(environment.cache().journal());
        if (opened.isEmpty()) {
            return;
        }
        try (Journal journal = opened.get()) {
            boolean isOrdered = journal.purges().open().stream()
                    .anyMatch(order -> order.kind().equals(Purges.SESSION)
                            && order.argument().equals(session));
            if (!isOrdered) {
                Purge.session(journal, session, Instant.now());
            }
        }
        new Purge(Purge.Environment.of(
                        environment.cache(),
                        environment.config().query().cache(),
                        environment.home().root().resolve("hypaware"),
                        Progress.NONE))
                .run(environment.writing());
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
        public Integer call() throws IOException, SQLException, QueryException {
            Environment environment = Environment.load();
            Optional<Named> session = meant.session(environment);
            if (session.isEmpty()) {
                return none(spec);
            }
            if (!session.get().isKnown()) {
                spec.commandLine()
                        .getErr()
                        .println(
                                "hyp: no call of a session " + session.get().id() + " is known; see: hyp session list");
                return NO_SESSION;
            }
            State state = state(environment.cache(), session.get().id(), meant.current);
            boolean ignored = state.isIgnored();
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                ObjectNode shown = JSON.createObjectNode()
                        .put("session_id", session.get().id())
                        .put("class", state.is())
                        .put("recorded", !ignored)
                        .put("why", state.why());
                out.println(shown.toPrettyString());
            } else {
                out.println("Session " + session.get().shown()
                        + (ignored ? " is not recorded" : " is recorded") + " (" + state.is() + ")"
                        + (state.why().isEmpty() ? "." : ": " + ResultWriter.shown(state.why()) + "."));
            }
            out.flush();
            return ignored ? 1 : 0;
        }
    }

    /// What holds for a session's next call, and why.
    private record State(String is, String why) {

        boolean isIgnored() {
            return is.equals(PrivacyClass.IGNORE.word());
        }
    }

    private static State state(Cache cache, String session, boolean isCurrent) throws IOException {
        if (new IgnoredSessions(cache.privacyList(), Clock.systemUTC()).isIgnored(session)) {
            return new State(PrivacyClass.IGNORE.word(), SessionClasses.OPTED_OUT);
        }
        Optional<SessionClasses.Decided> decided = decided(cache, session);
        if (decided.filter(it -> it.is().equals(PrivacyClass.IGNORE.word())).isPresent()) {
            return new State(decided.get().is(), decided.get().why());
        }
        // What was said since counts, too.
        PrivacyRules.Verdict next = PrivacyRules.of(cache.privacyList())
                .of(folder(cache, session, decided, isCurrent), decided.map(SessionClasses.Decided::client));
        if (next.isIgnored()) {
            return new State(next.is().word(), next.why());
        }
        return decided.map(it -> new State(it.is(), it.why()))
                .orElseGet(() -> new State(
                        PrivacyClass.SYNC.word(), "no call of it was looked at yet, and nothing says otherwise"));
    }

    private static Optional<String> folder(
            Cache cache, String session, Optional<SessionClasses.Decided> decided, boolean isCurrent) {
        return decided.map(SessionClasses.Decided::folder)
                .filter(it -> !it.isEmpty())
                .or(() -> SessionHooks.of(cache).first(session).flatMap(Whereabouts::folder))
                .or(() -> Optional.of(Path.of("").toAbsolutePath().toString()).filter(_ -> isCurrent));
    }

    /// As it was decided, unless that was by what the user has taken back.
    private static Optional<SessionClasses.Decided> decided(Cache cache, String session) {
        Optional<Journal> opened = Journal.openExisting(cache.journal());
        if (opened.isEmpty()) {
            return Optional.empty();
        }
        try (Journal journal = opened.get()) {
            return journal.sessionClasses().of(session).filter(it -> !it.why().equals(SessionClasses.OPTED_OUT));
        }
    }

    private SessionIgnoreCommands() {}
}
