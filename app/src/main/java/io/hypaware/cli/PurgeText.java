package io.hypaware.cli;

import io.hypaware.maintain.purge.PurgePlan;
import io.hypaware.maintain.purge.PurgeProof;
import io.hypaware.maintain.purge.PurgeResult;
import io.hypaware.query.ResultWriter;
import java.io.PrintWriter;
import java.util.Map;

/// What a purge would do, and what it did, for people.
final class PurgeText {

    /// @param lines what people know the sessions by
    static void plan(PrintWriter out, PurgePlan plan, Map<String, String> lines) {
        if (plan.sessionCount() > 0) {
            out.printf(
                    "%,d %s whole:%n", plan.sessionCount(), plan.sessionCount() == 1 ? "session goes" : "sessions go");
            plan.sessions()
                    .forEach(session -> out.println("  " + ResultWriter.shown(session) + "  "
                            + Results.line(lines.getOrDefault(session, "").replaceAll("\\s+", " "), 110)));
            if (plan.sessionCount() > plan.sessions().size()) {
                out.println("  ...");
            }
        }
        plan.rows().forEach((dataset, rows) -> out.printf("%,12d rows of %s%n", rows, dataset));
        out.printf(
                "%,12d payloads that nothing else refers to (%s); %,d that others share stay%n",
                plan.payloads(), StatusText.size(plan.payloadBytes()), plan.shared());
        out.printf(
                "%,12d files of the lake are written again (%s); snapshots that had what goes are ended%n",
                plan.files(), StatusText.size(plan.fileBytes()));
        out.println("             the search index gives it up; lines of logs and hooks that name it are blanked");
        if (plan.beingRecorded() > 0) {
            out.printf("%,12d calls are being recorded now; what they say is there afterwards%n", plan.beingRecorded());
        }
        if (plan.waiting() > 0) {
            out.printf("%,12d calls, or what was sent of some, are no rows yet; they go, too%n", plan.waiting());
        }
        plan.notes().forEach(note -> out.println("note: " + note));
    }

    static void result(PrintWriter out, PurgeResult result) {
        out.printf(
                "purged in %.1f s: %,d sessions, %,d rows, %,d exchanges, %,d payloads; %,d files written again (%s), %,d"
                        + " deleted (%s), %,d lines blanked%n",
                result.millis() / 1e3,
                result.sessions(),
                result.rows().values().stream().mapToLong(Long::longValue).sum(),
                result.exchanges(),
                result.payloads(),
                result.filesRewritten(),
                StatusText.size(result.bytesRewritten()),
                result.filesDeleted(),
                StatusText.size(result.bytesDeleted()),
                result.linesBlanked());
        result.notes().forEach(note -> out.println("note: " + note));
    }

    static void proof(PrintWriter out, PurgeProof proof) {
        out.printf(
                "%s: %,d pieces looked for in %,d files (%s) in %.1f s; %,d of them others said, too%n",
                !proof.isClean()
                        ? "SOMETHING IS LEFT"
                        : proof.pieces() == 0 ? "nothing was looked for, as nothing went" : "nothing of it is left",
                proof.pieces(),
                proof.files(),
                StatusText.size(proof.bytes()),
                proof.millis() / 1e3,
                proof.shared());
        proof.places().forEach((place, count) -> out.printf("  found %,d in %s%n", count, place));
        proof.unread().forEach(why -> out.println("  " + why));
    }

    static void found(PrintWriter out, PurgeProof proof) {
        out.printf(
                "%s in %,d files (%s), read in %.1f s%n",
                proof.places().isEmpty() ? "not found" : "found",
                proof.files(),
                StatusText.size(proof.bytes()),
                proof.millis() / 1e3);
        proof.places().keySet().forEach(place -> out.println("  " + place));
        proof.unread().forEach(why -> out.println("  " + why));
    }

    private PurgeText() {}
}
