package io.hypaware.maintain;

import static io.hypaware.testing.RecordedCalls.message;
import static io.hypaware.testing.RecordedCalls.textBlock;
import static io.hypaware.testing.RecordedCalls.thinking;
import static io.hypaware.testing.RecordedCalls.toolResult;
import static io.hypaware.testing.RecordedCalls.toolUse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.read.Found;
import io.hypaware.read.Recorded;
import io.hypaware.read.SearchResults;
import io.hypaware.read.SearchableParts;
import io.hypaware.search.Excerpt;
import io.hypaware.search.PartIndex;
import io.hypaware.search.PartSearch;
import io.hypaware.search.Search;
import io.hypaware.testing.Configs;
import io.hypaware.testing.Processes;
import io.hypaware.testing.RecordedCalls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// What was said is found: once, at once, and whatever dies.
class SearchFeedTest {

    private static final String LONG = "the same long output of a tool, line after line. ".repeat(20);

    @TempDir
    private Path folder;

    private RecordedCalls calls;
    private Cache cache;

    @BeforeEach
    void recorded() {
        calls = new RecordedCalls(folder);
        cache = new Cache(folder);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "parseHeader            | parseHeader",
                "header                 | parseHeader",
                "parse header           | parse Header",
                "\"parse header\"       | parseHeader",
                "parseheader            | parseHeader",
                "parsehe*               | parseHeader",
                "parse_header           | parseHeader",
                "max_retry_count        | max_retry_count",
                "retry                  | max_retry_count",
                "HttpParser.parseHeader | HttpParser.parseHeader",
                "src/main/App.java      | src/main/App.java",
                "App.java               | App.java",
                "rm -rf build           | rm rf build",
                "CAFE                   | café",
                "don't                  | don't",
                "用户                    | 用户",
                "(parseHeader)          | parseHeader",
            })
    void codeIsFoundAsItsWordsAre(String words, String marked) throws Exception {
        calls.call()
                .session("s")
                .messages(message(
                        "user",
                        "HttpParser.parseHeader in src/main/App.java; max_retry_count, rm -rf build/ café don't 用户"))
                .answer("nothing of that")
                .record();
        feed();
        List<Found> found = find(Search.of(words, 5));
        assertThat(found).hasSize(1);
        Excerpt excerpt = found.getFirst().excerpt();
        assertThat(excerpt.marks().stream().map(mark -> excerpt.text().substring(mark.from(), mark.to())))
                .as(excerpt.text())
                .isNotEmpty()
                .allSatisfy(word -> assertThat(excerpt.text()).contains(word));
        assertThat(String.join(
                                " ",
                                excerpt.marks().stream()
                                        .map(mark -> excerpt.text().substring(mark.from(), mark.to()))
                                        .toList())
                        .replaceAll("[\\W_]+", ""))
                .isEqualTo(marked.replaceAll("[\\W_]+", ""));
    }

    @ParameterizedTest
    @CsvSource({"ader", "\"header parse\"", "other", "parseHeader other", "' '", "'...'", "\"\"", "*", "--"})
    void whatIsNotThereIsNotFound(String words) throws Exception {
        calls.call()
                .session("s")
                .messages(message("user", "parseHeader"))
                .answer("yes")
                .record();
        feed();
        assertThat(find(Search.of(words, 5))).isEmpty();
    }

    @Test
    void everythingThatIsSaidIsFoundByWhoSaysIt() throws Exception {
        ObjectNode use = toolUse("t1", "Bash");
        use.putObject("input").put("command", "grep -n needle\nfile").put("timeout", 7000);
        List<ObjectNode> history = List.of(
                message("user", "look for the needle"),
                message("assistant", thinking("a needle is small"), use),
                message("user", toolResult("t1", "12: needle")));
        calls.call()
                .session("one")
                .messages(history.subList(0, 1))
                .answer(thinking("a needle is small"), use)
                .record();
        calls.call()
                .session("one")
                .messages(history)
                .answer("the needle is in line 12")
                .record();
        calls.call()
                .session("two")
                .messages(message("user", "another needle"))
                .answer("no")
                .record();
        feed();
        assertThat(find(Search.of("needle", 10))).hasSize(6);
        assertThat(find(only(Optional.of("two"), Optional.empty(), Optional.empty())))
                .hasSize(1);
        assertThat(find(only(Optional.empty(), Optional.of("user"), Optional.empty())))
                .hasSize(3);
        assertThat(find(only(Optional.empty(), Optional.empty(), Optional.of("Bash"))))
                .extracting(Found::type)
                .containsExactlyInAnyOrder("tool_call", "tool_result");
        assertThat(find(Search.of("7000", 10))).extracting(Found::type).containsExactly("tool_call");
    }

    @Test
    void aLongTextIsIndexedOnceADayAndFoundInEachSession() throws Exception {
        for (String session : List.of("a", "b", "c")) {
            calls.call()
                    .session(session)
                    .messages(
                            message("user", session + " asks"),
                            message("assistant", textBlock("yes")),
                            message("user", LONG))
                    .answer("ok")
                    .record();
            feed();
        }
        assertThat(find(Search.of("long output", 10))).hasSize(1);
        for (String session : List.of("a", "b", "c")) {
            assertThat(find(new Search(
                            "long output",
                            Optional.of(session),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            10)))
                    .extracting(Found::session)
                    .containsExactly(session);
        }
    }

    @Test
    void aPartIsFedOnceWhateverBecomesOfItsRow() throws Exception {
        said("one", "the first needle");
        assertThat(feed()).isEqualTo(2);
        assertThat(feed()).isZero();
        flush();
        assertThat(feed()).isZero();
        said("two", "the second needle");
        flush();
        said("three", "the third needle");
        assertThat(feed()).isEqualTo(4);
        assertThat(find(Search.of("needle", 10))).hasSize(3);
    }

    @Test
    void anIndexThatIsLostOrOfAnotherCacheIsMadeAgain() throws Exception {
        said("one", "a needle");
        said("two", "a needle");
        feed();
        try (Stream<Path> files = Files.list(cache.search())) {
            for (Path file : files.filter(path -> !path.endsWith("write.lock")).toList()) {
                Files.writeString(file, "torn");
            }
        }
        assertThat(feed()).isEqualTo(4);
        assertThat(find(Search.of("needle", 10))).hasSize(2);

        Path other = Files.createDirectories(folder.resolve("other"));
        RecordedCalls others = new RecordedCalls(other);
        others.call()
                .session("x")
                .messages(message("user", "one needle"))
                .answer("ok")
                .record();
        others.settle();
        Cache its = new Cache(other);
        Files.move(cache.search(), its.search());
        assertThat(new SearchFeed(its, 100L << 20).run(Optional.empty(), Progress.NONE, () -> false))
                .hasValue(2);
        try (PartSearch index = PartSearch.open(its.search()).orElseThrow()) {
            assertThat(index.parts()).isEqualTo(2);
        }
    }

    @Test
    void aNameThatIsTooLongForTheIndexStopsNothing() throws Exception {
        String name = "tool-" + "x".repeat(40_000);
        calls.call()
                .session("s")
                .messages(message("user", "needle"))
                .answer(toolUse("t1", name))
                .record();
        assertThat(feed()).isPositive();
        assertThat(find(Search.of("needle", 10))).hasSize(1);
    }

    @Test
    void anotherProcessFeeds() throws Exception {
        said("one", "a needle");
        calls.settle();
        try (PartIndex _ = PartIndex.open(cache.search()).orElseThrow()) {
            assertThat(new SearchFeed(cache, 100L << 20).run(Optional.empty(), Progress.NONE, () -> false))
                    .isEmpty();
        }
        assertThat(feed()).isEqualTo(2);
    }

    @Test
    void whatIsNotKeptIsForgotten() throws Exception {
        calls.call()
                .session("old")
                .messages(message("user", "old needle"))
                .answer("ok")
                .startedAt(Instant.parse("2026-01-01T00:00:00Z"))
                .record();
        said("new", "new needle");
        feed();
        assertThat(find(Search.of("needle", 10))).hasSize(2);
        new SearchFeed(cache, 100L << 20)
                .run(Optional.of(Instant.parse("2026-02-01T00:00:00Z")), Progress.NONE, () -> false);
        assertThat(find(Search.of("needle", 10))).extracting(Found::session).containsExactly("new");
    }

    @ParameterizedTest
    @EnumSource
    void dyingAtAStepRepeatsAndMissesNothing(FeedStep step) throws Exception {
        for (int i = 0; i < 3; i++) {
            said("s" + i, "needle " + i);
        }
        calls.settle();
        Process dying = Processes.java(Dying.class, folder, folder.toString(), step.name());
        assertThat(dying.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(dying.exitValue()).isEqualTo(137);
        said("later", "needle later");
        feed();
        assertThat(find(Search.of("needle", 10)))
                .extracting(Found::session)
                .containsExactlyInAnyOrder("s0", "s1", "s2", "later");
        try (PartSearch index = PartSearch.open(cache.search()).orElseThrow()) {
            assertThat(index.parts()).isEqualTo(8);
        }
    }

    /// Feeding that dies, as by SIGKILL, when it comes to a step.
    static final class Dying {
        public static void main(String[] arguments) throws Exception {
            Cache cache = new Cache(Path.of(arguments[0]));
            new SearchFeed(cache, parts(cache), 50_000, Processes.dyingAt(arguments[1]))
                    .run(Optional.empty(), Progress.NONE, () -> false);
        }
    }

    private static Search only(Optional<String> session, Optional<String> role, Optional<String> tool) {
        return new Search("needle", session, role, tool, Optional.empty(), Optional.empty(), 10);
    }

    private void said(String session, String text) {
        calls.call()
                .session(session)
                .messages(message("user", text))
                .answer("ok")
                .record();
    }

    private void flush() throws Exception {
        calls.settle();
        new Flush(cache, Configs.defaults().query().cache().maintenance(), _ -> {}).run();
    }

    private static SearchableParts parts(Cache cache) {
        return new SearchableParts(new Recorded(cache, 100L << 20));
    }

    private long feed() throws Exception {
        calls.settle();
        return new SearchFeed(cache, 100L << 20)
                .run(Optional.empty(), Progress.NONE, () -> false)
                .orElseThrow();
    }

    private List<Found> find(Search search) throws Exception {
        return new SearchResults(cache, new Recorded(cache, 100L << 20)).find(search);
    }
}
