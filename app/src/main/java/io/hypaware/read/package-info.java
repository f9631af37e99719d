/// What happened: exchanges, sessions, and why a prompt cache missed. Reads what is recorded, through queries; writes
/// nothing but the price table, once.
@NullMarked
package io.hypaware.read;

import org.jspecify.annotations.NullMarked;
