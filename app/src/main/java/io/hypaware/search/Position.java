package io.hypaware.search;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// How far the index has come. It is committed together with the parts that it counts.
///
/// @param seq the last row's position that it holds
/// @param adopted how many parts it holds of each partition of an older cache, by its number
/// @param begun the partition of which it holds a beginning
/// @param left how many parts of older caches it is still to hold
public record Position(long seq, Map<Long, Long> adopted, Optional<Begun> begun, long left) {

    public static final Position NONE = new Position(0, Map.of(), Optional.empty(), 0);

    private static final String SEQ = "hyp.seq";
    private static final String ADOPTED = "hyp.adopted.";
    private static final String BEGUN = "hyp.begun.";
    private static final String LEFT = "hyp.left";

    /// The beginning of a partition of an older cache, in the order of its parts' times.
    ///
    /// @param number of the partition
    /// @param of how many parts it has
    /// @param held how many of them the index holds
    /// @param before microseconds since the epoch: it holds what is older
    public record Begun(long number, long of, long held, long before) {

        private void put(Map<String, String> map) {
            map.put(BEGUN + "number", Long.toString(number));
            map.put(BEGUN + "of", Long.toString(of));
            map.put(BEGUN + "held", Long.toString(held));
            map.put(BEGUN + "before", Long.toString(before));
        }

        private static Optional<Begun> of(Map<String, String> map) {
            return map.containsKey(BEGUN + "number")
                    ? Optional.of(new Begun(
                            Long.parseLong(map.get(BEGUN + "number")),
                            Long.parseLong(map.getOrDefault(BEGUN + "of", "0")),
                            Long.parseLong(map.getOrDefault(BEGUN + "held", "0")),
                            Long.parseLong(map.getOrDefault(BEGUN + "before", "0"))))
                    : Optional.empty();
        }
    }

    public Position {
        adopted = Map.copyOf(adopted);
    }

    public Position to(long later) {
        return new Position(later, adopted, begun, left);
    }

    /// With a partition of which it holds all parts.
    public Position with(long number, long parts) {
        Map<Long, Long> more = new TreeMap<>(adopted);
        more.put(number, parts);
        return new Position(seq, more, begun.filter(some -> some.number() != number), left);
    }

    /// With the beginning of a partition.
    public Position with(Begun some) {
        return new Position(seq, adopted, Optional.of(some), left);
    }

    /// With so many parts of older caches that it is still to hold.
    public Position leaving(long parts) {
        return new Position(seq, adopted, parts == 0 ? Optional.empty() : begun, parts);
    }

    /// Whether any parts are of older caches.
    boolean hasAdopted() {
        return !adopted.isEmpty() || begun.isPresent();
    }

    Map<String, String> toMap() {
        Map<String, String> map = new LinkedHashMap<>();
        map.put(SEQ, Long.toString(seq));
        adopted.forEach((number, parts) -> map.put(ADOPTED + number, Long.toString(parts)));
        begun.ifPresent(some -> some.put(map));
        map.put(LEFT, Long.toString(left));
        return map;
    }

    static Position of(Map<String, String> map) {
        Map<Long, Long> adopted = new TreeMap<>();
        map.forEach((key, value) -> {
            if (key.startsWith(ADOPTED)) {
                adopted.put(Long.parseLong(key.substring(ADOPTED.length())), Long.parseLong(value));
            }
        });
        return new Position(
                Long.parseLong(map.getOrDefault(SEQ, "0")),
                adopted,
                Begun.of(map),
                Long.parseLong(map.getOrDefault(LEFT, "0")));
    }
}
