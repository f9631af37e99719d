package io.hypaware.gateway;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Texts that were looked at and hold nothing secret, because the headers of one call are those of the next.
/// Bounded: it forgets all when it is full. What is secret is never in it.
final class Remembered {

    private static final int MOST = 1_000;
    private static final int LONGEST = 300;

    private final Set<String> texts = ConcurrentHashMap.newKeySet();

    boolean contains(String text) {
        return texts.contains(text);
    }

    void add(String text) {
        if (text.length() > LONGEST) {
            return;
        }
        if (texts.size() >= MOST) {
            texts.clear();
        }
        texts.add(text);
    }
}
