/// Rows that leave this machine as they are recorded: which go next, in what form and where to. Each goes once, whoever
/// dies when; those of sessions that stay on this machine do not, until they may.
@org.jspecify.annotations.NullMarked
package io.hypaware.sink.rows;
