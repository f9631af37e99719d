package io.hypaware.project.websocket;

import java.util.List;
import java.util.Optional;

/// A call over a connection, and what was answered.
///
/// @param number on its recording, from 0 on
/// @param whole whether the answer's last message came
/// @param cutShort whether not all of the answer is held
public record Turn(
        int number, Message request, List<Message> answer, boolean whole, boolean cutShort, Optional<Integer> status) {

    public Turn {
        answer = List.copyOf(answer);
    }

    public long endMicros() {
        return answer.isEmpty() ? request.endMicros() : answer.getLast().endMicros();
    }

    /// The answer's messages, a line each.
    public byte[] answerLines() {
        return Lines.of(answer);
    }

    public long answerBytes() {
        return answer.stream().mapToLong(m -> m.bytes().length).sum();
    }
}
