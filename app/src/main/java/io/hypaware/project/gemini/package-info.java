/// The wire format of the Gemini API. Pure functions over bytes.
@NullMarked
package io.hypaware.project.gemini;

import org.jspecify.annotations.NullMarked;
