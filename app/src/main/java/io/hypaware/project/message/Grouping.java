package io.hypaware.project.message;

import io.hypaware.project.conversation.MessagePrint;
import java.util.ArrayList;
import java.util.List;

/// Which elements of a request or an answer are one message: most are one each, but a prelude begins the message of the
/// assistant that follows it.
///
/// @param starts by message, its first element
public record Grouping(List<MessagePrint> messages, List<Integer> starts, int elements) {

    public Grouping {
        messages = List.copyOf(messages);
        starts = List.copyOf(starts);
    }

    static Grouping of(WireFormat format, List<MessagePrint> elements) {
        List<MessagePrint> messages = new ArrayList<>(elements.size());
        List<Integer> starts = new ArrayList<>(elements.size());
        int start = 0;
        for (int i = 0; i < elements.size(); i++) {
            MessagePrint element = elements.get(i);
            boolean begins = format.isPrelude(element)
                    && i + 1 < elements.size()
                    && elements.get(i + 1).isAssistant();
            if (!begins) {
                messages.add(element);
                starts.add(start);
                start = i + 1;
            }
        }
        return new Grouping(messages, starts, elements.size());
    }

    /// One past the last element of a message.
    int end(int message) {
        return message + 1 < starts.size() ? starts.get(message + 1) : elements;
    }
}
