package io.hypaware.mcp;

import io.hypaware.mcp.Arguments.RefusedException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/// How far an answer has come, as a text that means nothing to who carries it.
final class Cursor {

    private static final String APART = "\n";

    static String of(String tool, String... parts) {
        String text = tool + APART + String.join(APART, parts);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /// @throws RefusedException if it is none of this tool's
    static List<String> read(String tool, String cursor, int parts) throws RefusedException {
        try {
            String text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
            List<String> all = List.of(text.split(APART, -1));
            if (all.size() == parts + 1 && all.getFirst().equals(tool)) {
                return all.subList(1, all.size());
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw new RefusedException("cursor is no next_cursor of " + tool + "; leave it out to begin again");
    }

    private Cursor() {}
}
