package io.hypaware.read;

import io.hypaware.home.Cache;
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

    private static final String SELECT = """
            select _row_id, %s, conversation_id, client_name, cwd, epoch_us(message_created_at), role, part_type, tool_name,
              message_id, message_index, content_text, tool_args::varchar
            from ai_gateway_messages""".formatted(Sessions.KEY);

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
                SELECT,
                rows(hits),
                row -> rows.put(
                        Recorded.text(row, 1),
                        new Found(
                                Recorded.text(row, 2),
                                Recorded.text(row, 3),
                                Recorded.text(row, 4),
                                Recorded.text(row, 5),
                                Recorded.instant(row, 6),
                                Recorded.text(row, 7),
                                Recorded.text(row, 8),
                                Recorded.text(row, 9),
                                Recorded.text(row, 10),
                                Recorded.number(row, 11),
                                Excerpt.of(
                                        SearchableParts.text(
                                                shown.apply(Recorded.text(row, 12)),
                                                shown.apply(Recorded.text(row, 13))),
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
