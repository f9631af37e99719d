package io.hypaware.web;

import io.hypaware.query.QueryException;
import io.hypaware.read.PartTexts;
import io.hypaware.read.SessionCall;
import io.hypaware.read.SessionOutline.Part;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Where a part's further things are: at addresses of the page, or, in a file that stands alone, in the file itself.
public sealed interface Links {

    /// What browsers show and run nothing of.
    Set<String> IMAGES = Set.of("image/png", "image/jpeg", "image/gif", "image/webp");

    /// The exchange of a call; empty if it is out of reach.
    String exchange(SessionCall call);

    /// The whole text of a part; empty if it is out of reach.
    String whole(Part part);

    /// An image that a part carries; empty if there is none to show.
    String image(Part part);

    /// On the page.
    record OfPage(String session) implements Links {

        @Override
        public String exchange(SessionCall call) {
            return "/exchange?id=" + Html.url(call.exchangeId());
        }

        @Override
        public String whole(Part part) {
            return "/part?id=" + Html.url(session) + "&row=" + Html.url(part.rowId());
        }

        @Override
        public String image(Part part) {
            return "/media?id=" + Html.url(session) + "&row=" + Html.url(part.rowId());
        }
    }

    /// In a file: images are in it, and nothing else is to be had.
    record OfFile(PartTexts texts) implements Links {

        @Override
        public String exchange(SessionCall call) {
            return "";
        }

        @Override
        public String whole(Part part) {
            return "";
        }

        @Override
        public String image(Part part) {
            try {
                Optional<PartTexts.Media> media = texts.media(part.rowId(), 0);
                return media.filter(one -> isImage(one.mediaType()))
                        .map(one -> "data:" + one.mediaType().toLowerCase(Locale.ROOT) + ";base64,"
                                + Base64.getEncoder().encodeToString(one.bytes()))
                        .orElse("");
            } catch (QueryException | SQLException | IOException e) {
                return "";
            }
        }
    }

    static boolean isImage(String mediaType) {
        return IMAGES.contains(mediaType.toLowerCase(Locale.ROOT));
    }
}
