package io.hypaware.gateway;

import io.hypaware.journal.Header;
import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Takes credentials out of what is recorded. A keyed hash stays, so that two keys can be told apart but not guessed.
final class Redaction {

    private static final Set<String> ALWAYS = Set.of(
            "authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie", "set-cookie", "proxy-authorization");

    private static final Pattern SECRET_PARAMETER =
            Pattern.compile("(?i)([?&](?:key|api[-_]?key|access_token|token)=)([^&#]*)");

    private final Set<String> names;
    private final SecretKeySpec key;

    Redaction(byte[] key, List<String> moreHeaders) {
        this.key = new SecretKeySpec(key, "HmacSHA256");
        Set<String> all = new HashSet<>(ALWAYS);
        moreHeaders.forEach(h -> all.add(h.toLowerCase(Locale.ROOT)));
        this.names = Set.copyOf(all);
    }

    List<Header> headers(MultiMap headers) {
        List<Header> redacted = new ArrayList<>(headers.size());
        for (Map.Entry<String, String> header : headers) {
            boolean secret = names.contains(header.getKey().toLowerCase(Locale.ROOT));
            redacted.add(new Header(header.getKey(), secret ? redact(header.getValue()) : header.getValue()));
        }
        return redacted;
    }

    /// The request target with credentials in its query replaced.
    String target(String target) {
        if (target.indexOf('?') < 0) {
            return target;
        }
        return SECRET_PARAMETER
                .matcher(target)
                .replaceAll(m -> Matcher.quoteReplacement(m.group(1) + redact(m.group(2))));
    }

    private String redact(String secret) {
        try {
            Mac mac = Mac.getInstance(key.getAlgorithm());
            mac.init(key);
            byte[] hash = mac.doFinal(secret.getBytes(StandardCharsets.UTF_8));
            return "redacted:" + HexFormat.of().formatHex(hash, 0, 4);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + key.getAlgorithm(), e);
        }
    }
}
