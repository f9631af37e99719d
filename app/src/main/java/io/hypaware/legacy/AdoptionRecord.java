package io.hypaware.legacy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hypaware.lake.LakeTable;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// How far the adoption of one partition is. A property of the lake's table, committed together with the rows.
///
/// @param number what stands, negative, in `_seq` of the rows that are adopted under it; once done, none are added to
///     them
/// @param state `adopting`, `done` or `restored`
/// @param source the state of the table that is adopted, see [OlderTable#state()]
/// @param files data files of it whose rows are in the lake
/// @param rows rows in the lake
/// @param duplicates rows left out because they were there already
/// @param spool names and sizes of the spool files whose rows are in the lake
/// @param at when this was written, ISO
/// @param earlier numbers under which rows of it were adopted before the older program went on
public record AdoptionRecord(
        int number,
        String state,
        String source,
        int files,
        long rows,
        long duplicates,
        String spool,
        String at,
        List<Integer> earlier) {

    static final String ADOPTING = "adopting";
    public static final String DONE = "done";
    public static final String RESTORED = "restored";

    /// Records of before this was kept have none.
    @SuppressWarnings("ConstantValue")
    public AdoptionRecord {
        earlier = earlier == null ? List.of() : List.copyOf(earlier);
    }

    private static final String PREFIX = "hyp.adopted.";
    private static final ObjectMapper JSON = new ObjectMapper();

    static String key(OlderPartition partition) {
        return PREFIX + partition.name();
    }

    /// What the table knows of a partition; empty if nothing was ever adopted of it.
    public static Optional<AdoptionRecord> of(LakeTable table, OlderPartition partition) {
        return Optional.ofNullable(table.property(key(partition)).orElse(null)).map(AdoptionRecord::parse);
    }

    /// The number for a partition that has none yet.
    static int nextNumber(LakeTable table) {
        return 1
                + table.properties(PREFIX).values().stream()
                        .mapToInt(text -> parse(text).number())
                        .max()
                        .orElse(0);
    }

    /// When a partition was last adopted, or is being.
    public static Optional<Instant> newest(LakeTable table) {
        return table.properties(PREFIX).values().stream()
                .map(AdoptionRecord::parse)
                .filter(record -> !record.state().equals(RESTORED))
                .map(record -> Instant.parse(record.at()))
                .max(Comparator.naturalOrder());
    }

    /// The numbers of which no more rows come.
    public static List<Integer> complete(LakeTable table) {
        return table.properties(PREFIX).values().stream()
                .map(AdoptionRecord::parse)
                .flatMap(record -> record.state().equals(DONE) ? record.numbers() : record.earlier().stream())
                .sorted()
                .toList();
    }

    /// All numbers under which there are rows of the partition.
    public Stream<Integer> numbers() {
        return Stream.concat(earlier.stream(), Stream.of(number));
    }

    /// The same under a new number: what is adopted from now on is told apart from what was. Of a partition that was
    /// given back all is adopted again.
    AdoptionRecord under(int newNumber) {
        List<Integer> before = numbers().toList();
        return state.equals(RESTORED)
                ? new AdoptionRecord(newNumber, ADOPTING, "", 0, 0, 0, "", at, before)
                : new AdoptionRecord(newNumber, ADOPTING, source, files, rows, duplicates, spool, at, before);
    }

    /// Writes down that the partition was given back.
    public void restored(LakeTable table, OlderPartition partition, Instant when) {
        table.append(List.of(), key(partition), with(RESTORED, when.toString()).toJson());
    }

    String toJson() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    AdoptionRecord with(String newState, String newAt) {
        return new AdoptionRecord(number, newState, source, files, rows, duplicates, spool, newAt, earlier);
    }

    private static AdoptionRecord parse(String text) {
        try {
            return JSON.readValue(text, AdoptionRecord.class);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("the lake's record of an adoption cannot be read: " + text, e);
        }
    }
}
