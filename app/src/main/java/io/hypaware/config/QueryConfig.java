package io.hypaware.config;

/// How recorded data is kept and queried: section `query`.
public record QueryConfig(
        @Key(doc = "Where data lies and how long it is kept.")
        CacheConfig cache,

        @Key(
                doc = "Most memory the engine takes for one query; larger work spills to disk.",
                defaultJson = "268435456",
                min = 33554432)
        long memoryBytes) {}
