/// Batches of rows in Iceberg tables of a destination, each once.
@org.jspecify.annotations.NullMarked
package io.hypaware.sink.iceberg;
