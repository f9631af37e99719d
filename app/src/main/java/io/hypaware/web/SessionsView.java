package io.hypaware.web;

import io.hypaware.read.SessionList;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;

/// The list of sessions, as its address asks for it.
///
/// @param days how far back it goes; 0 for all
/// @param clients to choose from; none where only the rows are shown
public record SessionsView(
        SessionList.Page page, SessionList.Filter filter, int days, List<String> clients, ZoneId zone, Instant now) {

    static final int STEP = 50;

    /// @param whole whether the filter is shown, too
    static SessionsView of(Site site, SessionList.Filter asked, int days, boolean whole) throws Exception {
        Instant now = site.clock().instant();
        SessionList.Filter filter = new SessionList.Filter(
                asked.words(),
                asked.client(),
                asked.repo(),
                days == 0 ? Optional.empty() : Optional.of(now.minus(Duration.ofDays(days))),
                asked.from(),
                STEP);
        SessionList list = new SessionList(site.recorded(), site.prices().call());
        return new SessionsView(list.page(filter), filter, days, whole ? list.clients() : List.of(), site.zone(), now);
    }

    public boolean isFirst() {
        return filter.from() == 0;
    }

    /// The address of the list with other entries.
    public String address(int from) {
        return "/sessions?q=" + Html.url(filter.words()) + "&client=" + Html.url(filter.client()) + "&repo="
                + Html.url(filter.repo()) + "&days=" + days + "&from=" + from;
    }
}
