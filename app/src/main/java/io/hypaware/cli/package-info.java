/// The `hyp` command line: one class per command, which parses, calls and prints.
/// No logic enters here: what a command does lives in the room it calls.
@NullMarked
package io.hypaware.cli;

import org.jspecify.annotations.NullMarked;
