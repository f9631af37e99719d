/// Turns what was on the wire into rows, and decides which messages are new. Pure functions over a captured
/// exchange and a known history; no files, no clock.
@NullMarked
package io.hypaware.project;

import org.jspecify.annotations.NullMarked;
