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

/// Takes credentials out of what is recorded and said: headers, the request target, URLs in either, texts of errors.
/// By pattern of name and of value, so that a header nobody thought of is hashed rather than kept; a list names
/// what sounds like a secret and is none. A keyed hash stays, so that two keys can be told apart but not guessed.
public final class Redaction {

    private static final Pattern SECRET_NAME = Pattern.compile(
            "auth|token|secret|key|cookie|credential|session|signature|passw|jwt|bearer|saml|assertion|hmac|csrf|login|ticket"
                    + "|^x-amz-(?!date|content)|(?:^|[-_.])(?:sig|code|state|pass|pwd?|pin|otp|sid|sess)$");

    /// Names that sound like secrets and tell only how much, until when, or which.
    private static final Pattern HARMLESS_NAME = Pattern.compile(
            "[a-z0-9-]*rate-?limit(?:-(?:input|output|remaining|reset|limit|requests|tokens|policy|unified|status|[0-9]+[a-z]))*"
                    + "|(?:x-)?(?:stainless-)?idempotency-key|[a-z0-9-]*request-?id|x-session-affinity"
                    + "|max[-_]?(?:output|completion|input)?[-_]?tokens|token[-_](?:count|type|limit)|tokens|www-authenticate"
                    + "|proxy-authenticate|authority|author|prompt[-_]cache[-_]key|access-control-(?:allow|expose|request|max)-.*"
                    + "|sec-websocket-(?:accept|key)|(?:[a-z0-9]+[-_])*session[-_]id");

    /// A longer name is one of nobody's, and the patterns are not made for it.
    private static final int LONGEST_NAME = 200;

    /// What a secret looks like, wherever it stands. No pattern here may look at one character from many places: a
    /// caller chooses the text.
    private static final Pattern SECRET_VALUE =
            Pattern.compile("(?i:\\b(?:bearer|basic|apikey|digest)[\\s:+]+)[A-Za-z0-9._~+/=\"-]{6,}"
                    + "|\\b(?:sk|rk|pk)[-_](?:live_|test_)?[A-Za-z0-9_-]{6,}|\\bsess-[A-Za-z0-9_-]{8,}"
                    + "|\\b(?:AKIA|ASIA)[A-Z0-9]{12,}|\\bAIza[A-Za-z0-9_-]{20,}|\\bya29\\.[A-Za-z0-9_-]{10,}"
                    + "|\\b(?:ghp|gho|ghu|ghs|ghr|npm|hf|gsk)_[A-Za-z0-9]{16,}|\\bgithub_pat_[A-Za-z0-9_]{20,}"
                    + "|\\b(?:glpat|xai|pplx|hvs\\.)-?[A-Za-z0-9._-]{16,}|\\bxox[abprs]-[A-Za-z0-9-]{10,}"
                    + "|\\bSG\\.[A-Za-z0-9_-]{16,}(?:\\.[A-Za-z0-9_-]+)?");

    /// A name and its value, as a query, a form, a list of parameters or JSON says it.
    private static final Pattern PARAMETER = Pattern.compile(
            "([?&;,#{\\s\"']|^)([^=:&;,#?{\\s\"']{1,200})(\"?'?\\s*[=:]\\s*)(\"[^\"]*\"?|'[^']*'?|[^&;,#?\\s]+)");

    private static final Pattern AUTHORITY = Pattern.compile("[^\\s?#]++");
    private static final Pattern HASHED = Pattern.compile("[\"']?redacted:[0-9a-f]{8}[\"']?");

