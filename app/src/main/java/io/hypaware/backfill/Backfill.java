package io.hypaware.backfill;

import io.hypaware.config.HypConfig;
import io.hypaware.config.RetentionConfig;
import io.hypaware.engine.JavaHeap;
import io.hypaware.home.Cache;
import io.hypaware.home.ProcessLock;
import io.hypaware.home.Progress;
import io.hypaware.journal.Journal;
import io.hypaware.journal.JournalException;
import io.hypaware.journal.Micros;
import io.hypaware.journal.ProjectionBatch;
import io.hypaware.journal.Transcripts;
import io.hypaware.maintain.Positions;
import io.hypaware.maintain.SessionHooks;
import io.hypaware.maintain.Settle;
import io.hypaware.maintain.Writing;
import io.hypaware.privacy.PrivacyRules;
import io.hypaware.project.Messages;
import io.hypaware.project.transcript.Line;
import io.hypaware.project.transcript.TranscriptFormat;
import io.hypaware.project.transcript.TranscriptRows;
import io.hypaware.query.QueryException;
import io.hypaware.read.KnownRows;
import io.hypaware.read.Recorded;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Reads transcripts that are new, or longer than when they were read. Dying at any point repeats nothing: a transcript
/// counts as read with the last of its rows, and what was written of it before is known when it is read again.
public final class Backfill {

    private static final Logger LOG = Logger.getLogger(Backfill.class.getName());

    /// Transcripts that are read together, so that what is known of their sessions is asked for once.
    private static final long TOGETHER_BYTES = 48L << 20;

    private static final int TOGETHER_FILES = 400;

    /// What a query for what is known may take.
    private static final long QUERY_BYTES = 48L << 20;

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    /// What is asked for.
    ///
    /// @param since lines from then on; without it, those that retention keeps
    /// @param until lines before then
    public record Options(Optional<Instant> since, Optional<Instant> until) {
        public static final Options ALL = new Options(Optional.empty(), Optional.empty());
    }

    /// What came of one agent's transcripts.
    ///
    /// @param found files that there are
    /// @param read files that were new, and their bytes
    /// @param unreadLines lines that are no JSON, or too long
    /// @param tooOld lines that retention would drop at once
    /// @param ignored files of which nothing is recorded, as the user has said
    /// @param failed what could not be read, and why
    public record Report(
            String client,
            int found,
            int read,
            long bytes,
            int sessions,
            TranscriptRows.Counts counts,
            long unreadLines,
            long tooOld,
            int ignored,
            List<String> failed) {}

    private final Cache cache;
    private final HypConfig config;
    private final Writing writing;
    private final Clock clock;
    private final Consumer<BackfillStep> steps;

    public Backfill(Cache cache, HypConfig config, Writing writing, Clock clock) {
        this(cache, config, writing, clock, _ -> {});
    }

    /// @param steps told of each step that is done
    Backfill(Cache cache, HypConfig config, Writing writing, Clock clock, Consumer<BackfillStep> steps) {
        this.cache = cache;
        this.config = config;
        this.writing = writing;
        this.clock = clock;
        this.steps = steps;
    }

    /// Reads what is new of one agent's transcripts.
    public Report run(TranscriptFormat format, TranscriptFiles.Found found, Options options, Progress progress)
            throws IOException, SQLException, InterruptedException, QueryException {
        List<String> failed = new ArrayList<>(found.unread());
        cache.make();
        Map<String, Transcripts.File> before;
        List<Families.Member> members;
        try (Journal journal = Journal.open(cache.journal());
                ProjectionBatch batch = journal.projectionBatch(() -> {})) {
            before = batch.transcripts().all();
            // What was purged does not come back.
            members = news(found.files(), before, options, failed).stream()
                    .filter(member ->
                            batch.transcripts().toldSince(member.head().session()) < Long.MAX_VALUE)
                    .toList();
        }
        List<Families.Family> families = Families.of(members, sessionsByRoot(before));
        Tally tally = new Tally();
        long bytes = families.stream().mapToLong(Families.Family::bytes).sum();
        if (!members.isEmpty()) {
            progress.begin("importing " + format.client(), members.size(), bytes);
        }
        try (Flushing flushing = new Flushing(cache, config.query().cache().maintenance(), steps)) {
            if (!families.isEmpty()) {
                new Settle(cache, writing, clock).run();
            }
            for (List<Families.Family> together : together(families)) {
                read(together, new Work(options, tally, failed, progress, flushing));
            }
            if (tally.files > 0) {
                flushing.start();
            }
            flushing.await();
        } finally {
            progress.end();
        }
        return new Report(
                format.client(),
                found.files().size(),
                tally.files,
                tally.bytes,
                tally.sessions.size(),
                tally.counts,
                tally.unreadLines,
                tally.tooOld,
                tally.ignored,
                failed);
    }

