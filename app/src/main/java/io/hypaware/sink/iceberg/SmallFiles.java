package io.hypaware.sink.iceberg;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.iceberg.DataFile;

/// Which files of a table are worth to be made one: small ones of one day, which one writer has put there.
final class SmallFiles {

    /// Files from here on stay as they are.
    private static final long SMALL_BYTES = 32L << 20;

    private static final long MOST_BYTES = 128L << 20;

    /// Fewer do not matter to a reader.
    private static final int LEAST_FILES = 4;

    /// Each is on this machine's disk, and named in one query.
    private static final int MOST_FILES = 500;

    private final Map<Integer, List<DataFile>> days = new TreeMap<>();

    void add(DataFile file) {
        if (file.fileSizeInBytes() < SMALL_BYTES) {
            days.computeIfAbsent(file.partition().get(0, Integer.class), _ -> new ArrayList<>())
                    .add(file);
        }
    }

    /// Files that become one each, in the order of days and of keys.
    List<List<DataFile>> groups() {
        List<List<DataFile>> groups = new ArrayList<>();
        for (List<DataFile> files : days.values()) {
            files.sort(Comparator.comparing(DataFile::location));
            List<DataFile> group = new ArrayList<>();
            long bytes = 0;
            for (DataFile file : files) {
                if (bytes + file.fileSizeInBytes() > MOST_BYTES || group.size() == MOST_FILES) {
                    groups.add(group);
                    group = new ArrayList<>();
                    bytes = 0;
                }
                group.add(file);
                bytes += file.fileSizeInBytes();
            }
            groups.add(group);
        }
        groups.removeIf(group -> group.size() < LEAST_FILES);
        return groups;
    }
}
