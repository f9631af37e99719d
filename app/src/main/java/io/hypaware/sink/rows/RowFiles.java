package io.hypaware.sink.rows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.dataset.Column;
import io.hypaware.dataset.ColumnType;
import io.hypaware.dataset.Dataset;
import io.hypaware.journal.RowBatch;
import io.hypaware.project.Json;
import io.hypaware.query.RowExport;
import io.hypaware.sink.rows.StagedBatch.DayFile;
import io.hypaware.store.Content;
import io.hypaware.store.Destination;
import io.hypaware.store.ObjectKey;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;

/// A batch of rows as files: one for each day, in a folder of its name, and a manifest that says what they hold, last.
public final class RowFiles implements BatchWriter {

    private final Destination to;
    private final RowExport.Form form;
    private final String origin;

    /// @param origin which journal the positions in names are of
    public RowFiles(Destination to, RowExport.Form form, String origin) {
        this.to = to;
        this.form = form;
        this.origin = origin;
    }

    @Override
    public RowExport.Form form(Dataset dataset) {
        return form;
    }

    private ObjectKey key(StagedBatch staged, DayFile file) {
        return ObjectKey.of(
                staged.dataset().name(),
                "date=" + file.day().date(),
                origin + "-" + staged.batch().name() + "." + form.extension());
    }

    /// Folders that begin so are not looked into by engines that read the others.
    private ObjectKey manifestKey(StagedBatch staged) {
        return ObjectKey.of(
                staged.dataset().name(),
                "_batches",
                origin + "-%08d.%s.json".formatted(staged.batch().number(), form.extension()));
    }

    @Override
    public Set<String> keys(StagedBatch staged) {
        Set<String> keys = new TreeSet<>();
        if (!staged.files().isEmpty()) {
            staged.files().forEach(file -> keys.add(key(staged, file).path()));
            keys.add(manifestKey(staged).path());
        }
        return keys;
    }

    @Override
    public boolean isThere(StagedBatch staged) throws IOException {
        for (String key : keys(staged)) {
            if (to.stat(new ObjectKey(key)).isPresent()) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void put(StagedBatch staged, Runnable put) throws IOException {
        for (DayFile file : staged.files()) {
            to.put(key(staged, file), Content.of(file.file()));
            put.run();
        }
        Set<String> keys = keys(staged);
        if (!keys.isEmpty()) {
            to.put(
                    manifestKey(staged),
                    Content.of(
                            Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(manifest(staged)) + "\n"));
        }
        for (String key : staged.batch().keys()) {
            if (!keys.contains(key)) {
                to.delete(new ObjectKey(key));
            }
        }
    }

    private ObjectNode manifest(StagedBatch staged) {
        RowBatch batch = staged.batch();
        ObjectNode manifest = Json.object();
        manifest.put("version", 1);
        manifest.put("dataset", batch.dataset());
        manifest.put("origin", origin);
        manifest.put("batch", batch.number());
        if (batch.isRelease()) {
            manifest.put("kind", "released");
        } else if (batch.range().isAdopted()) {
            manifest.put("kind", "adopted").put("adopted", -batch.range().last());
        } else {
            manifest.put("kind", "positions")
                    .put("first_seq", batch.range().after() + 1)
                    .put("last_seq", batch.range().last());
        }
        manifest.put("rows", staged.rows());
        manifest.put("sessions_left_out", staged.leftOut().size());
        var files = manifest.putArray("files");
        for (DayFile file : staged.files()) {
            files.addObject()
                    .put("key", key(staged, file).path())
                    .put("date", file.day().date().toString())
                    .put("rows", file.day().rows())
                    .put("first_seq", file.day().first())
                    .put("last_seq", file.day().last())
                    .put("bytes", file.bytes())
                    .put("sha256", file.sha256());
        }
        var schema = manifest.putArray("schema");
        for (Column column : staged.dataset().columns()) {
            ColumnType type = column.type();
            schema.addObject().put("name", column.name()).put("type", type.sql());
        }
        return manifest;
    }
}
