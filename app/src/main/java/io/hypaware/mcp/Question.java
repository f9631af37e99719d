package io.hypaware.mcp;

import io.hypaware.home.Cache;
import io.hypaware.query.Deadline;
import io.hypaware.query.Scope;
import io.hypaware.read.Prices;
import io.hypaware.read.Recorded;
import io.hypaware.secret.Redactor;
import java.io.IOException;
import java.nio.file.Path;

/// What a tool has to answer from, until its time is over.
///
record Question(Path home, Cache cache, long memoryBytes, Told told, Deadline deadline) {

    /// What may be told.
    ///
    /// @param scope without what stays on this machine
    /// @param redactor through which all that is told goes
    record Told(Scope scope, Redactor redactor) {}

    Redactor redactor() {
        return told.redactor();
    }

    Scope scope() {
        return told.scope();
    }

    Recorded recorded() {
        return new Recorded(cache, memoryBytes, deadline, told.scope());
    }

    /// The same with another time.
    Question within(Deadline other) {
        return new Question(home, cache, memoryBytes, told, other);
    }

    Prices prices() throws IOException {
        return Prices.of(home);
    }
}
