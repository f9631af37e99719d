/// A DuckDB connection with a memory limit, and the way rows get into it. Knows datasets; nothing of Iceberg or
/// the journal.
@NullMarked
package io.hypaware.engine;

import org.jspecify.annotations.NullMarked;
