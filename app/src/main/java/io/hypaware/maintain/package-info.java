/// What the worker does: settle (project what is pending), flush hot rows to the lake, prune.
/// Brings journal, projection and lake together; holds no socket.
@NullMarked
package io.hypaware.maintain;

import org.jspecify.annotations.NullMarked;
