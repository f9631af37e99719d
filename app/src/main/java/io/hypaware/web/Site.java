package io.hypaware.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.home.Cache;
import io.hypaware.read.Prices;
import io.hypaware.read.Recorded;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Optional;
import java.util.concurrent.Callable;

/// What the pages are made of, and where that comes from.
///
/// @param memoryBytes most memory of a query
/// @param zone the user's, in which days begin and times are shown
/// @param clock what time it is
/// @param settle makes what was just recorded visible
/// @param feed makes it searchable
/// @param status what `hyp status` says, and what is wrong
/// @param resume the agent's own command that goes on with a session, by agent and session; it is only shown
public record Site(
        Cache cache,
        Recorded recorded,
        long memoryBytes,
        Callable<Prices> prices,
        ZoneId zone,
        Clock clock,
        Step settle,
        Step feed,
        Callable<JsonNode> status,
        Resume resume) {

    /// Something to do before a page is made.
    @FunctionalInterface
    public interface Step {
        void run() throws Exception;
    }

    /// @see io.hypaware.web.Site#resume
    @FunctionalInterface
    public interface Resume {
        Optional<String> of(String client, String session, String folder);
    }
}
