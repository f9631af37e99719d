/// Accepts a call, routes it, forwards it byte for byte and hands a copy to the journal.
/// Knows the journal and the config, nothing else; never parses a body, never waits for the disk.
@NullMarked
package io.hypaware.gateway;

import org.jspecify.annotations.NullMarked;
