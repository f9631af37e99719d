/// What was captured, durable: exchanges, their raw frames, and projected rows that are not in the lake yet. SQLite.
/// Knows datasets and config; never the lake, a query or DuckDB.
@NullMarked
package io.hypaware.journal;

import org.jspecify.annotations.NullMarked;