    /// Lets transcripts tell of a session again that was purged; whether it was.
    public static boolean allowAgain(Cache cache, String session) {
        try (Journal journal = Journal.open(cache.journal())) {
            return journal.purges().allowAgain(session);
        }
    }

    /// What has been done so far.
    static final class Tally {
        private int files;
        private int ignored;
        private long bytes;
        private long unreadLines;
        private long tooOld;
        private final Set<String> sessions = new TreeSet<>();
        private TranscriptRows.Counts counts = TranscriptRows.Counts.NONE;
    }

    /// What reading some transcripts needs to know of the run.
    private record Work(Options options, Tally tally, List<String> failed, Progress progress, Flushing flushing) {}

    private static Map<String, Set<String>> sessionsByRoot(Map<String, Transcripts.File> before) {
        Map<String, Set<String>> sessions = new HashMap<>();
        for (Transcripts.File file : before.values()) {
            if (!file.root().isEmpty()) {
                sessions.computeIfAbsent(file.root(), _ -> new TreeSet<>()).add(file.session());
            }
        }
        return sessions;
    }

    /// Whether a transcript has anything that was not read.
    ///
    /// @param oldest what retention keeps
    static boolean isNew(TranscriptFile file, Map<String, Transcripts.File> before, Instant oldest) {
        Transcripts.File then = before.get(file.key());
        return then == null
                || then.size() != file.size()
                || then.modifiedMicros() != file.modifiedMicros()
                || Micros.of(oldest) < then.leftOutMicros();
    }

    private List<Families.Member> news(
            List<TranscriptFile> files, Map<String, Transcripts.File> before, Options options, List<String> failed) {
        List<Families.Member> members = new ArrayList<>();
        long from = options.since().map(Micros::of).orElse(Long.MIN_VALUE);
        for (TranscriptFile file : files) {
            if (!isNew(file, before, oldest()) || file.modifiedMicros() < from) {
                continue;
            }
            try {
                members.add(new Families.Member(file, Head.of(file)));
            } catch (IOException | RuntimeException | StackOverflowError e) {
                failed.add(file.key() + " cannot be read: " + e.getMessage());
            }
        }
        return members;
    }

    private static List<List<Families.Family>> together(List<Families.Family> families) {
        List<List<Families.Family>> all = new ArrayList<>();
        long bytes = 0;
        int files = 0;
        for (Families.Family family : families) {
            boolean full = bytes + family.bytes() > TOGETHER_BYTES || files > TOGETHER_FILES;
            if (all.isEmpty() || full) {
                all.add(new ArrayList<>());
                bytes = 0;
                files = 0;
            }
            all.getLast().add(family);
            bytes += family.bytes();
            files += family.members().size();
        }
        return all;
    }

    /// Reads some families while nobody else projects, and what has gathered before is taken to the lake.
    private void read(List<Families.Family> families, Work work)
            throws IOException, SQLException, InterruptedException, QueryException {
        // Two engines at once would be too much.
        work.flushing().await();
        try (ProcessLock _ = ProcessLock.take(cache.projectionLock(), "import", PATIENCE);
                Journal journal = Journal.open(cache.journal());
                ProjectionBatch batch = journal.projectionBatch(() -> steps.accept(BackfillStep.WRITTEN))) {
            Positions.continueAfterLake(cache, journal);
            Import rows = new Import(batch, writing, clock, rows(), SessionHooks.of(cache));
            rows.load(families);
            if (journal.stats().hotBytes()
                    > config.query().cache().maintenance().flushBytes()) {
                work.flushing().start();
            }
            // Somebody else may have read some of them meanwhile.
            Map<String, Transcripts.File> done = batch.transcripts().all();
            TranscriptGate gate = new TranscriptGate(PrivacyRules.of(cache.privacyList()), journal.sessionClasses());
            for (Families.Family family : families) {
                rows.begin(family);
                for (Families.Member member : family.members()) {
                    if (gate.isIgnored(member)) {
                        work.tally().ignored++;
                    } else if (!work.options().equals(Options.ALL) || isNew(member.file(), done, oldest())) {
                        read(new Reading(rows, batch, gate), member, work);
                    }
                }
            }
        }
    }

