/// Brings what agents wrote down themselves into the lake: finds their transcripts, reads those that are new, and lets
/// `project/transcript` make rows of them. What a line means is not known here.
@NullMarked
package io.hypaware.backfill;

import org.jspecify.annotations.NullMarked;