    /// What a JSON web token is made of.
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_.-]++");

    private static final int LEAST_OF_TOKEN = 10;

    /// Between what separates the parts of a URL.
    private static final Pattern PIECE = Pattern.compile("[^?&;#\\s]+");

    private final Remembered harmlessTexts = new Remembered();
    private final Remembered harmlessNames = new Remembered();
    private final Set<String> names;
    private final SecretKeySpec key;

    /// Looked up and keyed, which takes longer than a hash; only copies of it are used.
    private final Mac keyed;

    public Redaction(byte[] key, List<String> moreHeaders) {
        this.key = new SecretKeySpec(key, "HmacSHA256");
        this.keyed = newMac();
        Set<String> all = new HashSet<>(Set.of("chatgpt-account-id"));
        moreHeaders.forEach(h -> all.add(h.toLowerCase(Locale.ROOT)));
        this.names = Set.copyOf(all);
    }

    List<Header> headers(MultiMap headers) {
        List<Header> redacted = new ArrayList<>(headers.size());
        for (Map.Entry<String, String> header : headers) {
            redacted.add(new Header(text(header.getKey()), header(header.getKey(), header.getValue())));
        }
        return redacted;
    }

    /// Any text, such as an error's: keys by their form, and what stands behind a name that sounds like a secret. What
    /// shows a secret only once it is unescaped is hashed whole.
    String text(String text) {
        if (harmlessTexts.contains(text)) {
            return text;
        }
        String redacted = redactedText(text);
        if (redacted.equals(text)) {
            harmlessTexts.add(text);
        }
        return redacted;
    }

    private String redactedText(String text) {
        String plain = unescaped(text);
        if (!plain.equals(text) && !plainText(plain).equals(plain)) {
            return PIECE.matcher(text).replaceAll(m -> Matcher.quoteReplacement(piece(m.group())));
        }
        return plainText(text);
    }

    /// A piece of a text that is escaped: as it is if nothing secret is in it.
    private String piece(String piece) {
        String plain = unescaped(piece);
        String name = plain.split("=", 2)[0];
        boolean secret =
                !plainText(plain).equals(plain) || (plain.contains("=") && isSecretName(name.toLowerCase(Locale.ROOT)));
        return !secret
                ? piece
                : piece.indexOf('=') > 0 ? piece.substring(0, piece.indexOf('=') + 1) + hash(piece) : hash(piece);
    }

    private String plainText(String text) {
        String out = text;
        if (out.contains("://")) {
            out = AUTHORITY.matcher(out).replaceAll(m -> Matcher.quoteReplacement(withoutUserInfo(m.group())));
        }
        if (out.contains("eyJ")) {
            out = TOKEN.matcher(out).replaceAll(m -> Matcher.quoteReplacement(withoutWebToken(m.group())));
        }
        out = PARAMETER
                .matcher(out)
                .replaceAll(m -> Matcher.quoteReplacement(
                        isSecretName(m.group(2).toLowerCase(Locale.ROOT))
                                        && !HASHED.matcher(m.group(4)).matches()
                                ? m.group(1) + m.group(2) + m.group(3) + hash(m.group(4))
                                : m.group()));
        return SECRET_VALUE.matcher(out).replaceAll(m -> hash(m.group()));
    }

    /// A URL without what stands before its host.
    private String withoutUserInfo(String url) {
        int begin = url.indexOf("://") + 3;
        int end = url.lastIndexOf('@');
        return begin < 3 || end <= begin
                ? url
                : url.substring(0, begin) + hash(url.substring(begin, end)) + url.substring(end);
    }

    /// The same without a JSON web token, which is three parts with a JSON object first.
    private String withoutWebToken(String text) {
        int begin = text.indexOf("eyJ");
        int end = 0;
        for (int part = 0; begin >= 0 && part < 2; part++) {
            int dot = text.indexOf('.', Math.max(begin, end));
            if (dot < Math.max(begin, end) + LEAST_OF_TOKEN) {
                // What is no token here may be one further on.
                begin = dot < 0 ? -1 : text.indexOf("eyJ", dot);
                end = 0;
                part = -1;
            } else {
                end = dot + 1;
            }
        }
        return begin < 0 ? text : text.substring(0, begin) + hash(text.substring(begin));
    }

    private String header(String name, String value) {
        return isSecretName(name.toLowerCase(Locale.ROOT)) && !value.isEmpty() ? hash(value) : text(value);
    }

    private boolean isSecretName(String name) {
        if (harmlessNames.contains(name)) {
            return false;
        }
        if (name.length() > LONGEST_NAME) {
            return true;
        }
        boolean secret = names.contains(name)
                || (SECRET_NAME.matcher(name).find()
                        && !HARMLESS_NAME.matcher(name).matches());
        if (!secret) {
            harmlessNames.add(name);
        }
        return secret;
    }

    private static String unescaped(String text) {
        return Unescaped.forms(text).getLast();
    }

    private String hash(String secret) {
        byte[] hash = mac().doFinal(secret.getBytes(StandardCharsets.UTF_8));
        return "redacted:" + HexFormat.of().formatHex(hash, 0, 4);
    }

    private Mac mac() {
        try {
            return (Mac) keyed.clone();
        } catch (CloneNotSupportedException e) {
            // A provider of hashes, such as a hardware's, of which no copy can be made.
            return newMac();
        }
    }

    private Mac newMac() {
        try {
            Mac mac = Mac.getInstance(key.getAlgorithm());
            mac.init(key);
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + key.getAlgorithm(), e);
        }
    }
}
