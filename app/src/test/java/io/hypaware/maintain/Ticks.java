package io.hypaware.maintain;

import io.hypaware.config.CacheConfig;
import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.testing.Configs;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.function.Consumer;

/// Runs ticks of maintenance at a time of the test's choosing.
final class Ticks {

    static final Maintenance.Options WHOLE =
            new Maintenance.Options(Optional.empty(), false, false, false, false, Optional.empty());
    static final Maintenance.Options FORCED =
            new Maintenance.Options(Optional.empty(), false, true, false, false, Optional.empty());
    static final Maintenance.Options DRY =
            new Maintenance.Options(Optional.empty(), true, false, false, false, Optional.empty());

    static Report at(Instant now, Path cache) throws Exception {
        return run(cache, Configs.defaults().query().cache(), Clock.fixed(now, ZoneOffset.UTC), WHOLE);
    }

    static Report run(Path cache, CacheConfig config, Clock clock, Maintenance.Options options) throws Exception {
        return run(cache, config, clock, options, _ -> {});
    }

    static Report run(Path cache, CacheConfig config, Clock clock, Maintenance.Options options, Consumer<Enum<?>> steps)
            throws Exception {
        return new Maintenance(
                        Writing.whole("gw"),
                        new Maintenance.Environment(
                                new Cache(cache),
                                config,
                                clock,
                                Progress.NONE,
                                Optional.empty(),
                                steps::accept,
                                steps::accept))
                .run(options, Duration.ofSeconds(30));
    }

    private Ticks() {}
}
