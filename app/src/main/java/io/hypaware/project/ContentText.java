package io.hypaware.project;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Decides what of a text is text. Encoded bytes inside it (a data URL) become a payload and leave a marker.
/// Every path that fills a text column goes through here.
public final class ContentText {

    /// Shorter data URLs, such as icons, stay.
    private static final int INLINE_CHARS = 1024;

    private static final Pattern DATA_URL =
            Pattern.compile("data:([\\w.+-]+/[\\w.+-]+);base64,([A-Za-z0-9+/]{" + INLINE_CHARS + ",}+={0,2})");

    public static String of(String text, PayloadSink payloads) {
        return replaced(text, payloads, (type, _) -> marker(type));
    }

    /// The same with the payload's hash, for frames.
    public static String withHashes(String text, PayloadSink payloads) {
        return replaced(text, payloads, (type, hash) -> "data:" + type + ";base64,<sha256:" + hash + ">");
    }

    private static String replaced(String text, PayloadSink payloads, BinaryOperator<String> marker) {
        if (!text.contains(";base64,")) {
            return text;
        }
        Matcher matcher = DATA_URL.matcher(text);
        StringBuilder out = new StringBuilder();
        while (matcher.find()) {
            String hash = keep(matcher.group(2), payloads);
            matcher.appendReplacement(out, Matcher.quoteReplacement(marker.apply(matcher.group(1), hash)));
        }
        return matcher.appendTail(out).toString();
    }

    /// The media type that a data URL names, if a text is one.
    public static Optional<String> mediaType(String url) {
        int comma = url.startsWith("data:") ? url.indexOf(',') : -1;
        if (comma < 0) {
            return Optional.empty();
        }
        String type = url.substring("data:".length(), comma).split(";", 2)[0];
        return type.isEmpty() ? Optional.empty() : Optional.of(type);
    }

    /// What stands in place of encoded bytes.
    public static String marker(String mediaType) {
        return "data:" + mediaType + ";base64,<stripped>";
    }

    /// A text that no one reads: itself, or if it is long the hash of the payload that it is.
    public static String shortOrKept(String text, PayloadSink payloads) {
        return text.length() > INLINE_CHARS ? payloads.keep(text.getBytes(StandardCharsets.UTF_8)) : text;
    }

    /// Stores encoded bytes as a payload; returns its hash. What is no valid base64 is kept as it is written.
    public static String keep(String base64, PayloadSink payloads) {
        try {
            return payloads.keep(Base64.getMimeDecoder().decode(base64));
        } catch (IllegalArgumentException e) {
            return payloads.keep(base64.getBytes(StandardCharsets.UTF_8));
        }
    }

    private ContentText() {}
}
