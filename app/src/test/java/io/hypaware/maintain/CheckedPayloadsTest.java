package io.hypaware.maintain;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.config.MaintenanceConfig;
import io.hypaware.dataset.Datasets;
import io.hypaware.dataset.Hashes;
import io.hypaware.home.Cache;
import io.hypaware.journal.Journal;
import io.hypaware.journal.ProjectionBatch;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.Rewrite;
import io.hypaware.payload.Part;
import io.hypaware.payload.Payload;
import io.hypaware.testing.Configs;
import io.hypaware.testing.RecordedCalls;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A check tells which payloads are missing, however many others there are.
class CheckedPayloadsTest {

    private static final Instant AT = Instant.parse("2026-03-01T10:00:00Z");
    private static final int MANY = 9_000;
    private static final int ELEMENTS = 40;

    @TempDir
    private Path folder;

    @Test
    void aPartThatIsMissingIsNamed() throws Exception {
        record();
        assertThat(findings()).isEmpty();
        String system = Hashes.sha256(system().getBytes(StandardCharsets.UTF_8));
        drop("f.hash = '" + system + "'");
        assertThat(findings())
                .singleElement()
                .satisfies(finding -> assertThat(finding.what())
                        .contains("the payload " + system + " is missing although")
                        .contains("refers to it"));
    }

    /// A collection may take a part before what it was a part of.
    @Test
    void whatNothingRefersToMayLackAPart() throws Exception {
        record();
        store(List.of(value("left over", List.of(new Part.Ref(Hashes.sha256(new byte[] {1}))))));
        flush();
        assertThat(findings()).isEmpty();
    }

    /// Growing histories: each value names many that are there.
    @Test
    void manyPartsFitInTheMemoryOfACheck() throws Exception {
        List<Payload> all = new ArrayList<>();
        List<Part> elements = new ArrayList<>();
        for (int i = 0; i < ELEMENTS; i++) {
            byte[] text = ("element " + i).getBytes(StandardCharsets.UTF_8);
            all.add(new Payload(Hashes.sha256(text), text.length, new Payload.Content.Text("element " + i)));
            elements.add(new Part.Ref(Hashes.sha256(text)));
        }
        for (int i = 0; i < MANY; i++) {
            all.add(value("value " + i, elements));
        }
        store(all);
        flush();
        assertThat(findings()).isEmpty();
    }

    private static Payload value(String name, List<Part> parts) {
        String hash = Hashes.sha256(name.getBytes(StandardCharsets.UTF_8));
        return new Payload(hash, 10_000, new Payload.Content.Parts(parts));
    }

    private void store(List<Payload> payloads) {
        try (Journal journal = Journal.open(folder.resolve("journal.db"));
                ProjectionBatch batch = journal.projectionBatch(() -> {})) {
            for (Payload payload : payloads) {
                batch.payloads(AT).put(payload.hash(), () -> payload);
            }
            batch.writeAll();
        }
    }

    private void record() throws Exception {
        RecordedCalls calls = new RecordedCalls(folder);
        calls.call()
                .session("s")
                .system(system())
                .messages(message("user", "hello"))
                .startedAt(AT)
                .answer("A")
                .record();
        calls.settle();
        flush();
    }

    private static String system() {
        return "be brief ".repeat(400);
    }

    private void flush() throws Exception {
        new Flush(new Cache(folder), config(), _ -> {}).run();
    }

    private static MaintenanceConfig config() {
        return Configs.defaults().query().cache().maintenance();
    }

    private void drop(String condition) throws Exception {
        Cache cache = new Cache(folder);
        try (Lake lake = Lake.open(cache)) {
            for (LiveFile file : lake.table(Datasets.PAYLOADS).orElseThrow().files()) {
                new Rewrite(lake, Maintenance.limits(config(), cache), _ -> {})
                        .without(Datasets.PAYLOADS, file, _ -> condition);
            }
        }
    }

    private List<CacheCheck.Finding> findings() throws Exception {
        return CacheCheck.run(new Cache(folder), false).findings();
    }
}
