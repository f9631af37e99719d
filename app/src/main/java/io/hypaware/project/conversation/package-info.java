/// Which messages of a call are known already, and which conversation it extends. A service that projectors use whose
/// calls say the whole history each time; no wire format is known here.
@NullMarked
package io.hypaware.project.conversation;

import org.jspecify.annotations.NullMarked;
