package io.hypaware.project.openai;

import io.hypaware.project.ExchangeRow;
import io.hypaware.project.Messages;
import io.hypaware.project.Projection;
import io.hypaware.project.Projector;
import io.hypaware.project.message.Answer;
import io.hypaware.project.message.MessageReading;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/// A call of the Responses API, or a look at one that was made before: an answer is written once, by whoever brings it
/// first.
///
/// @param isLook whether the call only asks for an answer, as clients do for one that is made in the background
record ResponsesReading(MessageReading read, boolean isLook) implements Projector.Reading {

    private static final Set<String> STILL_GOING = Set.of("queued", "in_progress");

    @Override
    public ExchangeRow.Details details() {
        return read.details();
    }

    @Override
    public Optional<String> problem() {
        return read.problem();
    }

    @Override
    public Projector.Whence whence() {
        return read.whence();
    }

    @Override
    public void write(Projection projection) throws IOException {
        Answer answer = read.answer();
        boolean ended = answer.id().isPresent()
                && answer.stop()
                        .reason()
                        .filter(reason -> !STILL_GOING.contains(reason))
                        .isPresent();
        boolean first = ended && projection.isFirst(Messages.DATASET, "answer " + key());
        if (!isLook || (first && isKnown(projection))) {
            read.write(projection);
        }
    }

    @Override
    public Optional<Projector.Said> whole() throws IOException {
        return isLook ? Optional.empty() : read.whole();
    }

    private String key() {
        return read.speaker().session().orElse("") + " " + read.answer().id().orElse("");
    }

    private boolean isKnown(Projection projection) {
        String session = read.speaker().session().orElse("");
        return read.continues()
                .flatMap(id -> projection.conversations().until(session, id))
                .isPresent();
    }
}
