package io.hypaware.maintain;

import io.hypaware.dataset.Datasets;
import io.hypaware.journal.CapturedExchange;
import io.hypaware.journal.Direction;
import io.hypaware.journal.Journal;
import io.hypaware.journal.PayloadTransactions;
import io.hypaware.payload.Cuts;
import io.hypaware.payload.Payload;
import io.hypaware.payload.Pieces;
import io.hypaware.payload.ValueBuilder;
import io.hypaware.project.ExchangeRow;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;

/// Keeps the bodies of an exchange for good, byte for byte: as elements, so that what is sent again costs nothing.
final class KeptBodies {

    /// Larger bodies are stored before the transaction that refers to them, because who records waits for it.
    private static final long LARGE_BYTES = 4L << 20;

    private final Journal journal;
    private final CapturedExchange exchange;
    private final Cuts requestCuts;
    private final Consumer<SettleStep> steps;

    /// @param steps told when some of the elements are stored
    KeptBodies(Journal journal, CapturedExchange exchange, Consumer<SettleStep> steps) throws IOException {
        this.journal = journal;
        this.steps = steps;
        this.exchange = exchange;
        boolean encoded = exchange.requestHeader("content-encoding").isPresent();
        try (InputStream body = journal.body(exchange.seq(), Direction.REQUEST)) {
            this.requestCuts = encoded ? Cuts.none() : Cuts.ofJson(body);
        }
    }

    /// Bodies that are too large to be stored in one transaction with their rows, stored a part at a time.
    Optional<ExchangeRow.Bodies> ahead() throws IOException {
        if (exchange.requestBytes() + exchange.responseBytes() <= LARGE_BYTES) {
            return Optional.empty();
        }
        try (PayloadTransactions ahead = new PayloadTransactions(
                journal, exchange.startedAt(), () -> steps.accept(SettleStep.ELEMENTS_STORED))) {
            return Optional.of(keep(ahead));
        }
    }

    /// Stores both bodies.
    ExchangeRow.Bodies keep(ValueBuilder.Store store) throws IOException {
        return new ExchangeRow.Bodies(
                keep(Direction.REQUEST, requestCuts, store), keep(Direction.RESPONSE, Cuts.none(), store));
    }

    private Optional<byte[]> keep(Direction direction, Cuts cuts, ValueBuilder.Store store) throws IOException {
        try (InputStream body = journal.body(exchange.seq(), direction)) {
            byte[] start = body.readNBytes(Datasets.PAYLOAD_INLINE_BYTES + 1);
            if (start.length == 0) {
                return Optional.empty();
            }
            if (!Payload.isLarge(start.length)) {
                return Optional.of(start);
            }
        }
        try (InputStream body = journal.body(exchange.seq(), direction)) {
            ValueBuilder value = new ValueBuilder(store);
            Pieces.read(body, cuts, value::add);
            return Optional.of(value.finish().getBytes(StandardCharsets.US_ASCII));
        }
    }
}
