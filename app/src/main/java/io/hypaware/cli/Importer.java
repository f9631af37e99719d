package io.hypaware.cli;

import io.hypaware.backfill.Backfill;
import io.hypaware.backfill.Survey;
import io.hypaware.client.Agent;
import io.hypaware.client.ClientException;
import io.hypaware.home.HypHome;
import io.hypaware.home.Progress;
import io.hypaware.project.transcript.TranscriptFormat;
import io.hypaware.project.transcript.TranscriptFormats;
import io.hypaware.query.QueryException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Imports the transcripts of agents that are attached, beside what else a command does.
final class Importer {

    private static final Logger LOG = Logger.getLogger(Importer.class.getName());
    private static final Duration EVERY = Duration.ofHours(1);

    private final Environment environment;

    Importer(Environment environment) {
        this.environment = environment;
    }

    static Optional<TranscriptFormat> format(Agent agent) {
        return TranscriptFormats.all().stream()
                .filter(format -> format.client().equals(agent.name()))
                .findFirst();
    }

    /// What is new of an agent's transcripts; nothing, if they cannot be read at all.
    Optional<Survey> survey(Agent agent) throws IOException {
        Optional<TranscriptFormat> format = format(agent);
        return format.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        Survey.of(BackfillCommand.files(), format.get(), environment.cache(), environment.config()));
    }

    Backfill.Report run(Survey survey, Progress progress)
            throws IOException, SQLException, InterruptedException, QueryException {
        return new Backfill(environment.cache(), environment.config(), environment.writing(), Clock.systemUTC())
                .run(survey.format(), survey.found(), Backfill.Options.ALL, progress);
    }

    /// Imports what is new of all that are attached, if that was not done in the last hour.
    void hourly() throws IOException, InterruptedException {
        Path mark = environment.home().run().resolve("imported");
        boolean due = !Files.exists(mark)
                || Files.getLastModifiedTime(mark).toInstant().plus(EVERY).isBefore(Instant.now());
        if (!due) {
            return;
        }
        for (Agent agent : attached()) {
            try {
                Optional<Survey> survey = survey(agent);
                if (survey.isPresent() && survey.get().newFiles() > 0) {
                    Backfill.Report report = run(survey.get(), Progress.NONE);
                    LOG.info("import: " + BackfillCommand.text(report).strip());
                }
            } catch (IOException | SQLException | QueryException | RuntimeException e) {
                LOG.log(Level.WARNING, "the transcripts of " + agent.name() + " could not be imported", e);
            }
        }
        Files.createDirectories(mark.getParent());
        Files.writeString(mark, "");
    }

    /// Whether the user does not want an agent's transcripts.
    private Path refusal(Agent agent) {
        return environment.home().run().resolve("no-import-" + agent.name());
    }

    /// Remembers whether an agent's transcripts are wanted each hour.
    void want(Agent agent, boolean wanted) throws IOException {
        if (wanted) {
            Files.deleteIfExists(refusal(agent));
        } else {
            HypHome.privateFolder(environment.home().run());
            Files.writeString(refusal(agent), "");
        }
    }

    private List<Agent> attached() {
        List<Agent> attached = new ArrayList<>();
        for (Agent agent : Agent.all(System.getenv(), environment.home().root())) {
            try {
                if (!Files.exists(refusal(agent)) && agent.attachedPort().isPresent()) {
                    attached.add(agent);
                }
            } catch (ClientException e) {
                LOG.log(Level.INFO, "the settings of " + agent.name() + " cannot be read", e);
            }
        }
        return attached;
    }
}
