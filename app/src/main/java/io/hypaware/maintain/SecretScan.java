package io.hypaware.maintain;

import io.hypaware.dataset.Datasets;
import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.journal.Journal;
import io.hypaware.journal.SecretLedger;
import io.hypaware.journal.SecretSighting;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.legacy.AdoptionRecord;
import io.hypaware.query.QueryException;
import io.hypaware.read.Recorded;
import io.hypaware.read.ScannableText;
import io.hypaware.read.ScannableTexts;
import io.hypaware.secret.Finding;
import io.hypaware.secret.Redactor;
import io.hypaware.secret.SecretFinder;
import io.hypaware.secret.Secrets;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/// Looks for secrets in what was recorded since it last did. It reads texts in the order of their positions, so many at
/// a
/// time, and writes down each time what it found and how far that reaches, in one step: dying repeats nothing and
/// misses
/// nothing.
public final class SecretScan {

    /// Positions at a time.
    private static final long AT_A_TIME = 50_000;

    /// Of so many positions that are read as they were at one moment; opening that takes long.
    private static final int PIECES = 8;

    /// A text has no more that are told one by one.
    private static final int MOST_IN_A_TEXT = 1_000;

    /// So many are held until they are written down.
    private static final int MOST_HELD = 20_000;

    private static final int LONGEST_SUBJECT = 200;

    /// What there is to be looked through.
    ///
    /// @param last position of a row that was ever written
    /// @param adopted whether rows of older caches were taken over, too
    private record Reach(long last, boolean adopted) {}

    private final Cache cache;
    private final ScannableTexts texts;
    private final Secrets secrets;
    private final Redactor redactor;
    private final Runnable beforeCommit;
    private boolean begun;

    /// @param memoryBytes most that a query may take
    public SecretScan(Cache cache, long memoryBytes, Secrets secrets) {
        this(cache, memoryBytes, secrets, () -> {});
    }

    /// @param beforeCommit told before what was found is written down
    SecretScan(Cache cache, long memoryBytes, Secrets secrets, Runnable beforeCommit) {
        this.cache = cache;
        this.texts = new ScannableTexts(new Recorded(cache, memoryBytes));
        this.secrets = secrets;
        this.redactor = secrets.redactor();
        this.beforeCommit = beforeCommit;
    }

    /// Looks through what is new.
    ///
    /// @param isEnough asked between pieces of work, so that there is always one; what is left is for the next time
    /// @return how many texts were looked through
    public long run(Progress progress, BooleanSupplier isEnough) throws IOException, SQLException, QueryException {
        Optional<SecretLedger> opened = SecretLedger.openExisting(cache.journal());
        if (opened.isEmpty()) {
            return 0;
        }
        begun = false;
        try (SecretLedger ledger = opened.get()) {
            Reach reach = reach();
            long looked = recent(ledger, reach.last(), progress, isEnough);
            return reach.adopted() ? looked + adopted(ledger, isEnough) : looked;
        }
    }

    private long recent(SecretLedger ledger, long last, Progress progress, BooleanSupplier isEnough)
            throws IOException, SQLException, QueryException {
        long position = ledger.position(secrets.scope(), "");
        if (position > last) {
            // It is of rows that are not here.
            position = 0;
        }
        if (position == last) {
            return 0;
        }
        long looked = 0;
        progress.begin("looking for secrets", "rows", last - position);
        try {
            while (position < last && isToGoOn(isEnough)) {
                try (ScannableTexts.Pieces pieces = texts.pieces(position, last, AT_A_TIME, PIECES)) {
                    do {
                        Found found = new Found();
                        long to = pieces.next(found::look);
                        beforeCommit.run();
                        ledger.commit(secrets.scope(), "", to, found.sightings());
                        progress.advance(0, to - position);
                        looked += found.looked;
                        position = to;
                    } while (pieces.hasNext() && isToGoOn(isEnough));
                }
            }
        } finally {
            progress.end();
        }
        return looked;
    }

    /// What was adopted has no position of its own; a partition of which there are more parts than before is looked
    /// through anew.
    private long adopted(SecretLedger ledger, BooleanSupplier isEnough)
            throws IOException, SQLException, QueryException {
        long looked = 0;
        for (Map.Entry<ScannableTexts.Adopted, Long> partition : texts.adopted().entrySet()) {
            String part = partition.getKey().name();
            if (partition.getValue() > ledger.position(secrets.scope(), part) && isToGoOn(isEnough)) {
                Found found = new Found();
                texts.adopted(partition.getKey(), found::look);
                beforeCommit.run();
                ledger.commit(secrets.scope(), part, partition.getValue(), found.sightings());
                looked += found.looked;
            }
        }
        return looked;
    }

