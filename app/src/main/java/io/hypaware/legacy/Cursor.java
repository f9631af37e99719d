package io.hypaware.legacy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// `cursor.json` of a partition: the one thing that says which generation lives. Checked to the last field,
/// because a guess here has deleted tables.
///
/// @param liveFolder name of the live generation's folder inside the partition
record Cursor(String liveFolder) {

    static final String FILE = "cursor.json";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern FOLDER = Pattern.compile("table(-[0-9A-Za-z_-]+)?|epoch=[0-9]+");
    private static final String REPAIR = "; the partition was left alone. Repair: hyp cache check --repair";

    /// @throws UnreadableCacheException if the file is missing, torn, empty, or says what it cannot mean
    static Cursor read(Path partition) throws UnreadableCacheException {
        Path file = partition.resolve(FILE);
        JsonNode json;
        try {
            byte[] bytes = Files.readAllBytes(file);
            if (bytes.length == 0) {
                throw new UnreadableCacheException(file + " is empty" + REPAIR);
            }
            json = JSON.readTree(bytes);
        } catch (JsonProcessingException e) {
            throw new UnreadableCacheException(
                    file + " is torn at byte " + e.getLocation().getByteOffset() + REPAIR, e);
        } catch (IOException e) {
            throw new UnreadableCacheException(file + " cannot be read: " + e + REPAIR, e);
        }
        check(file, "the whole", json.isObject(), "an object");
        JsonNode epoch = json.path("epoch");
        check(
                file,
                "epoch",
                epoch.isIntegralNumber() && epoch.canConvertToLong() && epoch.longValue() >= 0,
                "a number from 0");
        JsonNode rows = json.path("rowCount");
        check(
                file,
                "rowCount",
                rows.isMissingNode()
                        || rows.isNull()
                        || (rows.isIntegralNumber() && rows.canConvertToLong() && rows.longValue() >= 0),
                "a number from 0");
        for (String section : new String[] {"compaction", "retention"}) {
            JsonNode node = json.path(section);
            check(file, section, node.isMissingNode() || node.isNull() || node.isObject(), "an object");
        }
        JsonNode layout = json.path("layout");
        boolean sourceTable = layout.asText("").equals("source-table");
        check(
                file,
                "layout",
                layout.isMissingNode()
                        || layout.isNull()
                        || sourceTable
                        || layout.asText("").equals("epoch"),
                "source-table or epoch");
        JsonNode folder = json.path("tableDir");
        check(
                file,
                "tableDir",
                folder.isMissingNode()
                        || folder.isNull()
                        || (folder.isTextual()
                                && FOLDER.matcher(folder.textValue()).matches()),
                "the name of a generation");
        if (folder.isTextual()) {
            return new Cursor(folder.textValue());
        }
        return new Cursor(sourceTable ? "table" : "epoch=" + epoch.longValue());
    }

    /// A cursor that names a generation, in the older program's own form.
    static String json(String folder) {
        boolean epoch = folder.startsWith("epoch=");
        ObjectNode json = JSON.createObjectNode();
        json.put("epoch", epoch ? Long.parseLong(folder.substring("epoch=".length())) : 0L);
        json.putNull("rowCount");
        json.putNull("compaction");
        if (!epoch) {
            json.put("layout", "source-table");
            json.put("tableDir", folder);
        }
        return json.toPrettyString() + "\n";
    }

    private static void check(Path file, String field, boolean valid, String expected) throws UnreadableCacheException {
        if (!valid) {
            throw new UnreadableCacheException(file + ": " + field + " is not " + expected + REPAIR);
        }
    }
}
