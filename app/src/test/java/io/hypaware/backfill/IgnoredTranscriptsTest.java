package io.hypaware.backfill;

import static io.hypaware.testing.RecordedCalls.textBlock;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.maintain.Writing;
import io.hypaware.privacy.Mark;
import io.hypaware.privacy.PrivacyClass;
import io.hypaware.privacy.PrivacyList;
import io.hypaware.project.transcript.TranscriptFormat;
import io.hypaware.project.transcript.TranscriptFormats;
import io.hypaware.testing.Configs;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.Trees;
import io.hypaware.testing.TwoWays;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is not recorded where it is called is not imported either.
class IgnoredTranscriptsTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-03-02T00:00:00Z"), ZoneOffset.UTC);

    private static final String UNHEARD = "the plan that nobody is to hear of";

    @TempDir
    private Path folder;

    private RecordedCalls calls;
    private Cache cache;

    @BeforeEach
    void home() {
        calls = new RecordedCalls(folder.resolve("home/hypaware/cache"));
        cache = new Cache(calls.cache());
    }

    private Backfill.Report run() throws Exception {
        TranscriptFormat claude = TranscriptFormats.all().stream()
                .filter(format -> format.client().equals("claude"))
                .findFirst()
                .orElseThrow();
        TranscriptFiles files = new TranscriptFiles(Map.of(), folder.resolve("user"));
        return new Backfill(cache, Configs.defaults(), Writing.whole("gw"), CLOCK)
                .run(claude, files.find(claude), Backfill.Options.ALL, Progress.NONE);
    }

    private List<String> said() throws Exception {
        calls.settle();
        return Queries.values(calls.cache(), "select content_text from ai_gateway_messages order by 1");
    }

    private TwoWays session(String name, String text) throws Exception {
        TwoWays session = new TwoWays(name).says(text).answers(textBlock("About " + text));
        session.write(folder.resolve("user"));
        return session;
    }

    private void ignore(String path) throws Exception {
        PrivacyList.update(
                cache.privacyList(),
                list -> list.with(new Mark(Optional.of(Path.of(path)), Optional.empty(), PrivacyClass.IGNORE)));
    }

    @Test
    void aTranscriptOfAnIgnoredFolderIsNotImported() throws Exception {
        session("private", UNHEARD);
        session("open", "hello");
        ignore("/work/private");
        Backfill.Report report = run();
        assertThat(report.ignored()).isOne();
        assertThat(said()).containsExactly("About hello", "hello");
        assertThat(Trees.filesWith(folder.resolve("home"), UNHEARD)).isEmpty();
    }

    @Test
    void aSessionThatWasTakenOutIsNotImported() throws Exception {
        session("private", UNHEARD);
        PrivacyList.update(cache.privacyList(), list -> list.withSession("private", Instant.EPOCH));
        assertThat(run().ignored()).isOne();
        assertThat(said()).isEmpty();
        assertThat(Trees.filesWith(folder.resolve("home"), UNHEARD)).isEmpty();
    }

    @Test
    void fromTheFirstLineInAnIgnoredFolderOnASessionIsLeftOut() throws Exception {
        TwoWays session = new TwoWays("s").says("hello").answers(textBlock("hello to you"));
        session.says(UNHEARD).answers(textBlock("About " + UNHEARD)).says(UNHEARD + ", again");
        session.lines().get(2).put("cwd", "/work/private/deep");
        session.write(folder.resolve("user"));
        ignore("/work/private");
        run();
        assertThat(said()).containsExactly("hello", "hello to you");
        assertThat(Trees.filesWith(folder.resolve("home"), UNHEARD)).isEmpty();
    }
}
