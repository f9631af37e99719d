package io.hypaware.gateway;

import io.hypaware.config.GatewayConfig;
import io.vertx.core.MultiMap;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Decides which upstream a call goes to: by explicit prefix, else by the provider that the path belongs to,
/// else, where two providers have the path, by whose key it carries. Nothing is guessed: what no upstream
/// claims is refused, and a key goes to no provider but its own.
final class Router {

    /// Paths of one provider, without `/v1`. From the providers' API references.
    private static final Set<String> ANTHROPIC = Set.of("messages", "complete", "organizations", "skills");

    private static final Set<String> OPENAI = Set.of(
            "responses",
            "chat",
            "completions",
            "embeddings",
            "images",
            "audio",
            "moderations",
            "batches",
            "fine_tuning",
            "assistants",
            "threads",
            "vector_stores",
            "uploads",
            "conversations",
            "realtime",
            "evals",
            "containers",
            "videos",
            "alpha");

    /// Both have them.
    private static final Set<String> SHARED = Set.of("models", "files");

    /// What Gemini's clients ask of a model.
    private static final Pattern OF_A_MODEL = Pattern.compile(
            "/v1/models/[^/]+:(?:generateContent|streamGenerateContent|countTokens|embedContent|batchEmbedContents|predict)");

    /// OTLP's own paths, which are no provider's.
    private static final Set<String> TELEMETRY = Set.of("/v1/logs", "/v1/traces", "/v1/metrics");

    private final List<Upstream> upstreams;

    Router(List<Upstream> upstreams) {
        this.upstreams = upstreams.stream()
                .sorted(Comparator.comparingInt(Upstream::priority).reversed())
                .toList();
    }

    static Router of(GatewayConfig config) {
        return new Router(config.allUpstreams().stream().map(Upstream::of).toList());
    }

    List<Upstream> upstreams() {
        return upstreams;
    }

    /// @param target in origin form
    Target decide(String method, String target, MultiMap headers) {
        String rawPath = target.split("\\?", 2)[0];
        String path = decoded(rawPath);
        Credentials.Found credentials = Credentials.of(target, headers);
        if (hasDots(path)) {
            return unclaimed(path);
        }
        if (OwnPaths.isOwn(path)) {
            return own(path);
        }
        Optional<Upstream> named =
                upstreams.stream().filter(u -> u.isNamedBy(path)).findFirst();
        if (named.isPresent()) {
            String rest = target.substring(rawLength(rawPath, named.get().name().length() + 1));
            if (OwnPaths.isOwn(decoded(rest.split("\\?", 2)[0]).replaceFirst("^/+", "/"))) {
                return own(path);
            }
            return checked(named.get(), rest.startsWith("/") ? rest : "/" + rest, credentials);
        }
        if (TELEMETRY.contains(path)) {
            return unclaimed(path);
        }
        Optional<Upstream> prefixed = upstreams.stream()
                .filter(u -> u.claims(path))
                .max(Comparator.comparingInt(Upstream::priority).thenComparingInt(Upstream::prefixLength));
        if (prefixed.isPresent() && credentials.mayGoTo(prefixed.get().provider())) {
            return route(prefixed.get(), target);
        }
        Optional<Upstream> owner = provider(path, credentials).flatMap(this::first);
        if (owner.isPresent()) {
            return checked(owner.get(), target, credentials);
        }
        if (method.equals("HEAD") && path.equals("/") && !credentials.any()) {
            // Claude Code asks so, before anything else, whether anyone is there.
            return first("anthropic").<Target>map(u -> route(u, target)).orElseGet(() -> unclaimed(path));
        }
        return prefixed.<Target>map(upstream -> checked(upstream, target, credentials))
                .orElseGet(() -> unclaimed(path));
    }

    private Target checked(Upstream upstream, String target, Credentials.Found credentials) {
        if (credentials.mayGoTo(upstream.provider())) {
            return route(upstream, target);
        }
        return new Target.Refused(
                421,
                upstream.wire(),
                "this call carries a key of %s and would have gone to the upstream %s, which is %s; nothing was sent"
                        .formatted(
                                String.join(" and of ", credentials.providers()),
                                upstream.name(),
                                upstream.provider()));
    }

    private static Target.Forward route(Upstream upstream, String target) {
        return new Target.Forward(upstream, upstream.basePath() + target);
    }

    /// The provider whose path it is.
    private static Optional<String> provider(String path, Credentials.Found credentials) {
        if (path.startsWith("/v1beta/")
                || path.startsWith("/v1alpha/")
                || OF_A_MODEL.matcher(path).matches()) {
            return Optional.of("google");
        }
        boolean versioned = path.startsWith("/v1/");
        String first = Stream.of(path.substring(versioned ? 4 : 1).split("/", 2))
                .findFirst()
                .orElse("");
        if (versioned && ANTHROPIC.contains(first)) {
            return Optional.of("anthropic");
        }
        if (OPENAI.contains(first)) {
            return Optional.of("openai");
        }
        if (credentials.provider().filter("google"::equals).isPresent()) {
            return versioned && SHARED.contains(first) ? Optional.of("google") : Optional.empty();
        }
        boolean anthropics = credentials.provider().map("anthropic"::equals).orElse(credentials.anthropicClient());
        if (anthropics) {
            boolean own = path.equals("/") || path.startsWith("/api/") || (versioned && SHARED.contains(first));
            return own ? Optional.of("anthropic") : Optional.empty();
        }
        boolean openais = credentials.provider().map("openai"::equals).orElse(credentials.bearer());
        return openais && SHARED.contains(first) ? Optional.of("openai") : Optional.empty();
    }

    private Optional<Upstream> first(String provider) {
        return upstreams.stream().filter(u -> u.provider().equals(provider)).findFirst();
    }

    private Target.Refused unclaimed(String path) {
        List<String> prefixes = upstreams.stream()
                .flatMap(u -> Stream.concat(Stream.of("/" + u.name() + "/"), u.prefix().stream()))
                .toList();
        return new Target.Refused(
                404,
                Wire.OTHER,
                "no upstream claims the path " + shown(path) + "; nothing was sent. Upstreams are reached by "
                        + prefixes
                        + ", the Messages API by /v1/messages, OpenAI's by /v1/responses, /v1/chat/completions and its"
                        + " other paths. Further upstreams: see upstreams in the config");
    }

    private static Target.Refused own(String path) {
        return new Target.Refused(
                404,
                Wire.OTHER,
                "the gateway has no " + shown(path) + "; it has " + Gateway.STATUS_PATH + ", " + Gateway.LINE_PATH
                        + " and " + OwnPaths.SESSION + ". Nothing was sent");
    }

    private static String shown(String path) {
        return path.length() > 200 ? path.substring(0, 200) + "..." : path;
    }

    /// Paths are compared decoded, so that an escape is no way around a rule. Case counts, as in any path.
    private static String decoded(String rawPath) {
        if (rawPath.indexOf('%') < 0) {
            return rawPath;
        }
        try {
            return URLDecoder.decode(rawPath.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return rawPath;
        }
    }

    /// How much of the raw path makes the first characters of the decoded one.
    private static int rawLength(String rawPath, int decodedLength) {
        int at = 0;
        for (int i = 0; i < decodedLength; i++) {
            at += rawPath.charAt(at) == '%' ? 3 : 1;
        }
        return at;
    }

    private static boolean hasDots(String path) {
        return Stream.of(path.split("/", -1)).anyMatch(s -> s.equals("..") || s.equals("."));
    }
}
