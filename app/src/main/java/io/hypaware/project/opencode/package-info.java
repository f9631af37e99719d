/// How OpenCode says messages in its database. It calls models of many providers; which one a message is of stands on
/// the message. Pure functions over JSON.
@NullMarked
package io.hypaware.project.opencode;

import org.jspecify.annotations.NullMarked;
