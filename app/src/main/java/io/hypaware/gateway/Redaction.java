package io.hypaware.gateway;

import io.hypaware.journal.Header;
import io.vertx.core.MultiMap;
import java.net.URLDecoder;
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

/// Takes credentials out of what is recorded and said: headers, the request target, URLs in either, texts of errors. By
/// pattern of name and of value, so that a header nobody thought of is hashed rather than kept; a list names what
/// sounds
/// like a secret and is none. A keyed hash stays, so that two keys can be told apart but not guessed.
final class Redaction {

    private static final Pattern SECRET_NAME = Pattern.compile(
            "auth|token|secret|key|cookie|credential|session|signature|passw|pwd|jwt|bearer|^x-amz-(?!date|content)|^sig$|^code$|^state$|saml|assertion");

    /// Names that sound like secrets and tell only how much, until when, or which.
    private static final Pattern HARMLESS_NAME =
            Pattern.compile("ratelimit|x-session-affinity|max[-_]?(output|completion|input)?[-_]?tokens"
                    + "|token[-_]?(count|type|limit)|tokens|www-authenticate|proxy-authenticate|authority|author|prompt-cache-key"
                    + "|access-control-.*|sec-websocket-(accept|key)|keep-alive|.*-key-(id|version|scheme)|anthropic-(version|beta)"
                    + "|.*session[-_]id");

    /// What a secret looks like, wherever it stands.
    private static final Pattern SECRET_VALUE = Pattern.compile("(?i:\\b(?:bearer|basic)\\s+)[A-Za-z0-9._~+/=-]{6,}"
            + "|\\bsk-[A-Za-z0-9_-]{6,}|\\b(?:AKIA|ASIA)[A-Z0-9]{12,}|\\bAIza[A-Za-z0-9_-]{20,}"
            + "|\\b(?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{20,}|\\bgithub_pat_[A-Za-z0-9_]{20,}|\\bgsk_[A-Za-z0-9]{20,}"
            + "|\\bxai-[A-Za-z0-9]{20,}|\\bhf_[A-Za-z0-9]{20,}|\\bxox[abprs]-[A-Za-z0-9-]{10,}"
            + "|\\beyJ[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]*");

    /// A name and value of a query or a form, wherever it stands in a text.
    private static final Pattern PARAMETER = Pattern.compile("([?&;#]|^)([^=&;#?\\s\"]{1,200})=([^&;#\\s\"]*)");

    private static final Pattern USER_INFO = Pattern.compile("(://)([^/@\\s?#]+)(@)");

    private static final Pattern HAS_URL = Pattern.compile("://|[?#]");

    private final Set<String> names;
    private final SecretKeySpec key;

    Redaction(byte[] key, List<String> moreHeaders) {
        this.key = new SecretKeySpec(key, "HmacSHA256");
        Set<String> all = new HashSet<>(Set.of("chatgpt-account-id"));
        moreHeaders.forEach(h -> all.add(h.toLowerCase(Locale.ROOT)));
        this.names = Set.copyOf(all);
    }

    List<Header> headers(MultiMap headers) {
        List<Header> redacted = new ArrayList<>(headers.size());
        for (Map.Entry<String, String> header : headers) {
            redacted.add(new Header(header.getKey(), header(header.getKey(), header.getValue())));
        }
        return redacted;
    }

    /// The request target with what is secret in its path and query replaced.
    String target(String target) {
        return text(target);
    }

    /// Any text, such as an error's: keys by their form, and secrets in the URLs it holds.
    String text(String text) {
        String out = text;
        if (HAS_URL.matcher(out).find()) {
            out = USER_INFO.matcher(out).replaceAll(m -> m.group(1) + hash(m.group(2)) + m.group(3));
            out = PARAMETER
                    .matcher(out)
                    .replaceAll(m -> Matcher.quoteReplacement(m.group(1)
                            + m.group(2)
                            + "="
                            + (isSecretName(decoded(m.group(2))) && !m.group(3).isEmpty()
                                    ? hash(m.group(3))
                                    : m.group(3))));
        }
        return SECRET_VALUE.matcher(out).replaceAll(m -> hash(m.group()));
    }

    private String header(String name, String value) {
        return isSecretName(name.toLowerCase(Locale.ROOT)) && !value.isEmpty() ? hash(value) : text(value);
    }

    private boolean isSecretName(String name) {
        if (names.contains(name)) {
            return true;
        }
        return SECRET_NAME.matcher(name).find()
                && !HARMLESS_NAME.matcher(harmlessPart(name)).matches();
    }

    /// A vendor's beginning of a name says nothing of what it holds.
    private static String harmlessPart(String name) {
        return name.matches(".*(ratelimit|rate-limit|idempotency|request-id).*") ? "ratelimit" : name;
    }

    private static String decoded(String name) {
        String lower = name;
        for (int i = 0; i < 2 && lower.indexOf('%') >= 0; i++) {
            try {
                lower = URLDecoder.decode(lower, StandardCharsets.UTF_8);
            } catch (IllegalArgumentException e) {
                break;
            }
        }
        return lower.toLowerCase(Locale.ROOT);
    }

    private String hash(String secret) {
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
