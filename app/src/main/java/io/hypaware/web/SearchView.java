package io.hypaware.web;

import io.hypaware.read.Found;
import io.hypaware.read.ResumeText;
import io.hypaware.search.Excerpt;
import io.hypaware.search.Search;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a search finds.
///
/// @param note why nothing was looked for; empty if it was
public record SearchView(Search search, List<Hit> hits, String note, ZoneId zone, Instant now) {

    private static final int MOST = 50;
    private static final int MOST_WORDS = 100;

    /// @param pieces of the text, by turns plain and marked
    public record Hit(Found found, List<Piece> pieces, String resume) {}

    public record Piece(String text, boolean marked) {}

    static SearchView of(Site site, String words, String role, String client) throws Exception {
        Search search = new Search(
                words,
                Optional.empty(),
                Optional.of(role).filter(text -> !text.isEmpty()),
                Optional.empty(),
                Optional.of(client).filter(text -> !text.isEmpty()),
                Optional.empty(),
                MOST);
        Instant now = site.clock().instant();
        if (words.isBlank()) {
            return new SearchView(search, List.of(), "Say what to look for.", site.zone(), now);
        }
        if (words.split("\\s+", -1).length > MOST_WORDS) {
            return new SearchView(
                    search, List.of(), "At most " + MOST_WORDS + " words are looked for.", site.zone(), now);
        }
        List<Hit> hits = site.search().find(search).stream()
                .map(found -> new Hit(
                        found,
                        pieces(found.excerpt()),
                        ResumeText.of(found.client(), found.session(), found.folder())
                                .orElse("")))
                .toList();
        return new SearchView(search, hits, "", site.zone(), now);
    }

    private static List<Piece> pieces(Excerpt excerpt) {
        List<Piece> pieces = new ArrayList<>();
        int at = 0;
        pieces.add(new Piece(excerpt.begins() ? "" : "…", false));
        for (Excerpt.Mark mark : excerpt.marks()) {
            pieces.add(new Piece(Html.visible(excerpt.text().substring(at, mark.from())), false));
            pieces.add(new Piece(Html.visible(excerpt.text().substring(mark.from(), mark.to())), true));
            at = mark.to();
        }
        pieces.add(new Piece(Html.visible(excerpt.text().substring(at)) + (excerpt.ends() ? "" : "…"), false));
        return pieces;
    }
}
