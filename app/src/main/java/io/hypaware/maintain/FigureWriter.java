package io.hypaware.maintain;

import io.hypaware.config.HypConfig;
import io.hypaware.home.Cache;
import io.hypaware.home.HypHome;
import io.hypaware.journal.Journal;
import io.hypaware.query.QueryException;
import io.hypaware.read.Overview;
import io.hypaware.read.Prices;
import io.hypaware.read.Recorded;
import io.hypaware.read.Today;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Writes down [Figures] of what is recorded, if that has changed since they were.
public final class FigureWriter {

    private static final Logger LOG = Logger.getLogger(FigureWriter.class.getName());

    /// What reading rows for them may take.
    private static final long MOST_BYTES = 96L << 20;

    private final HypHome home;
    private final HypConfig config;
    private final Clock clock;
    private final ZoneId zone;

    /// @param zone of the user's days
    public FigureWriter(HypHome home, HypConfig config, Clock clock, ZoneId zone) {
        this.home = home;
        this.config = config;
        this.clock = clock;
        this.zone = zone;
    }

    /// Whether they had changed.
    public boolean write() throws IOException, SQLException, QueryException {
        Instant now = clock.instant();
        Cache cache = home.cache(config);
        long position = position(cache);
        Instant dayEnds =
                LocalDate.ofInstant(now, zone).plusDays(1).atStartOfDay(zone).toInstant();
        if (Figures.read(home.figures())
                .filter(before -> before.position() == position)
                .filter(before -> before.dayEnds().equals(dayEnds))
                .filter(before -> pricesChanged().isBefore(before.at()))
                .isPresent()) {
            return false;
        }
        Recorded recorded = new Recorded(cache, Math.min(config.query().memoryBytes(), MOST_BYTES));
        Today today = Today.of(recorded, prices(), now, zone, Figures.MOST_SESSIONS);
        Map<String, Figures.Took> sessions = new LinkedHashMap<>();
        for (Today.Session session : today.sessions()) {
            String id = session.took().name();
            if (!id.isEmpty() && id.length() <= Figures.LONGEST_ID) {
                sessions.put(id, took(session.took(), session.misses()));
            }
        }
        HypHome.privateFolder(home.run());
        new Figures(
                        now,
                        position,
                        dayEnds,
                        zone,
                        took(today.day(), today.misses()),
                        sessions,
                        today.window()
                                .map(window -> new Figures.Window(
                                        window.length().map(Duration::toMinutes).orElse(0L),
                                        Math.round(window.percent()),
                                        window.resets().orElse(now))))
                .write(home.figures());
        return true;
    }

    private static long position(Cache cache) {
        Optional<Journal> journal = Journal.openExisting(cache.journal());
        if (journal.isEmpty()) {
            return 0;
        }
        try (Journal open = journal.get()) {
            return open.lastAssignedSeq();
        }
    }

    private static Figures.Took took(Overview.Group group, long misses) {
        long sent = group.tokens().input()
                + group.tokens().cacheRead()
                + group.tokens().cacheWrite();
        return new Figures.Took(
                group.answers(),
                sent,
                group.tokens().cacheRead(),
                group.tokens().output(),
                group.microDollars(),
                group.unpriced().isEmpty(),
                misses);
    }

    private Prices prices() throws IOException {
        try {
            return Prices.of(home.root());
        } catch (IllegalStateException e) {
            LOG.log(Level.WARNING, "no prices: {0}", e.getMessage());
            return Prices.none();
        }
    }

    private Instant pricesChanged() {
        Path file = home.root().resolve(Prices.FILE);
        try {
            return Files.getLastModifiedTime(file).toInstant();
        } catch (IOException e) {
            return Instant.EPOCH;
        }
    }
}
