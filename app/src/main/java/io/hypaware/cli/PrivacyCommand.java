package io.hypaware.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.config.Nearest;
import io.hypaware.home.Cache;
import io.hypaware.journal.Journal;
import io.hypaware.journal.SessionClasses;
import io.hypaware.privacy.Mark;
import io.hypaware.privacy.PrivacyClass;
import io.hypaware.privacy.PrivacyList;
import io.hypaware.query.ResultWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "privacy",
        description = {
            "What is recorded of which folder and agent, what is taken back, and which secrets went out.",
            "Classes: sync (recorded), local-only (recorded, never leaves this machine), ignore (not recorded). The",
            "strictest of all that say something counts: marks made here, and files named .hypignore."
        },
        mixinStandardHelpOptions = true,
        subcommands = {
            PrivacyCommand.Set.class,
            PrivacyCommand.Unset.class,
            PrivacyCommand.Ignore.class,
            PrivacyCommand.Unignore.class,
            PrivacyCommand.ListThem.class,
            PrivacyShowCommand.class,
            PrivacyPurgeCommand.class,
            PrivacyVerifyCommand.class,
            PrivacyScanCommand.class
        })
final class PrivacyCommand {

    private static final ObjectMapper JSON = new ObjectMapper();

    /// As rows name those that are known.
    private static final List<String> AGENTS = List.of("claude", "codex", "gemini", "opencode");

    /// A folder that someone typed, and what it is where links lead elsewhere.
    static List<Path> named(CommandSpec spec, String folder) {
        try {
            Path typed = Path.of(folder).toAbsolutePath().normalize();
            List<Path> names = new ArrayList<>(List.of(typed));
            if (Files.exists(typed)) {
                Path real = typed.toRealPath();
                if (!real.equals(typed)) {
                    names.add(real);
                }
            }
            return names;
        } catch (InvalidPathException | IOException e) {
            throw new ParameterException(spec.commandLine(), folder + " is no folder's path: " + e.getMessage());
        }
    }

