package io.hypaware.cli;

import io.hypaware.query.QueryException;
import io.hypaware.read.Sessions;
import io.hypaware.secret.Redactor;
import io.hypaware.web.SessionFile;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "export",
        description = {
            "Make a file of a session that stands alone: a page (.html), Markdown (.md), or a line of JSON for each part (.jsonl).",
            "It holds what the session says, and nothing else of this machine."
        },
        mixinStandardHelpOptions = true)
final class SessionExportCommand implements Callable<Integer> {

    private static final int SHORT_ID = 8;

    @Parameters(paramLabel = "<id>", description = "The session's id, or the beginning of it.")
    @SuppressWarnings("NullAway.Init")
    private String id;

    @Option(
            names = "--to",
            paramLabel = "<file>",
            description = "Where to; its ending says how. Default session-<id>.html in this folder.")
    private Optional<Path> to = Optional.empty();

    @Option(
            names = "--redact",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description =
                    "Leave out what looks like a key or a password, as hyp privacy scan finds it; on unless --no-redact.")
    private boolean redact;

    @Option(names = "--force", description = "Write over a file that is there.")
    private boolean force;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        to.ifPresent(this::format);
        Environment environment = Environment.load();
        String session = new Sessions(ExchangeCommand.settled(environment)).named(id);
        Path file = to.orElseGet(() -> Path.of("session-"
                        + session.replaceAll("[^\\w-]", "_").substring(0, Math.min(SHORT_ID, session.length()))
                        + ".html"))
                .toAbsolutePath();
        if (!force && Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new QueryException(file + " is there already; --force writes over it, --to names another");
        }
        write(environment, session, file);
        PrintWriter out = spec.commandLine().getOut();
        out.printf("%s (%s)%s%n", file, StatusText.size(Files.size(file)), redact ? ", secrets left out" : "");
        if (!redact) {
            out.println("Read it before you pass it on: what looks like a secret is in it as it was said.");
        }
        out.flush();
        return 0;
    }

    /// Aside, then in place: a file that is there is whole.
    private void write(Environment environment, String session, Path file) throws Exception {
        Path folder = Optional.ofNullable(file.getParent()).orElse(file);
        if (!Files.isDirectory(folder)) {
            throw new QueryException("there is no folder " + folder + "; make it first, or name another with --to");
        }
        Path aside = Files.createTempFile(
                folder,
                ".session-",
                ".part",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            try (Writer writer = Files.newBufferedWriter(aside, StandardCharsets.UTF_8)) {
                new SessionFile(
                                WebCommand.site(environment),
                                redact ? environment.secrets().redactor() : Redactor.NONE,
                                writer)
                        .write(session, format(file));
            }
            if (force) {
                Files.move(aside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            } else {
                Files.move(aside, file);
            }
        } finally {
            Files.deleteIfExists(aside);
        }
    }

    private SessionFile.Format format(Path file) {
        String name = String.valueOf(file.getFileName());
        String ending = name.substring(name.lastIndexOf('.') + 1).toUpperCase(Locale.ROOT);
        try {
            return SessionFile.Format.valueOf(ending);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(), "a session is written as .html, .md or .jsonl, not as \"" + name + "\"");
        }
    }
}
