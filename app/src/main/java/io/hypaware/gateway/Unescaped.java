package io.hypaware.gateway;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Undoes the escapes of URLs, which may be escaped themselves: what hides behind them is still what it is.
final class Unescaped {

    private static final int MOST_TIMES = 3;

    /// The text as it is, then with its escapes undone as often as it has any.
    static List<String> forms(String text) {
        List<String> forms = new ArrayList<>(List.of(text));
        String form = text;
        for (int i = 0; i < MOST_TIMES && form.indexOf('%') >= 0; i++) {
            try {
                form = URLDecoder.decode(form, StandardCharsets.UTF_8);
            } catch (IllegalArgumentException e) {
                break;
            }
            forms.add(form);
        }
        return forms;
    }

    private Unescaped() {}
}
