/// What agents write down themselves, line by line, and how that becomes rows. Where their files are, and which of them
/// are new, is not known here; nor is any one agent's format, see [TranscriptFormat].
@NullMarked
package io.hypaware.project.transcript;

import org.jspecify.annotations.NullMarked;
