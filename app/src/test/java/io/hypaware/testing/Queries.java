package io.hypaware.testing;

import io.hypaware.home.Cache;
import io.hypaware.query.QuerySession;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What a user's query sees.
public final class Queries {

    private static final long MEMORY_BYTES = 256L << 20;

    /// The first column of every row, as text.
    public static List<String> values(Path cache, String sql) throws Exception {
        List<String> values = new ArrayList<>();
        try (QuerySession session = QuerySession.open(new Cache(cache), MEMORY_BYTES, sql)) {
            session.run(result -> {
                while (result.next()) {
                    values.add(result.getString(1));
                }
            });
        }
        return values;
    }

    private Queries() {}
}
