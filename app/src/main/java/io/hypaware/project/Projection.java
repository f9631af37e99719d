package io.hypaware.project;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Row;
import io.hypaware.journal.ProjectionBatch;
import io.hypaware.payload.ValueBuilder;
import io.hypaware.project.conversation.Conversations;
import io.hypaware.project.known.KnownParts;
import io.hypaware.project.known.Whereabouts;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a projector writes one exchange with: rows, values that rows refer to, and what was written
/// before. Of the thread that projects.
public final class Projection implements PayloadSink {

    private final ProjectionBatch batch;
    private final String gatewayId;
    private final Instant at;
    private final Earlier earlier;
    private final Whereabouts.Source whereabouts;

    /// Gives the rows of a session that no call has said.
    @FunctionalInterface
    public interface Earlier {

        /// There are none.
        Earlier NONE = _ -> Optional.empty();

        Optional<KnownParts> of(String session);
    }

    /// @param at when the exchange began
    public Projection(
            ProjectionBatch batch, String gatewayId, Instant at, Earlier earlier, Whereabouts.Source whereabouts) {
        this.whereabouts = whereabouts;
        this.batch = batch;
        this.gatewayId = gatewayId;
        this.at = at;
        this.earlier = earlier;
    }

    /// The rows of a session that no call has said: where a transcript told of it, or a call goes on from what is not
    /// known here.
    public Optional<KnownParts> earlier(String session, boolean goesOn) {
        boolean maybe = !session.isEmpty() && (goesOn || batch.transcripts().hasTold(session));
        return maybe ? earlier.of(session) : Optional.empty();
    }

    /// Where a session worked at a time, as its agent's hooks say.
    public Whereabouts whereabouts(String session, String agent, Instant when) {
        return whereabouts.at(session, agent, when);
    }

    /// Which machine records.
    public String gatewayId() {
        return gatewayId;
    }

    /// Adds a row, unless one with its id was ever added.
    public void row(Row row) {
        batch.add(row, at);
    }

    /// Adds a row of which it is known that none with its id was ever added.
    public void newRow(Row row) {
        batch.addNew(row, at);
    }

    /// Whether a row with this id was ever added.
    public boolean isSeen(Dataset dataset, String rowId) {
        return batch.isSeen(dataset, rowId);
    }

    /// Whether this is the first time that somebody asks for this key. It is no row's id.
    public boolean isFirst(Dataset dataset, String key) {
        return batch.markSeen(dataset, key, at);
    }

    @Override
    public String keep(byte[] bytes) {
        return batch.addPayload(bytes, at);
    }

    /// Keeps a value that is its pieces one after the other, each once if it is large.
    ///
    /// @return what a payload column holds for it
    public String keep(List<String> pieces) {
        return ValueBuilder.keep(pieces, batch.payloads(at));
    }

    /// For wire formats whose calls say the whole history each time.
    public Conversations conversations() {
        return new Conversations(batch);
    }
}