    /// What transcripts are read with, one after the other.
    private record Reading(Import rows, ProjectionBatch batch, TranscriptGate gate) {}

    private void read(Reading reading, Families.Member member, Work work) {
        ProjectionBatch batch = reading.batch();
        TranscriptFile file = member.file();
        Tally tally = work.tally();
        LineSource lines = LineSource.of(file, writing.redactor());
        Window window = new Window(work.options(), oldest(), batch.transcripts()::toldSince);
        try {
            TranscriptRows transcript = new TranscriptRows(file.format(), reading.rows());
            TranscriptFormat.LineReader reader = file.format().reader(Head.source(file, writing.redactor()));
            lines.read((node, number) -> {
                for (Line line : reader.read(node, number)) {
                    if (window.holds(line)
                            && reading.gate().holds(line, file.format().client())) {
                        transcript.line(line);
                    }
                }
                if (batch.isMuch()) {
                    batch.writeAll();
                }
                return true;
            });
            tally.counts = tally.counts.plus(transcript.end());
            if (work.options().equals(Options.ALL)) {
                batch.transcripts()
                        .put(new Transcripts.File(
                                file.key(),
                                file.format().client(),
                                file.size(),
                                file.modifiedMicros(),
                                member.head().hash(),
                                member.head().root(),
                                member.head().session(),
                                window.tooOld > 0 ? Micros.of(oldest()) : 0));
            }
            batch.writeAll();
            steps.accept(BackfillStep.FILE_READ);
            tally.files++;
            tally.bytes += file.size();
            tally.sessions.add(member.head().session());
        } catch (JournalException e) {
            throw e;
        } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
            // What one file does says nothing of the next.
            LOG.log(Level.INFO, "a transcript could not be read", e);
            batch.discardAll();
            work.failed()
                    .add(file.key() + " cannot be read: "
                            + (e instanceof OutOfMemoryError ? "a message in it is too large" : e.getMessage()));
        }
        tally.tooOld += window.tooOld;
        tally.unreadLines += lines.unread();
        JavaHeap.keepSmall();
        work.progress().advance(1, file.size());
    }

    /// When the oldest row is of that retention keeps.
    private Instant oldest() {
        return oldest(config, clock.instant());
    }

    static Instant oldest(HypConfig config, Instant now) {
        RetentionConfig retention = config.query().cache().retention();
        int days = retention.datasets().getOrDefault(Messages.DATASET.name(), retention.defaultDays());
        return days == 0 ? Instant.EPOCH : now.minus(Duration.ofDays(days));
    }

    /// The lines that are wanted.
    private static final class Window {
        private final Instant oldest;
        private final Instant from;
        private final Instant until;
        private final Function<String, Long> purged;
        private final Map<String, Long> purgedUntil = new HashMap<>();
        private long tooOld;

        /// @param oldest what retention keeps
        /// @param purged since when a session may be told of again, in microseconds
        Window(Options options, Instant oldest, Function<String, Long> purged) {
            this.oldest = oldest;
            this.purged = purged;
            this.from = options.since().orElse(oldest);
            this.until = options.until().orElse(Instant.MAX);
        }

        boolean holds(Line line) {
            boolean old = line.at().isBefore(oldest);
            tooOld += old ? 1 : 0;
            // A transcript may have lines of another session than its own.
            return !old
                    && !line.at().isBefore(from)
                    && line.at().isBefore(until)
                    && Micros.of(line.at()) >= purgedUntil.computeIfAbsent(line.session(), purged);
        }
    }

    private KnownRows rows() {
        return new KnownRows(new Recorded(cache, QUERY_BYTES));
    }
}
