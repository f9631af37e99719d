package io.hypaware.bench.report;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// Where figures come from.
///
/// @param revision the commit, and whether the tree was changed since
/// @param machine what it ran on, and the peers' versions
/// @param command what is typed to measure them again
public record Origin(Instant at, String revision, String machine, String command) {

    String day() {
        return at.truncatedTo(ChronoUnit.MINUTES).toString().replace('T', ' ').replace(":00Z", " UTC");
    }

    String line() {
        return "Measured " + day() + ", " + revision + ", on " + machine + ": `" + command + "`.";
    }
}
