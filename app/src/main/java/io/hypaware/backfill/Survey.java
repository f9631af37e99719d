package io.hypaware.backfill;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.config.HypConfig;
import io.hypaware.home.Cache;
import io.hypaware.journal.Journal;
import io.hypaware.journal.Micros;
import io.hypaware.journal.ProjectionBatch;
import io.hypaware.journal.Transcripts;
import io.hypaware.project.Json;
import io.hypaware.project.transcript.TranscriptFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// What there is of an agent's transcripts, and what of it is new.
///
/// @param folder of the agent
/// @param newBytes of the transcripts that are new or longer than when they were read
/// @param oldest when the transcript was written that was not written for longest
/// @param deletedAfterDays after how many days without use the agent deletes a transcript, if it does
/// @param going transcripts that it deletes within a week, and on how many days they were last written
public record Survey(
        TranscriptFormat format,
        Path folder,
        TranscriptFiles.Found found,
        long bytes,
        int newFiles,
        long newBytes,
        Optional<Instant> oldest,
        OptionalInt deletedAfterDays,
        Going going) {

    private static final Duration SOON = Duration.ofDays(7);
    private static final long MOST_SETTINGS = 4 << 20;

    public record Going(long transcripts, long days) {}

    public static Survey of(TranscriptFiles files, TranscriptFormat format, Cache cache, HypConfig config)
            throws IOException {
        Instant now = Instant.now();
        Instant oldest = Backfill.oldest(config, now);
        TranscriptFiles.Found found = files.find(format);
        Map<String, Transcripts.File> before = read(cache);
        List<TranscriptFile> news = found.files().stream()
                .filter(file -> Backfill.isNew(file, before, oldest))
                .toList();
        OptionalInt days = deletedAfterDays(files.folder(format), format);
        List<TranscriptFile> going = days.isEmpty()
                ? List.of()
                : found.files().stream()
                        .filter(file -> written(file)
                                .plus(Duration.ofDays(days.getAsInt()))
                                .isBefore(now.plus(SOON)))
                        .toList();
        return new Survey(
                format,
                files.folder(format),
                found,
                found.files().stream().mapToLong(TranscriptFile::size).sum(),
                news.size(),
                news.stream().mapToLong(TranscriptFile::size).sum(),
                found.files().stream().map(Survey::written).min(Instant::compareTo),
                days,
                new Going(
                        going.size(),
                        going.stream()
                                .map(file ->
                                        written(file).atZone(ZoneOffset.UTC).toLocalDate())
                                .distinct()
                                .count()));
    }

    private static Instant written(TranscriptFile file) {
        return Micros.toInstant(file.modifiedMicros());
    }

    private static Map<String, Transcripts.File> read(Cache cache) {
        if (!cache.hasJournal()) {
            return Map.of();
        }
        try (Journal journal = Journal.open(cache.journal());
                ProjectionBatch batch = journal.projectionBatch(() -> {})) {
            return batch.transcripts().all();
        }
    }

    private static OptionalInt deletedAfterDays(Path folder, TranscriptFormat format) throws IOException {
        Optional<TranscriptFormat.Deletion> deletion = format.deletion();
        if (deletion.isEmpty()) {
            return OptionalInt.empty();
        }
        Path settings = folder.resolve(deletion.get().settings());
        Optional<JsonNode> said = Files.isRegularFile(settings) && Files.size(settings) <= MOST_SETTINGS
                ? Json.parsed(Files.readString(settings))
                : Optional.empty();
        int days = said.map(node -> node.path(deletion.get().key()))
                .filter(JsonNode::isIntegralNumber)
                .map(JsonNode::asInt)
                .orElse(deletion.get().defaultDays());
        return OptionalInt.of(days);
    }
}
