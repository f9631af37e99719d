package io.hypaware.read;

import io.hypaware.journal.SecretSighting;
import java.time.Instant;

/// A secret that went out or came in: what tells it from others, never itself.
///
/// @param first where it was seen first
/// @param parts of messages in which it stands
/// @param times that it stands in them
/// @param sessions in which it was said
/// @param last when it was last said anew
/// @param receiver whom it was sent to first
/// @param calls that carried it: those of its conversations from where it was said
public record FoundSecret(
        SecretSighting first, long parts, long times, long sessions, Instant last, Receiver receiver, long calls) {

    /// Empty where no call is known.
    public record Receiver(String provider, String upstream, String model) {

        static final Receiver UNKNOWN = new Receiver("", "", "");
    }
}
