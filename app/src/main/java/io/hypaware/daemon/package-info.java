/// Process life: up, down, run in the foreground, start workers, status. Starts other rooms; holds no logic of
/// theirs.
@NullMarked
package io.hypaware.daemon;

import org.jspecify.annotations.NullMarked;
