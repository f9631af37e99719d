package io.hypaware.backfill;

import io.hypaware.journal.Micros;
import io.hypaware.journal.ProjectionBatch;
import io.hypaware.maintain.Writing;
import io.hypaware.project.Projection;
import io.hypaware.project.known.KnownParts;
import io.hypaware.project.known.Whereabouts;
import io.hypaware.project.transcript.TranscriptRows;
import io.hypaware.query.QueryException;
import io.hypaware.read.KnownRows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// What rows of transcripts are written with, while nobody else projects.
final class Import implements TranscriptRows.Target {

    private final ProjectionBatch batch;
    private final Writing writing;
    private final Clock clock;
    private final KnownRows rows;
    private final Whereabouts.Source hooks;
    private final IdentityHashMap<Families.Family, KnownParts> byFamily = new IdentityHashMap<>();
    /// Sessions of which there are rows, read when that is first asked.
    private Optional<Set<String>> existing = Optional.empty();

    private final Set<String> loaded = new HashSet<>();
    private KnownParts known = KnownParts.toTell();
    private Optional<Projection> projection = Optional.empty();
    private Instant projectionAt = Instant.MIN;

    Import(ProjectionBatch batch, Writing writing, Clock clock, KnownRows rows, Whereabouts.Source hooks) {
        this.hooks = hooks;
        this.batch = batch;
        this.writing = writing;
        this.clock = clock;
        this.rows = rows;
    }

    /// Reads what is known of the sessions of some families. Nobody else writes meanwhile.
    void load(List<Families.Family> families) throws QueryException, SQLException, IOException {
        Map<String, KnownParts> bySession = new HashMap<>();
        for (Families.Family family : families) {
            KnownParts parts = KnownParts.toTell();
            byFamily.put(family, parts);
            family.sessions().forEach(session -> bySession.put(session, parts));
        }
        rows.read(
                bySession.keySet(),
                part -> bySession.getOrDefault(part.session(), known).add(part));
        loaded.addAll(bySession.keySet());
    }

    /// A family's transcripts follow.
    void begin(Families.Family family) {
        known = byFamily.getOrDefault(family, KnownParts.toTell());
    }

    @Override
    public Projection at(Instant time) {
        // Lines that are written at once share one.
        if (projection.isEmpty() || !projectionAt.equals(time)) {
            projection = Optional.of(new Projection(batch, writing.gatewayId(), time, Projection.Earlier.NONE, hooks));
            projectionAt = time;
        }
        return projection.get();
    }

    @Override
    public KnownParts known(String session) {
        // A line may be of another session than its file, as earlier versions of agents copied them.
        if (loaded.add(session)) {
            try {
                if (existing.isEmpty()) {
                    existing = Optional.of(rows.sessions());
                }
                if (existing.get().contains(session)) {
                    rows.read(List.of(session), known::add);
                }
            } catch (QueryException | SQLException e) {
                throw new IllegalStateException("the rows of session " + session + " cannot be read", e);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return known;
    }

    @Override
    public String newConversation(String session) {
        return session + "/" + batch.branches().nextConversation(session, clock.instant());
    }

    @Override
    public void told(String session) {
        batch.transcripts().tell(session, TimeUnit.MICROSECONDS.toDays(Micros.of(clock.instant())));
    }
}
