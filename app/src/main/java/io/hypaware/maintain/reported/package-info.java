/// Calls that a client reports itself, by telemetry and by files in a spool: they become exchanges of the journal, and
/// from there on are what calls are that were recorded on their way. Nothing here knows rows of messages.
@NullMarked
package io.hypaware.maintain.reported;

import org.jspecify.annotations.NullMarked;
