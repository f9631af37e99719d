package io.hypaware.search;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/// How far the index has come. It is committed together with the parts that it counts.
///
/// @param seq the last row's position that it holds
/// @param adopted how many parts it holds of each partition of an older cache, by its number
public record Position(long seq, Map<Long, Long> adopted) {

    public static final Position NONE = new Position(0, Map.of());

    private static final String SEQ = "hyp.seq";
    private static final String ADOPTED = "hyp.adopted.";

    public Position {
        adopted = Map.copyOf(adopted);
    }

    public Position to(long later) {
        return new Position(later, adopted);
    }

    public Position with(long number, long parts) {
        Map<Long, Long> more = new TreeMap<>(adopted);
        more.put(number, parts);
        return new Position(seq, more);
    }

    Map<String, String> toMap() {
        Map<String, String> map = new LinkedHashMap<>();
        map.put(SEQ, Long.toString(seq));
        adopted.forEach((number, parts) -> map.put(ADOPTED + number, Long.toString(parts)));
        return map;
    }

    static Position of(Map<String, String> map) {
        Map<Long, Long> adopted = new TreeMap<>();
        map.forEach((key, value) -> {
            if (key.startsWith(ADOPTED)) {
                adopted.put(Long.parseLong(key.substring(ADOPTED.length())), Long.parseLong(value));
            }
        });
        return new Position(Long.parseLong(map.getOrDefault(SEQ, "0")), adopted);
    }
}
