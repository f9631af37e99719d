package io.hypaware.web;

import io.hypaware.query.QueryException;
import io.hypaware.read.PartTexts;
import io.hypaware.read.Recorded;
import io.hypaware.read.ResumeText;
import io.hypaware.read.SessionCall;
import io.hypaware.read.SessionList;
import io.hypaware.read.SessionOutline;
import io.hypaware.read.SessionOutline.Entry;
import io.hypaware.read.SessionOutline.Part;
import io.hypaware.read.Sessions;
import io.hypaware.read.WholeSession;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A session as people read it, some entries at a time.
///
/// @param resume the agent's own command that goes on with it; empty if none is known
/// @param fork of which session it is one, and from where on
/// @param bars of its calls
/// @param talk its first entries
/// @param size which grows as the session does
public record SessionView(
        SessionList.Entry entry,
        String resume,
        Optional<Sessions.Fork> fork,
        List<Sessions.ToolUse> tools,
        CallBars bars,
        Talk talk,
        long size,
        ZoneId zone,
        Instant now) {

    /// Entries that come at a time.
    static final int STEP = 60;

    /// Entries that are shown before the one that is looked for.
    static final int BEFORE = 3;

    /// So many of the last entries come again while a session is live: results of calls come after them.
    private static final int OPEN_ENTRIES = 30;

    /// Some entries of a conversation.
    ///
    /// @param conversation empty for the session's own
    /// @param before where the entries before these begin; -1 if there are none
    /// @param settled how many of them will not change any more
    /// @param next where the entries after these begin; -1 if there are none
    /// @param more whether the session is too long to be shown whole
    /// @param opened the other conversation that is open, and from where on; of no name if none is
    public record Talk(
            String session,
            String conversation,
            int from,
            List<Item> items,
            int settled,
            int before,
            int next,
            boolean more,
            SessionOutline.Place opened,
            ZoneId zone) {

        Talk with(SessionOutline.Place branch) {
            return new Talk(session, conversation, from, items, settled, before, next, more, branch, zone);
        }

        public Links links() {
            return new Links.OfPage(session);
        }

        public boolean isOwn() {
            return conversation.isEmpty();
        }
    }

    /// A part, or another conversation that begins there.
    public sealed interface Item {

        record Said(PartView view) implements Item {}

        record Branch(Entry.Branch branch) implements Item {}
    }

    /// Reads sessions for pages.
    static final class Reader {

        private final Recorded recorded;
        private final Site site;
        private final Fresh fresh;

        Reader(Site site, Fresh fresh) {
            this.recorded = site.recorded();
            this.site = site;
            this.fresh = fresh;
        }

        /// A session but its texts, kept while nothing is recorded.
        WholeSession known(String session) throws Exception {
            return fresh.get(
                    "session " + session,
                    WholeSession.class,
                    () -> new SessionList(recorded, site.prices().call())
                            .whole(session)
                            .orElseThrow(() -> new QueryException("there is no session " + Html.line(session, 100))));
        }

        /// @param at where it is looked at
        SessionView view(WholeSession known, SessionOutline.Place at) throws QueryException, SQLException, IOException {
            String session = known.entry().id();
            boolean isOwn = at.conversation().isEmpty();
            int from = isOwn ? at.index() : known.outline().indexOfBranch(at.conversation()) - BEFORE;
            return new SessionView(
                    known.entry(),
                    ResumeText.of(
                                    known.origin().client(),
                                    session,
                                    known.origin().folder())
                            .orElse(""),
                    known.fork(),
                    known.tools(),
                    CallBars.of(session, known.calls()),
                    talk(session, known, "", from, STEP).with(isOwn ? new SessionOutline.Place("", 0) : at),
                    known.size(),
                    site.zone(),
                    site.clock().instant());
        }

        Talk talk(String session, String conversation, int from, int most) throws Exception {
            return talk(session, known(session), conversation, from, most);
        }

        private Talk talk(String session, WholeSession known, String conversation, int from, int most)
                throws QueryException, SQLException, IOException {
            List<Entry> all = conversation.isEmpty()
                    ? known.outline().entries()
                    : known.outline().branches().getOrDefault(conversation, List.of());
            int begin = Math.clamp(from, 0, all.size());
            int end = Math.min(all.size(), begin + most);
            List<Entry> shown = all.subList(begin, end);
            List<Part> parts = new ArrayList<>();
            shown.forEach(entry -> {
                if (entry instanceof Entry.Said said) {
                    parts.add(said.part());
                    parts.addAll(said.results());
                }
            });
            Map<String, PartTexts.Content> contents = new PartTexts(recorded).of(parts, PartView.MOST);
            Map<String, SessionCall> calls = new HashMap<>();
            known.calls().forEach(call -> calls.put(call.exchangeId(), call));
            List<Item> items = new ArrayList<>();
            String message = "";
            for (Entry entry : shown) {
                switch (entry) {
                    case Entry.Said said -> {
                        String of = said.part().messageId();
                        items.add(new Item.Said(PartView.of(of.equals(message) ? "" : of, said, contents, calls)));
                        message = of;
                    }
                    case Entry.Branch branch -> items.add(new Item.Branch(branch));
                }
            }
            boolean last = end == all.size();
            return new Talk(
                    session,
                    conversation,
                    begin,
                    items,
                    last && conversation.isEmpty() ? settled(shown) : items.size(),
                    begin > 0 ? Math.max(0, begin - STEP) : -1,
                    last ? -1 : end,
                    last && known.outline().more(),
                    new SessionOutline.Place("", 0),
                    site.zone());
        }

        /// Up to the first of the last entries that waits for a result.
        private static int settled(List<Entry> entries) {
            for (int i = Math.max(0, entries.size() - OPEN_ENTRIES); i < entries.size(); i++) {
                if (entries.get(i) instanceof Entry.Said said
                        && said.part().isCall()
                        && said.results().isEmpty()) {
                    return i;
                }
            }
            return entries.size();
        }
    }
}
