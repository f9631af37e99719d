/// Iceberg tables in a destination, a folder or a bucket, without a catalog: the next metadata file is put where none
/// is, and that is the commit.
@org.jspecify.annotations.NullMarked
package io.hypaware.lake.stored;
