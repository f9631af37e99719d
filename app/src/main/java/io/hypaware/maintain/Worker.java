package io.hypaware.maintain;

import io.hypaware.config.HypConfig;
import io.hypaware.journal.Journal;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/// One round of the worker: settle, flush, prune raw frames whose time is over.
public final class Worker {

    private final Path cache;
    private final HypConfig config;
    private final String gatewayId;
    private final Clock clock;

    public Worker(Path cache, HypConfig config, String gatewayId, Clock clock) {
        this.cache = cache;
        this.config = config;
        this.gatewayId = gatewayId;
        this.clock = clock;
    }

    public void run() throws SQLException, InterruptedException {
        new Settle(cache, gatewayId, clock).run();
        new Flush(cache, config.query().cache().maintenance(), _ -> {}).run();
        Duration kept = Duration.ofHours(config.query().cache().retention().keepRawHours());
        Instant before = clock.instant().minus(kept);
        try (Journal journal = Journal.open(cache.resolve("journal.db"))) {
            journal.pruneRaw(before);
            journal.pruneKnown(before);
        }
    }
}
