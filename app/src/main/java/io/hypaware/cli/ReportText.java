package io.hypaware.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import io.hypaware.maintain.Event;
import io.hypaware.maintain.Report;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// What a tick did, for people and for programs.
final class ReportText {

    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new SimpleModule().addSerializer(Instant.class, ToStringSerializer.instance))
            .propertyNamingStrategy(com.fasterxml.jackson.databind.PropertyNamingStrategies.SNAKE_CASE)
            .build();

    /// What was done is told while the rest goes on, in this order.
    private static final List<Class<? extends Event>> DONE = List.of(
            Event.Adopted.class,
            Event.Expired.class,
            Event.Compacted.class,
            Event.Retained.class,
            Event.Collected.class,
            Event.Done.class,
            Event.Reclaimed.class);

    /// What was left is told at the end, where it is seen.
    private static final List<Class<? extends Event>> LEFT =
            List.of(Event.Waiting.class, Event.Skipped.class, Event.Failed.class);

    static final List<Class<? extends Event>> KINDS =
            Stream.of(DONE, LEFT).flatMap(List::stream).toList();

    private final PrintWriter out;
    private final Map<Class<? extends Event>, Integer> told = new HashMap<>();
    private int settledTold;
    private long flushedTold;

    ReportText(PrintWriter out) {
        this.out = out;
    }

    /// One object; lists that are empty are there all the same.
    static void json(PrintWriter out, Report report) throws IOException {
        ObjectNode json = JSON.createObjectNode();
        json.put("dry_run", report.isDryRun());
        json.put("started_at", report.startedAt().toString());
        json.put("ended_at", report.endedAt().toString());
        json.put("settled_exchanges", report.settled());
        json.put("flushed_rows", report.flushed());
        for (Class<? extends Event> kind : KINDS) {
            json.set(kind.getSimpleName().toLowerCase(Locale.ROOT), JSON.valueToTree(report.of(kind)));
        }
        ObjectNode totals = json.putObject("totals");
        totals.put(
                "rows_adopted",
                report.of(Event.Adopted.class).stream()
                        .mapToLong(Event.Adopted::rows)
                        .sum());
        totals.put(
                "files_compacted",
                report.of(Event.Compacted.class).stream()
                        .mapToLong(Event.Compacted::filesBefore)
                        .sum());
        totals.put(
                "bytes_compacted",
                report.of(Event.Compacted.class).stream()
                        .mapToLong(Event.Compacted::bytesBefore)
                        .sum());
        totals.put(
                "bytes_reclaimed",
                report.of(Event.Reclaimed.class).stream()
                        .mapToLong(Event.Reclaimed::bytes)
                        .sum());
        totals.put("failed", report.failed().size());
        peakBytes().ifPresentOrElse(b -> json.put("peak_rss_bytes", b), () -> json.putNull("peak_rss_bytes"));
        out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json));
    }

    /// Tells people what was done since the last time.
    void tell(Report report) {
        if (report.settled() > settledTold || report.flushed() > flushedTold) {
            out.printf(
                    "flushed     %s projected, %s%n",
                    Results.count(report.settled() - settledTold, "exchange"),
                    Results.count(report.flushed() - flushedTold, "row"));
            settledTold = report.settled();
            flushedTold = report.flushed();
        }
        DONE.forEach(kind -> tell(report, kind));
        out.flush();
    }

    private void tell(Report report, Class<? extends Event> kind) {
        List<? extends Event> all = report.of(kind);
        all.stream().skip(told.getOrDefault(kind, 0)).forEach(event -> line(out, event, report.isDryRun()));
        told.put(kind, all.size());
    }

    /// Tells people the rest, once a tick has ended.
    void end(Report report) {
        tell(report);
        LEFT.forEach(kind -> tell(report, kind));
        String would = report.isDryRun() ? "would be " : "";
        long reclaimed = report.of(Event.Reclaimed.class).stream()
                .mapToLong(Event.Reclaimed::bytes)
                .sum();
        out.printf(
                "%s in %.1f s%s%s%n",
                report.failed().isEmpty() ? "done" : report.failed().size() + " failed, the rest done",
                Duration.between(report.startedAt(), report.endedAt()).toMillis() / 1e3,
                reclaimed == 0 ? "" : ", " + size(reclaimed) + " " + would + "reclaimed",
                peakBytes().isPresent() ? ", peak memory " + size(peakBytes().getAsLong()) : "");
    }

    private static void line(PrintWriter out, Event event, boolean dryRun) {
        String would = dryRun ? "would be " : "";
        switch (event) {
            // Said in one line before.
            case Event.Settled _, Event.Flushed _ -> {}
            case Event.Adopted a -> adopted(out, a, dryRun);
            case Event.Expired e ->
                out.printf(
                        "expired     %s: %s %sended%s%n",
                        e.dataset(),
                        Results.count(e.snapshots(), "snapshot"),
                        would,
                        dryRun ? "" : ", %s (%s) deleted".formatted(Results.count(e.files(), "file"), size(e.bytes())));
            case Event.Compacted c -> compacted(out, c, dryRun);
            case Event.Retained r ->
                out.printf(
                        "retained    %s: %s from before %s %sdropped, %s (%s)%n",
                        r.dataset(),
                        Results.count(r.rows(), "row"),
                        r.before(),
                        would,
                        Results.count(r.files(), "whole file"),
                        size(r.bytes()));
            case Event.Collected c ->
                out.printf(
                        "collected   %s (%s) that nothing refers to %sdropped from %s%n",
                        Results.count(c.payloads(), "payload"),
                        size(c.bytes()),
                        would,
                        Results.count(c.files(), "file"));
            case Event.Done d -> out.printf("%-11s %s: %s%n", d.task(), d.dataset(), d.what());
            case Event.Reclaimed r ->
                out.printf(
                        "reclaimed   %s%s %s (%s)%n", dryRun ? "would be: " : "", size(r.bytes()), r.path(), r.rule());
            case Event.Waiting w ->
                out.printf("waiting     %s %s, until %s (%s)%n", size(w.bytes()), w.path(), w.until(), w.rule());
            case Event.Skipped s ->
                out.printf("skipped     %s: %s%n", Event.place(s.dataset(), s.partition()), s.why());
            case Event.Failed f -> out.printf("failed      %s: %s%n", Event.place(f.dataset(), f.partition()), f.why());
        }
    }

    private static void adopted(PrintWriter out, Event.Adopted a, boolean dryRun) {
        if (dryRun) {
            out.printf("adopted     %s would be adopted%n", a.partition());
        } else {
            out.printf(
                    "adopted     %s: %s (%s) became %,d (%s), %s%s%n",
                    a.partition(),
                    Results.count(a.files(), "file"),
                    size(a.bytes()),
                    a.filesAfter(),
                    size(a.bytesAfter()),
                    Results.count(a.rows(), "row"),
                    a.duplicates() == 0 ? "" : ", %s left out".formatted(Results.count(a.duplicates(), "duplicate")));
        }
        a.notes().forEach(note -> out.println("            " + note));
    }

    private static void compacted(PrintWriter out, Event.Compacted c, boolean dryRun) {
        if (dryRun) {
            out.printf(
                    "compacted   %s/%s: %s (%s) would become %d%n",
                    c.dataset(),
                    c.partition(),
                    Results.count(c.filesBefore(), "file"),
                    size(c.bytesBefore()),
                    c.filesAfter());
        } else {
            out.printf(
                    "compacted   %s/%s: %s (%s) became %d (%s) in %.1f s%n",
                    c.dataset(),
                    c.partition(),
                    Results.count(c.filesBefore(), "file"),
                    size(c.bytesBefore()),
                    c.filesAfter(),
                    size(c.bytesAfter()),
                    c.millis() / 1e3);
        }
    }

    private static String size(long bytes) {
        return StatusText.size(bytes);
    }

    /// The most this process ever held, where the system says.
    private static OptionalLong peakBytes() {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }
}
