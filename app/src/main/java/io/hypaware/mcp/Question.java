package io.hypaware.mcp;

import io.hypaware.home.Cache;
import io.hypaware.query.Deadline;
import io.hypaware.read.Prices;
import io.hypaware.read.Recorded;
import io.hypaware.secret.Redactor;
import java.io.IOException;
import java.nio.file.Path;

/// What a tool has to answer from, until its time is over.
///
/// @param redactor through which all that is told goes
record Question(Path home, Cache cache, long memoryBytes, Redactor redactor, Deadline deadline) {

    Recorded recorded() {
        return new Recorded(cache, memoryBytes, deadline);
    }

    /// The same with another time.
    Question within(Deadline other) {
        return new Question(home, cache, memoryBytes, redactor, other);
    }

    Prices prices() throws IOException {
        return Prices.of(home);
    }
}
