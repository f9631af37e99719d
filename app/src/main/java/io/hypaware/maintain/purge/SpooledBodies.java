package io.hypaware.maintain.purge;

import io.hypaware.journal.CallEvent;
import io.hypaware.journal.CallEvents;
import io.hypaware.maintain.reported.BodySpool;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Bodies that lie in the spool, as a client wrote them. A request says of which session it is. An answer does not: one
/// that no event names goes where a request before it does that it may be of.
final class SpooledBodies {

    private final List<BodySpool.Entry> files;
    private final CallEvents events;

    /// @param files the oldest first
    SpooledBodies(List<BodySpool.Entry> files, CallEvents events) {
        this.files = files;
        this.events = events;
    }

    /// Answers that may be of requests that go.
    List<String> answersOf(Set<String> requests, Collection<String> sessions) {
        if (requests.isEmpty()) {
            return List.of();
        }
        Set<String> named = events.files();
        Map<String, String> told = answersBySession();
        List<String> found = new ArrayList<>();
        int open = 0;
        int going = 0;
        for (BodySpool.Entry file : files) {
            if (file.isRequest()) {
                open++;
                going += requests.contains(file.name()) ? 1 : 0;
            } else if (named.contains(file.name())) {
                open = Math.max(0, open - 1);
                going = Math.max(0, going - (sessions.contains(told.get(file.name())) ? 1 : 0));
            } else if (going > 0) {
                found.add(file.name());
                // Of several that are open it is not known which it answers.
                if (open == going) {
                    open--;
                    going--;
                }
            }
        }
        return found;
    }

    private Map<String, String> answersBySession() {
        Map<String, String> sessions = new HashMap<>();
        for (CallEvent event : events.all()) {
            if (event.kind() == CallEvent.Kind.RESPONSE) {
                sessions.put(event.body().file(), event.speaker().session());
            }
        }
        return sessions;
    }
}
