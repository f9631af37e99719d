package io.hypaware.testing;

import static io.hypaware.testing.RecordedCalls.message;
import static io.hypaware.testing.RecordedCalls.textBlock;
import static io.hypaware.testing.RecordedCalls.thinking;
import static io.hypaware.testing.RecordedCalls.toolResult;
import static io.hypaware.testing.RecordedCalls.toolUse;

import io.hypaware.backfill.Backfill;
import io.hypaware.backfill.TranscriptFiles;
import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.maintain.Maintenance;
import io.hypaware.maintain.Writing;
import io.hypaware.project.transcript.TranscriptFormat;
import io.hypaware.project.transcript.TranscriptFormats;
import io.hypaware.sink.team.Forward;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;

/// A home with rows of an older program, calls with large payloads, and facts that a transcript told later; all of it
/// is forwarded to a team's lake.
public final class ForwardedHome {

    private static final Instant ADOPTED = Instant.parse("2026-01-20T00:00:00Z");
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-03-02T00:00:00Z"), ZoneOffset.UTC);

    private final Path folder;
    private final TeamWarehouse warehouse;

    /// @param folder of the home
    public ForwardedHome(Path folder, TeamWarehouse warehouse) {
        this.folder = folder;
        this.warehouse = warehouse;
    }

    public Cache cache() {
        return new Cache(folder.resolve("hypaware/cache"));
    }

    /// Makes the home.
    ///
    /// @param more what makes its texts differ from those of others
    public ForwardedHome record(String more) throws Exception {
        RecordedCalls calls = new RecordedCalls(cache().folder());
        for (int i = 0; i < 3; i++) {
            calls.call()
                    .session("large-" + more)
                    .system("the same for all of them ".repeat(200))
                    .messages(message("user", (more + " " + i + " grüße ").repeat(300)))
                    .answer("answer " + i)
                    .record();
        }
        TwoWays told = new TwoWays("told-" + more)
                .says("fix it " + more)
                .answers(thinking("well"), textBlock("I look"), toolUse("toolu_1", "Read"))
                .user(toolResult("toolu_1", "one"))
                .answers(textBlock("done"));
        told.record(calls);
        calls.settle();
        Path user = folder.resolve("user");
        told.write(user);
        TranscriptFormat claude = TranscriptFormats.all().stream()
                .filter(format -> format.client().equals("claude"))
                .findFirst()
                .orElseThrow();
        new Backfill(cache(), Configs.defaults(), Writing.whole("gw"), CLOCK)
                .run(claude, new TranscriptFiles(Map.of(), user).find(claude), Backfill.Options.ALL, Progress.NONE);
        return this;
    }

    /// Takes over rows of an older program.
    public ForwardedHome adopt() throws Exception {
        OlderHome.copyTo(folder, ADOPTED.minus(Duration.ofDays(1)), OlderHome.Days.NINETEEN);
        new Maintenance(
                        cache(),
                        Configs.withCache("{\"retention\": {\"default_days\": 0}}")
                                .query()
                                .cache(),
                        Writing.whole("gw"),
                        Clock.fixed(ADOPTED, ZoneOffset.UTC),
                        Progress.NONE)
                .run(
                        new Maintenance.Options(Optional.empty(), false, false, false, false, Optional.empty()),
                        Duration.ofSeconds(60));
        return this;
    }

    public ForwardedHome forward(String user) throws Exception {
        new Forward(
                        new Forward.Environment(
                                cache(), Configs.defaults().query().cache().maintenance(), Clock.systemUTC(), _ -> {}),
                        warehouse.lake(user))
                .run(Optional.empty());
        return this;
    }
}
