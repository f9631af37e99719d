/// Spark, for what does not fit on one machine: its jars, a process of it that answers SQL, and the maintenance of a
/// team's lake by Iceberg's own procedures. Spark itself never comes into a process of ours.
@NullMarked
package io.hypaware.spark;

import org.jspecify.annotations.NullMarked;
