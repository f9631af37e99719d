/// What all wire formats of chat calls have in common: a request is read once, message by message; of
/// it and its answer, the rows of what is new are written. A [io.hypaware.project.message.WireFormat]
/// says what a message is; nothing here knows one by name.
@NullMarked
package io.hypaware.project.message;

import org.jspecify.annotations.NullMarked;
