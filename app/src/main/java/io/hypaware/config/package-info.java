/// The config file: one record per section is its keys, defaults, checks and docs.
/// Knows no other room.
@NullMarked
package io.hypaware.config;

import org.jspecify.annotations.NullMarked;
