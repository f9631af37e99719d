package io.hypaware.project.message;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.project.conversation.History;
import java.util.List;

/// Notes that a client puts into messages and moves about.
public interface Notes {

    /// A client that moves none.
    Notes NONE = new Notes() {
        @Override
        public boolean take(int index, String role, JsonNode block) {
            return false;
        }

        @Override
        public List<History.Entry> without(List<History.Entry> entries) {
            return entries;
        }
    };

    /// Whether a block is a note that was in a known message before; it is not looked for twice.
    ///
    /// @param index of its message in the request
    boolean take(int index, String role, JsonNode block);

    /// The messages of the request, as they are known from now on, without the notes that have left them: said there
    /// again, they are new.
    List<History.Entry> without(List<History.Entry> entries);
}
