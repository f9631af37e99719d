package io.hypaware.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.maintain.Event;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Nothing that a tick did goes untold.
class ReportTextTest {

    @Test
    void everyKindOfEventIsTold() {
        Set<Class<?>> told = Stream.concat(
                        ReportText.KINDS.stream(),
                        // Of these two, one line says the sums.
                        Stream.of(Event.Settled.class, Event.Flushed.class))
                .collect(Collectors.toSet());
        assertThat(told).containsExactlyInAnyOrder(Event.class.getPermittedSubclasses());
    }
}
