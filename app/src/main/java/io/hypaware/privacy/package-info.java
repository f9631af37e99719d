/// What may be recorded of whom, and what may leave the machine: by folder, by agent, by session. Knows no rows.
@NullMarked
package io.hypaware.privacy;

import org.jspecify.annotations.NullMarked;
