package io.hypaware.home;

import java.util.LinkedHashMap;
import java.util.Map;

/// A map that holds so many entries, the last used.
public final class Recent<K, V> extends LinkedHashMap<K, V> {

    private static final long serialVersionUID = 1;
    private static final float LOAD = 0.75f;
    private static final int INITIAL = 16;

    private final int most;

    public Recent(int most) {
        super(INITIAL, LOAD, true);
        this.most = most;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > most;
    }
}
