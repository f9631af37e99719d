/// The Anthropic Messages wire format. Pure functions over bytes.
@NullMarked
package io.hypaware.project.anthropic;

import org.jspecify.annotations.NullMarked;
