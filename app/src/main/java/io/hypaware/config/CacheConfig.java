package io.hypaware.config;

import java.util.Optional;

/// Section `query.cache`.
public record CacheConfig(
        @Key(doc = "Folder of journal, catalog and tables; default <HYP_HOME>/hypaware/cache.", defaultJson = "null")
        Optional<String> dir,

        @Key(doc = "How long rows are kept.") RetentionConfig retention,

        @Key(doc = "Flush, compaction and clean-up.") MaintenanceConfig maintenance) {}
