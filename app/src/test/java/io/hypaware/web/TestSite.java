package io.hypaware.web;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.maintain.FreshSearch;
import io.hypaware.read.Prices;
import io.hypaware.read.Recorded;
import io.hypaware.testing.RecordedCalls;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/// Pages over what a test records.
final class TestSite {

    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    static Site of(RecordedCalls calls) {
        Cache cache = new Cache(calls.cache());
        Recorded recorded = new Recorded(cache, 100_000_000);
        return new Site(
                cache,
                recorded,
                100_000_000,
                Prices::shippedTable,
                ZoneId.of("UTC"),
                Clock.fixed(NOW, ZoneOffset.UTC),
                calls::settle,
                search -> new FreshSearch(cache, recorded)
                        .find(search, new FreshSearch.Patience(Progress.NONE, () -> false))
                        .found(),
                () -> new ObjectMapper()
                        .readTree(
                                "{\"gateway\":{\"running\":true,\"address\":\"http://127.0.0.1:1\"},\"diagnostics\":[],"
                                        + "\"datasets\":{\"exchanges\":{\"rows_lake\":3,\"files\":1,\"bytes_lake\":2000,\"rows_hot\":1}}}"));
    }

    private TestSite() {}
}