    /// Changes what the list says of folders and agents, and says so.
    static void change(
            CommandSpec spec,
            Optional<String> folder,
            Optional<String> client,
            PrivacyClass is,
            BiFunction<PrivacyList, Mark, PrivacyList> change)
            throws IOException, InterruptedException {
        if (folder.isEmpty() && client.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "say which folder, which agent by --client, or both");
        }
        client.ifPresent(name -> checkAgent(spec, name));
        // What was called until now is decided by what was said until now.
        Environment.load().settle();
        List<Mark> marks = folder.isEmpty()
                ? List.of(new Mark(folder.map(Path::of), client, is))
                : named(spec, folder.get()).stream()
                        .map(path -> new Mark(Optional.of(path), client, is))
                        .toList();
        Path file = cache().privacyList();
        PrivacyList.update(file, before -> {
            PrivacyList after = before;
            for (Mark mark : marks) {
                after = change.apply(after, mark);
            }
            return after;
        });
    }

    /// A mark is of no use under a name that no row has.
    private static void checkAgent(CommandSpec spec, String name) {
        if (AGENTS.contains(name)) {
            return;
        }
        String typed = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z].*", "");
        Optional<String> meant = AGENTS.contains(typed) ? Optional.of(typed) : Nearest.of(typed, AGENTS);
        if (meant.isPresent()) {
            throw new ParameterException(
                    spec.commandLine(), "there is no agent \"" + name + "\"; did you mean " + meant.get() + "?");
        }
        spec.commandLine()
                .getErr()
                .println("hyp: agents are named " + String.join(", ", AGENTS) + "; \"" + name
                        + "\" counts for calls that rows name so in client_name");
    }

    static Cache cache() {
        return Environment.load().cache();
    }

    private static void say(CommandSpec spec, String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }

    private static String subject(CommandSpec spec, Optional<String> folder, Optional<String> client) {
        String where =
                folder.map(path -> named(spec, path).getFirst().toString()).orElse("all folders");
        return ResultWriter.shown(client.map(name -> where + ", " + name).orElse(where));
    }

    /// What was recorded before is not touched by a mark.
    private static void sayIgnored(CommandSpec spec, Optional<String> folder, Optional<String> client) {
        say(spec, subject(spec, folder, client) + ": calls go through as always, and are not recorded from now on.");
        folder.ifPresent(path -> say(
                spec,
                "What was recorded before stays. hyp privacy purge " + ResultWriter.shown(path) + " takes it back."));
    }

    @Command(
            name = "set",
            description = "Say what happens to what is said in a folder and below it, to an agent, or to both.",
            mixinStandardHelpOptions = true)
    static final class Set implements Callable<Integer> {

        @Parameters(index = "0", paramLabel = "<class>", description = "sync, local-only or ignore.")
        @SuppressWarnings("NullAway.Init")
        private String is;

        @Parameters(index = "1", arity = "0..1", paramLabel = "<path>", description = "The folder.")
        private Optional<String> folder = Optional.empty();

        @Option(names = "--client", paramLabel = "<name>", description = "Only this agent's calls, such as codex.")
        private Optional<String> client = Optional.empty();

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException, InterruptedException {
            PrivacyClass named = PrivacyClass.of(is)
                    .orElseThrow(() -> new ParameterException(
                            spec.commandLine(),
                            "there is no class " + is + "; there are " + String.join(", ", PrivacyClass.words())));
            change(spec, folder, client, named, PrivacyList::with);
            if (named == PrivacyClass.IGNORE) {
                sayIgnored(spec, folder, client);
            } else {
                say(spec, subject(spec, folder, client) + ": " + named.word());
            }
            return 0;
        }
    }

    @Command(name = "unset", description = "Take back what was set.", mixinStandardHelpOptions = true)
    static final class Unset implements Callable<Integer> {

        @Parameters(arity = "0..1", paramLabel = "<path>", description = "The folder.")
        private Optional<String> folder = Optional.empty();

        @Option(names = "--client", paramLabel = "<name>", description = "What was set for this agent.")
        private Optional<String> client = Optional.empty();

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException, InterruptedException {
            change(spec, folder, client, PrivacyClass.SYNC, PrivacyList::without);
            say(spec, subject(spec, folder, client) + ": nothing is set");
            return 0;
        }
    }

    @Command(
            name = "ignore",
            description = "Do not record what is said in a folder and below it; as set ignore.",
            mixinStandardHelpOptions = true)
    static final class Ignore implements Callable<Integer> {

        @Parameters(paramLabel = "<path>", description = "The folder.")
        @SuppressWarnings("NullAway.Init")
        private String folder;

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException, InterruptedException {
            Optional<String> where = Optional.of(folder);
            change(spec, where, Optional.empty(), PrivacyClass.IGNORE, PrivacyList::with);
            sayIgnored(spec, where, Optional.empty());
            return 0;
        }
    }

    @Command(
            name = "unignore",
            description = "Take back what ignore said. Files named .hypignore stay as they are.",
            mixinStandardHelpOptions = true)
    static final class Unignore implements Callable<Integer> {

        @Parameters(paramLabel = "<path>", description = "The folder.")
        @SuppressWarnings("NullAway.Init")
        private String folder;

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException, InterruptedException {
            change(
                    spec,
                    Optional.of(folder),
                    Optional.empty(),
                    PrivacyClass.IGNORE,
                    (list, mark) -> list.marks().contains(mark) ? list.without(mark) : list);
            return new PrivacyShow(cache(), named(spec, folder).getFirst(), Optional.empty())
                    .print(spec.commandLine().getOut());
        }
    }

    @Command(
            name = "list",
            description = "What is set, and which sessions were not recorded.",
            mixinStandardHelpOptions = true)
    static final class ListThem implements Callable<Integer> {

        @Option(names = "--json", description = "The result as JSON.")
        private boolean json;

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            Cache cache = cache();
            PrivacyList list = PrivacyList.read(cache.privacyList());
            List<SessionClasses.Decided> ignored = ignored(cache);
            if (json) {
                say(spec, json(list, ignored).toPrettyString());
                return 0;
            }
            if (list.marks().isEmpty() && list.sessions().isEmpty() && ignored.isEmpty()) {
                say(spec, "Nothing is set: all is recorded.");
            }
            for (Mark mark : list.marks()) {
                say(spec, "%-11s %s".formatted(mark.is().word(), ResultWriter.shown(mark.subject())));
            }
            list.sessions().keySet().stream()
                    .sorted()
                    .forEach(session -> say(spec, "ignore      session " + ResultWriter.shown(session)));
            ignored.stream()
                    .filter(session -> !list.sessions().containsKey(session.session()))
                    .forEach(session -> say(
                            spec,
                            "            session %s is not recorded: %s"
                                    .formatted(
                                            ResultWriter.shown(session.session()), ResultWriter.shown(session.why()))));
            return 0;
        }

        /// Sessions of which something was not recorded.
        private static List<SessionClasses.Decided> ignored(Cache cache) {
            Optional<Journal> opened = Journal.openExisting(cache.journal());
            if (opened.isEmpty()) {
                return List.of();
            }
            try (Journal journal = opened.get()) {
                return journal.sessionClasses().all(PrivacyClass.IGNORE.word());
            }
        }

        private static ObjectNode json(PrivacyList list, List<SessionClasses.Decided> ignored) {
            ObjectNode all = JSON.createObjectNode();
            ArrayNode marks = all.putArray("marks");
            list.marks().forEach(mark -> {
                ObjectNode one = marks.addObject().put("class", mark.is().word());
                mark.folder().ifPresent(path -> one.put("path", path.toString()));
                mark.client().ifPresent(name -> one.put("client", name));
            });
            ArrayNode sessions = all.putArray("sessions");
            list.sessions().keySet().stream().sorted().forEach(sessions::add);
            ArrayNode found = all.putArray("ignored_sessions");
            ignored.forEach(one -> found.addObject()
                    .put("session_id", one.session())
                    .put("client_name", one.client())
                    .put("why", one.why()));
            return all;
        }
    }
}
