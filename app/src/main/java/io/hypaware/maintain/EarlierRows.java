package io.hypaware.maintain;

import io.hypaware.home.Cache;
import io.hypaware.home.Recent;
import io.hypaware.project.Projection;
import io.hypaware.project.known.KnownParts;
import io.hypaware.read.KnownRows;
import io.hypaware.read.Recorded;
import java.util.Map;
import java.util.Optional;

/// The rows of sessions that came by another way than their calls, read when a call of such a session is projected. Of
/// the thread that projects.
final class EarlierRows implements Projection.Earlier {

    /// What a query for them may take.
    private static final long MEMORY_BYTES = 64L << 20;

    private static final int MOST_SESSIONS = 16;

    private final KnownRows rows;

    private final Map<String, KnownParts> read = new Recent<>(MOST_SESSIONS);

    EarlierRows(Cache cache) {
        this.rows = new KnownRows(new Recorded(cache, MEMORY_BYTES));
    }

    @Override
    public Optional<KnownParts> of(String session) {
        KnownParts known = read.get(session);
        if (known == null) {
            known = KnownParts.toHear();
            rows.ofSession(session, known::add);
            read.put(session, known);
        }
        return known.count() > 0 ? Optional.of(known) : Optional.empty();
    }

    /// What was taken by a projection that was given up is free again.
    void forget() {
        read.clear();
    }
}