    private boolean isToGoOn(BooleanSupplier isEnough) {
        boolean first = !begun;
        begun = true;
        return first || !isEnough.getAsBoolean();
    }

    private Reach reach() {
        long ofJournal;
        try (Journal journal = Journal.open(cache.journal())) {
            ofJournal = journal.lastAssignedSeq();
        }
        try (Lake lake = Lake.open(cache)) {
            List<LakeTable> tables = Datasets.all().stream()
                    .flatMap(dataset -> lake.table(dataset).stream())
                    .toList();
            return new Reach(
                    tables.stream().mapToLong(LakeTable::journalSeq).reduce(ofJournal, Math::max),
                    tables.stream()
                            .anyMatch(table -> AdoptionRecord.newest(table).isPresent()));
        }
    }

    /// What is found in a piece.
    private final class Found {

        private final List<Sight> held = new ArrayList<>();
        private final Set<String> ofRows = new HashSet<>();
        private long looked;

        private record Sight(ScannableText text, String fingerprint, String rule, int times) {}

        private void look(ScannableText text) {
            looked++;
            List<Finding> all = secrets.finder().find(text.text());
            Set<SecretFinder.Mark> marks = secrets.areMarked() ? SecretFinder.marks(text.text()) : Set.of();
            if (all.isEmpty() && marks.isEmpty()) {
                return;
            }
            Map<String, Sight> once = new HashMap<>();
            ScannableText place = withoutText(text);
            for (Finding finding : all.subList(0, Math.min(all.size(), MOST_IN_A_TEXT))) {
                String fingerprint = secrets.fingerprints().of(finding);
                once.merge(
                        fingerprint,
                        new Sight(place, fingerprint, finding.rule(), 1),
                        (a, b) -> new Sight(place, fingerprint, a.rule, a.times + b.times));
            }
            for (SecretFinder.Mark mark : marks) {
                once.putIfAbsent(mark.fingerprint(), new Sight(place, mark.fingerprint(), mark.rule(), 1));
            }
            boolean isRow = !text.origin().equals(ScannableTexts.BODY);
            for (Sight sight : once.values()) {
                // A body says again what rows say.
                if (held.size() < MOST_HELD && (isRow || !ofRows.contains(sight.fingerprint))) {
                    held.add(sight);
                }
                if (isRow) {
                    ofRows.add(sight.fingerprint);
                }
            }
        }

        /// With the subject of a call in place of its text.
        private ScannableText withoutText(ScannableText text) {
            String subject = text.origin().equals("tool call") ? shown(ScannableTexts.subject(text.text())) : "";
            return new ScannableText(
                    text.place(),
                    text.origin(),
                    subject,
                    text.at(),
                    text.session(),
                    text.conversation(),
                    text.exchange(),
                    text.tool(),
                    text.resultFor());
        }

        private List<SecretSighting> sightings() throws QueryException, SQLException, IOException {
            Map<String, ScannableTexts.Call> calls = texts.calls(held.stream()
                    .map(sight -> sight.text.resultFor())
                    .filter(id -> !id.isEmpty())
                    .collect(Collectors.toSet()));
            Map<Instant, ScannableTexts.Sender> senders = texts.senders(held.stream()
                    .filter(sight -> sight.text.origin().equals(ScannableTexts.BODY))
                    .map(sight -> sight.text.at())
                    .collect(Collectors.toSet()));
            return held.stream().map(sight -> sighting(sight, calls, senders)).toList();
        }

        private SecretSighting sighting(
                Sight sight, Map<String, ScannableTexts.Call> calls, Map<Instant, ScannableTexts.Sender> senders) {
            ScannableText text = sight.text;
            ScannableTexts.Call call =
                    calls.getOrDefault(text.resultFor(), new ScannableTexts.Call(text.tool(), text.text()));
            boolean isRow = !text.origin().equals(ScannableTexts.BODY);
            ScannableTexts.Sender sender = isRow
                    ? new ScannableTexts.Sender(text.exchange(), text.session())
                    : senders.getOrDefault(text.at(), new ScannableTexts.Sender("", ""));
            return new SecretSighting(
                    sight.fingerprint,
                    text.place(),
                    sight.rule,
                    text.origin(),
                    sight.times,
                    text.at(),
                    sender.session(),
                    text.conversation(),
                    sender.exchange(),
                    shown(call.tool()),
                    shown(call.subject()));
        }

        private String shown(String text) {
            return redactor.beginning(text, LONGEST_SUBJECT);
        }
    }
}
