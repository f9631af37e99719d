/// The folder on disk: where things are in it, and locks between processes that use it.
/// Knows the config, nothing else.
@NullMarked
package io.hypaware.home;

import org.jspecify.annotations.NullMarked;
