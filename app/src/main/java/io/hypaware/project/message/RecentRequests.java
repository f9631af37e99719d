package io.hypaware.project.message;

import io.hypaware.project.Body;
import io.hypaware.project.conversation.MessagePrint;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The last requests of some sessions, as they were sent: the next one says the same and some more, so that most of its
/// messages need not be read to be known. Of one thread.
public final class RecentRequests {

    private static final int MOST = 4;

    /// A request whose elements stand where the spans say.
    private record Recent(byte[] body, List<RequestOutline.Span> spans, List<MessagePrint> prints) {}

    private final Map<String, Recent> recent = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Recent> eldest) {
            return size() > MOST;
        }
    };

    /// Reads a request of a session, and remembers it for the next one.
    public RequestOutline read(WireFormat format, String session, Body body) throws IOException {
        RequestOutline request = RequestOutline.read(format, body, of(session));
        Optional<byte[]> bytes = body.bytes();
        if (bytes.isPresent()) {
            put(session, bytes.get(), request);
        }
        return request;
    }

    public void put(String session, byte[] body, RequestOutline request) {
        if (request.spans().size() == request.elements().size()) {
            recent.put(session, new Recent(body, request.spans(), request.elements()));
        }
    }

    /// Tells messages by the last request of a session.
    public Known of(String session) {
        Recent last = recent.get(session);
        return (index, body, span) -> {
            if (last == null || index >= last.spans().size()) {
                return Optional.empty();
            }
            RequestOutline.Span before = last.spans().get(index);
            boolean same = Arrays.equals(
                    last.body(),
                    Math.toIntExact(before.start()),
                    Math.toIntExact(before.end()),
                    body,
                    Math.toIntExact(span.start()),
                    Math.toIntExact(span.end()));
            return same ? Optional.of(last.prints().get(index)) : Optional.empty();
        };
    }

    /// Tells a message by its bytes.
    @FunctionalInterface
    public interface Known {

        /// Nothing is known.
        Known NOTHING = (_, _, _) -> Optional.empty();

        Optional<MessagePrint> print(int index, byte[] body, RequestOutline.Span span);
    }
}
