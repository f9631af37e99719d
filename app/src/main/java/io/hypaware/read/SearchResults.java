package io.hypaware.read;

import io.hypaware.dataset.Dataset;
import io.hypaware.home.Cache;
import io.hypaware.project.Messages;
import io.hypaware.query.QueryException;
import io.hypaware.search.Excerpt;
import io.hypaware.search.Hit;
import io.hypaware.search.PartSearch;
import io.hypaware.search.Search;
import java.io.IOException;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// What a search finds, with the rows that say more of it.
public final class SearchResults {

    private static final TextRows ROWS = new TextRows(
            Messages.DATASET,
            Dataset.ROW_ID,
            Sessions.KEY + " as session, conversation_id, client_name, cwd, role, part_type, tool_name, message_id,"
                    + " message_index",
            List.of(
                    new TextRows.Text("content_text", SearchableParts.MOST_TEXT),
                    TextRows.Text.of("tool_args::varchar")));

    private static final int SESSION = TextRows.FIRST;
    private static final int CONVERSATION = SESSION + 1;
    private static final int CLIENT = SESSION + 2;
    private static final int FOLDER = SESSION + 3;
    private static final int ROLE = SESSION + 4;
    private static final int TYPE = SESSION + 5;
    private static final int TOOL = SESSION + 6;
    private static final int MESSAGE = SESSION + 7;
    private static final int INDEX = SESSION + 8;
    private static final int CONTENT = SESSION + 9;
    private static final int ARGUMENTS = SESSION + 10;

    private final Cache cache;
    private final Recorded recorded;
    private final UnaryOperator<String> shown;

    public SearchResults(Cache cache, Recorded recorded) {
        this(cache, recorded, UnaryOperator.identity());
    }

    /// @param shown what a text is shown as, before a piece of it is cut out
    public SearchResults(Cache cache, Recorded recorded, UnaryOperator<String> shown) {
        this.cache = cache;
        this.recorded = recorded;
        this.shown = shown;
    }

    /// The index cannot be read. It can be made again.
    public static final class DamagedIndexException extends Exception {
        private static final long serialVersionUID = 1;

        DamagedIndexException(Exception cause) {
            super("the search index cannot be read (" + cause.getMessage() + ")", cause);
        }
    }

    /// The best first. A part whose row has gone meanwhile is left out.
    public List<Found> find(Search search) throws DamagedIndexException, IOException, QueryException, SQLException {
        List<Hit> hits = hits(search);
        if (hits.isEmpty()) {
            return List.of();
        }
        Map<String, Found> rows = new HashMap<>();
        recorded.read(
                ROWS,
                rows(hits),
                row -> rows.put(
                        TextRows.id(row),
                        new Found(
                                Recorded.text(row, SESSION),
                                Recorded.text(row, CONVERSATION),
                                Recorded.text(row, CLIENT),
                                Recorded.text(row, FOLDER),
                                TextRows.time(row),
                                Recorded.text(row, ROLE),
                                Recorded.text(row, TYPE),
                                Recorded.text(row, TOOL),
                                Recorded.text(row, MESSAGE),
                                Recorded.number(row, INDEX),
                                Excerpt.of(
                                        SearchableParts.text(
                                                shown.apply(Recorded.text(row, CONTENT)),
                                                shown.apply(Recorded.text(row, ARGUMENTS))),
                                        search.words()))));
        return hits.stream()
                .map(hit -> rows.get(hit.rowId()))
                .filter(Objects::nonNull)
                .toList();
    }

    private List<Hit> hits(Search search) throws DamagedIndexException {
        try {
            Optional<PartSearch> index = PartSearch.open(cache.search());
            if (index.isEmpty()) {
                return List.of();
            }
            try (PartSearch open = index.get()) {
                return open.find(search);
            }
        } catch (IOException | RuntimeException e) {
            throw new DamagedIndexException(e);
        }
    }

    private static Recorded.Rows rows(List<Hit> hits) {
        return new Recorded.Rows(
                hits.stream().map(Hit::at).toList(),
                hits.stream().map(Hit::conversation).toList(),
                hits.stream().map(Hit::rowId).toList());
    }
}
