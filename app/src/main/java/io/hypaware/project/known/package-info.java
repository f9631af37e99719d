/// Which parts of messages have a row already, by whichever way they came: the wire, a transcript, an older
/// cache. What reads a call and what reads a transcript ask here before they write one, so that one thing is one
/// row. No wire format is known here.
@NullMarked
package io.hypaware.project.known;

import org.jspecify.annotations.NullMarked;
