package io.hypaware.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import io.hypaware.maintain.Report;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;

/// What a tick did, for people and for programs.
final class ReportText {

    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new SimpleModule().addSerializer(Instant.class, ToStringSerializer.instance))
            .propertyNamingStrategy(com.fasterxml.jackson.databind.PropertyNamingStrategies.SNAKE_CASE)
            .build();

    /// One object; lists that are empty are there all the same.
    static void json(PrintWriter out, Report report) throws IOException {
        ObjectNode json = JSON.createObjectNode();
        json.put("dry_run", report.isDryRun());
        json.put("started_at", report.startedAt().toString());
        json.put("ended_at", report.endedAt().toString());
        json.put("settled_exchanges", report.settled());
        json.put("flushed_rows", report.flushed());
        json.set("adopted", JSON.valueToTree(report.adopted()));
        json.set("expired", JSON.valueToTree(report.expired()));
        json.set("compacted", JSON.valueToTree(report.compacted()));
        json.set("retained", JSON.valueToTree(report.retained()));
        json.set("collected", JSON.valueToTree(report.collected()));
        json.set("reclaimed", JSON.valueToTree(report.reclaimed()));
        json.set("waiting", JSON.valueToTree(report.waiting()));
        json.set("skipped", JSON.valueToTree(report.skipped()));
        json.set("failed", JSON.valueToTree(report.failed()));
        ObjectNode totals = json.putObject("totals");
        totals.put(
                "rows_adopted",
                report.adopted().stream().mapToLong(Report.Adopted::rows).sum());
        totals.put(
                "files_compacted",
                report.compacted().stream()
                        .mapToLong(Report.Compacted::filesBefore)
                        .sum());
        totals.put(
                "bytes_compacted",
                report.compacted().stream()
                        .mapToLong(Report.Compacted::bytesBefore)
                        .sum());
        totals.put(
                "bytes_reclaimed",
                report.reclaimed().stream().mapToLong(Report.Reclaimed::bytes).sum());
        totals.put("failed", report.failed().size());
        peakBytes().ifPresentOrElse(b -> json.put("peak_rss_bytes", b), () -> json.putNull("peak_rss_bytes"));
        out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json));
    }

    static void text(PrintWriter out, Report report) {
        String would = report.isDryRun() ? "would be " : "";
        if (report.settled() > 0 || report.flushed() > 0) {
            out.printf("flushed     %d exchanges projected, %d rows%n", report.settled(), report.flushed());
        }
        for (Report.Adopted a : report.adopted()) {
            if (report.isDryRun()) {
                out.printf("adopted     %s would be adopted%n", a.partition());
            } else {
                out.printf(
                        "adopted     %s: %,d files (%s) became %,d (%s), %,d rows%s%n",
                        a.partition(),
                        a.files(),
                        size(a.bytes()),
                        a.filesAfter(),
                        size(a.bytesAfter()),
                        a.rows(),
                        a.duplicates() == 0 ? "" : ", %,d duplicates left out".formatted(a.duplicates()));
            }
            a.notes().forEach(note -> out.println("            " + note));
        }
        for (Report.Expired e : report.expired()) {
            out.printf(
                    "expired     %s: %d snapshots %sended, %d files (%s) deleted%n",
                    e.dataset(), e.snapshots(), would, e.files(), size(e.bytes()));
        }
        for (Report.Compacted c : report.compacted()) {
            if (report.isDryRun()) {
                out.printf(
                        "compacted   %s/%s: %d files (%s) would become %d%n",
                        c.dataset(), c.partition(), c.filesBefore(), size(c.bytesBefore()), c.filesAfter());
            } else {
                out.printf(
                        "compacted   %s/%s: %d files (%s) became %d (%s) in %.1f s%n",
                        c.dataset(),
                        c.partition(),
                        c.filesBefore(),
                        size(c.bytesBefore()),
                        c.filesAfter(),
                        size(c.bytesAfter()),
                        c.millis() / 1e3);
            }
        }
        for (Report.Retained r : report.retained()) {
            out.printf(
                    "retained    %s: %,d rows from before %s %sdropped, %d whole files (%s)%n",
                    r.dataset(), r.rows(), r.before(), would, r.files(), size(r.bytes()));
        }
        for (Report.Collected c : report.collected()) {
            out.printf(
                    "collected   %,d payloads (%s) that nothing refers to %sdropped from %d files%n",
                    c.payloads(), size(c.bytes()), would, c.files());
        }
        for (Report.Reclaimed r : report.reclaimed()) {
            out.printf("reclaimed   %s %s%s (%s)%n", size(r.bytes()), would, r.path(), r.rule());
        }
        for (Report.Waiting w : report.waiting()) {
            out.printf("waiting     %s %s, until %s (%s)%n", size(w.bytes()), w.path(), w.until(), w.rule());
        }
        for (Report.Skipped s : report.skipped()) {
            out.printf("skipped     %s: %s%n", place(s.dataset(), s.partition()), s.why());
        }
        for (Report.Failed f : report.failed()) {
            out.printf("failed      %s: %s%n", place(f.dataset(), f.partition()), f.why());
        }
        long reclaimed =
                report.reclaimed().stream().mapToLong(Report.Reclaimed::bytes).sum();
        out.printf(
                "%s in %.1f s%s%s%n",
                report.failed().isEmpty() ? "done" : report.failed().size() + " failed, the rest done",
                Duration.between(report.startedAt(), report.endedAt()).toMillis() / 1e3,
                reclaimed == 0 ? "" : ", " + size(reclaimed) + " " + would + "reclaimed",
                peakBytes().isPresent() ? ", peak memory " + size(peakBytes().getAsLong()) : "");
    }

    private static String place(String dataset, String partition) {
        return dataset.isEmpty() || partition.isEmpty() ? dataset + partition : dataset + "/" + partition;
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
