package io.hypaware.bench;

import com.github.f4b6a3.ulid.UlidCreator;
import io.hypaware.journal.Chunk;
import io.hypaware.journal.ExchangeEnd;
import io.hypaware.journal.ExchangeStart;
import io.hypaware.journal.Header;
import io.hypaware.journal.JournalWriter;
import io.hypaware.journal.Outcome;
import io.hypaware.journal.Recording;
import io.hypaware.journal.ResponseHead;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A call of Claude Code's, as the gateway records it.
///
/// @param firstByte when the answer's head came
/// @param took until the answer's end
record MessagesCall(
        List<Header> headers, int status, byte[] request, byte[] response, Duration firstByte, Duration took) {

    void record(JournalWriter writer, Instant at) {
        Recording recording = writer.begin(new ExchangeStart(
                UlidCreator.getMonotonicUlid().toString(),
                at,
                "anthropic",
                "anthropic",
                "POST",
                "/v1/messages",
                headers,
                Optional.empty()));
        recording.requestBytes(Chunk.of(request));
        recording.responseHead(
                new ResponseHead(status, List.of(new Header("content-type", "application/json")), firstByte));
        recording.responseBytes(Chunk.of(response));
        recording.end(new ExchangeEnd(
                at.plus(took), Outcome.COMPLETED, "upstream", request.length, response.length, Optional.empty()));
    }
}
