package io.hypaware.maintain;

import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.query.QueryException;
import io.hypaware.read.Found;
import io.hypaware.read.Recorded;
import io.hypaware.read.SearchResults;
import io.hypaware.search.Search;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/// Searches what is recorded by now: the index is fed first, and made again if it is damaged.
public final class FreshSearch {

    private final Cache cache;
    private final Recorded recorded;
    private final UnaryOperator<String> shown;

    public FreshSearch(Cache cache, Recorded recorded) {
        this(cache, recorded, UnaryOperator.identity());
    }

    /// @param shown what a text is shown as, before a piece of it is cut out
    public FreshSearch(Cache cache, Recorded recorded, UnaryOperator<String> shown) {
        this.cache = cache;
        this.recorded = recorded;
        this.shown = shown;
    }

    /// How feeding is told, and when it is enough.
    ///
    /// @param isEnough asked between pieces of work, of which there is always one
    public record Patience(Progress progress, BooleanSupplier isEnough) {}

    /// @param isBusy whether another process fed the index meanwhile
    /// @param isBehind whether it does not reach to the last row
    public record Result(List<Found> found, boolean isBusy, boolean isBehind) {}

    private SearchFeed feed() {
        return new SearchFeed(cache, recorded.memoryBytes());
    }

    /// How many positions there are to feed first, which may take a while.
    public long due() {
        return feed().due();
    }

    /// Makes the index empty.
    public void forget() throws IOException {
        feed().forget();
    }

    /// Feeds the index; false while another process does.
    public boolean feed(Patience patience) throws IOException, SQLException, QueryException {
        return feed().run(Optional.empty(), patience.progress(), patience.isEnough())
                .isPresent();
    }

    /// The best first.
    public Result find(Search search, Patience patience) throws IOException, SQLException, QueryException {
        boolean wasDue = due() > 0;
        boolean fed = !wasDue || feed(patience);
        SearchResults results = new SearchResults(cache, recorded, shown);
        try {
            return new Result(results.find(search), !fed, wasDue && due() > 0);
        } catch (SearchResults.DamagedIndexException e) {
            forget();
            fed = feed(patience);
        }
        try {
            return new Result(results.find(search), !fed, due() > 0);
        } catch (SearchResults.DamagedIndexException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
