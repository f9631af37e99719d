package io.hypaware.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/// The name of a file within a destination: segments with `/` between them. None leads elsewhere, hides, or is longer
/// than what a file system and a bucket take.
public record ObjectKey(String path) implements Comparable<ObjectKey> {

    /// A bucket takes 1,024 bytes, of which a prefix has some.
    private static final int MOST_BYTES = 900;

    /// A file system takes 255, of which a file's name while it is written has some.
    private static final int MOST_SEGMENT_BYTES = 200;

    public ObjectKey {
        if (!isKey(path)) {
            throw new IllegalArgumentException("\"" + shown(path) + "\" is no key: it has at most " + MOST_BYTES
                    + " bytes, each segment has 1 to " + MOST_SEGMENT_BYTES
                    + ", does not begin with a dot, and has no control characters and no backslash");
        }
    }

    /// A key of what somebody else named, empty if that is none.
    static Optional<ObjectKey> ifAny(String path) {
        return isKey(path) ? Optional.of(new ObjectKey(path)) : Optional.empty();
    }

    private static boolean isKey(String path) {
        return path.getBytes(StandardCharsets.UTF_8).length <= MOST_BYTES
                && Arrays.stream(path.split("/", -1)).allMatch(ObjectKey::isSegment);
    }

    private static boolean isSegment(String segment) {
        return !segment.isEmpty()
                && !segment.startsWith(".")
                && segment.getBytes(StandardCharsets.UTF_8).length <= MOST_SEGMENT_BYTES
                && segment.codePoints().allMatch(ObjectKey::isPlain);
    }

    private static boolean isPlain(int c) {
        return !Character.isISOControl(c) && c != '\\' && Character.getType(c) != Character.SURROGATE;
    }

    private static String shown(String path) {
        return path.length() > 80 ? path.substring(0, 80) + "…" : path;
    }

    /// A key of segments.
    public static ObjectKey of(String... segments) {
        return new ObjectKey(String.join("/", segments));
    }

    /// What lies below this folder.
    public ObjectKey child(String below) {
        return new ObjectKey(path + "/" + below);
    }

    /// The last segment.
    public String name() {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /// Whether this lies in the folder, however deep.
    public boolean isBelow(ObjectKey folder) {
        return path.startsWith(folder.path() + "/");
    }

    /// The name of this within a folder that it lies in.
    public String below(ObjectKey folder) {
        return path.substring(folder.path().length() + 1);
    }

    /// By code point, as buckets list them.
    @Override
    public int compareTo(ObjectKey other) {
        return Arrays.compareUnsigned(
                path.getBytes(StandardCharsets.UTF_8), other.path.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return path;
    }
}
