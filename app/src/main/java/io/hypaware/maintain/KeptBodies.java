package io.hypaware.maintain;

import io.hypaware.dataset.Datasets;
import io.hypaware.payload.Cuts;
import io.hypaware.payload.Payload;
import io.hypaware.payload.Pieces;
import io.hypaware.payload.ValueBuilder;
import io.hypaware.project.Body;
import io.hypaware.project.Exchange;
import io.hypaware.project.ExchangeRow;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Keeps the bodies of an exchange for good, byte for byte: as elements, so that what is sent again costs nothing.
final class KeptBodies {

    static ExchangeRow.Kept keep(Exchange exchange, ValueBuilder.Store store) throws IOException {
        boolean encoded = exchange.captured().requestHeader("content-encoding").isPresent();
        Cuts cuts = encoded || exchange.captured().requestBytes() == 0 ? Cuts.none() : cuts(exchange.request());
        return new ExchangeRow.Kept(
                keep(exchange.request(), cuts, store), keep(exchange.response(), Cuts.none(), store));
    }

    /// In blocks, whatever they hold: for bodies whose elements are too many for memory.
    static ExchangeRow.Kept inBlocks(Exchange exchange, ValueBuilder.Store store) throws IOException {
        return new ExchangeRow.Kept(
                keep(exchange.request(), Cuts.none(), store), keep(exchange.response(), Cuts.none(), store));
    }

    private static Cuts cuts(Body body) throws IOException {
        Optional<byte[]> bytes = body.bytes();
        if (bytes.isPresent()) {
            return Cuts.ofJson(bytes.get());
        }
        try (InputStream in = body.open()) {
            return Cuts.ofJson(in);
        }
    }

    private static Optional<byte[]> keep(Body body, Cuts cuts, ValueBuilder.Store store) throws IOException {
        try (InputStream in = body.open()) {
            byte[] start = in.readNBytes(Datasets.PAYLOAD_INLINE_BYTES + 1);
            if (start.length == 0) {
                return Optional.empty();
            }
            // What looks like a reference to a payload is kept behind one.
            if (!Payload.isLarge(start.length) && !Payload.isHash(new String(start, StandardCharsets.ISO_8859_1))) {
                return Optional.of(start);
            }
        }
        try (InputStream in = body.open()) {
            ValueBuilder value = new ValueBuilder(store);
            Pieces.read(in, cuts, value::add);
            return Optional.of(value.finish().getBytes(StandardCharsets.US_ASCII));
        }
    }

    private KeptBodies() {}
}
