package io.hypaware.project;

import io.hypaware.journal.CapturedExchange;
import io.hypaware.project.websocket.Turns;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/// The projectors that there are, as `META-INF/services` names them.
public final class Projectors {

    private final List<Projector> found =
            ServiceLoader.load(Projector.class, Projectors.class.getClassLoader()).stream()
                    .map(ServiceLoader.Provider::get)
                    .toList();

    /// Who projects an exchange; the first that accepts it.
    public Optional<Projector> of(CapturedExchange exchange) {
        return found.stream().filter(p -> p.accepts(exchange)).findFirst();
    }

    /// What of a connection's messages is a call; nothing, if nobody knows.
    public Optional<Turns> turns(CapturedExchange connection) {
        return found.stream()
                .map(projector -> projector.turns(connection))
                .flatMap(Optional::stream)
                .findFirst();
    }
}
