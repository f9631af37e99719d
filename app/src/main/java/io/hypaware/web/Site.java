package io.hypaware.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.home.Cache;
import io.hypaware.read.Found;
import io.hypaware.read.Prices;
import io.hypaware.read.Recorded;
import java.time.Clock;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.Callable;

/// What the pages are made of, and where that comes from.
///
/// @param memoryBytes most memory of a query
/// @param zone the user's, in which days begin and times are shown
/// @param clock what time it is
/// @param settle makes what was just recorded visible
/// @param search finds words in what is recorded by now
/// @param status what `hyp status` says, and what is wrong
public record Site(
        Cache cache,
        Recorded recorded,
        long memoryBytes,
        Callable<Prices> prices,
        ZoneId zone,
        Clock clock,
        Step settle,
        Search search,
        Callable<JsonNode> status) {

    /// Something to do before a page is made.
    @FunctionalInterface
    public interface Step {
        void run() throws Exception;
    }

    /// Finds words, the best first.
    @FunctionalInterface
    public interface Search {
        List<Found> find(io.hypaware.search.Search search) throws Exception;
    }
}
