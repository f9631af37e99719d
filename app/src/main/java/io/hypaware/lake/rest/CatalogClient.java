package io.hypaware.lake.rest;

import com.fasterxml.jackson.databind.ObjectReader;
import io.hypaware.lake.LakeException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.iceberg.exceptions.RESTException;
import org.apache.iceberg.rest.BaseHTTPClient;
import org.apache.iceberg.rest.ErrorHandler;
import org.apache.iceberg.rest.HTTPHeaders;
import org.apache.iceberg.rest.HTTPHeaders.HTTPHeader;
import org.apache.iceberg.rest.HTTPRequest;
import org.apache.iceberg.rest.HTTPRequest.HTTPMethod;
import org.apache.iceberg.rest.ImmutableHTTPRequest;
import org.apache.iceberg.rest.ParserContext;
import org.apache.iceberg.rest.RESTClient;
import org.apache.iceberg.rest.RESTResponse;
import org.apache.iceberg.rest.RESTUtil;
import org.apache.iceberg.rest.auth.AuthSession;
import org.apache.iceberg.rest.responses.ConfigResponse;
import org.apache.iceberg.rest.responses.ErrorResponse;
import org.jspecify.annotations.Nullable;

/// The connection to a REST catalog, by the JDK's client: each request has an end, each answer a length, redirects are
/// not followed, and no key goes to a server that the config does not name. Nothing is asked twice here: whoever
/// commits has to look first.
final class CatalogClient extends BaseHTTPClient {

    /// How long is waited, and for how much.
    ///
    /// @param request until a request is answered as a whole
    /// @param mostBytes of an answer
    record Bounds(Duration connect, Duration request, int mostBytes) {

        static final Bounds USUAL = new Bounds(Duration.ofSeconds(10), Duration.ofSeconds(60), 64 << 20);
    }

    /// Of an answer that refuses.
    private static final int MOST_TOLD = 4_000;

    /// Shorter words of a header are no secret, as `Bearer` is none.
    private static final int SHORTEST_KEY = 7;

    private static final String JSON = "application/json";
    private static final String FORM = "application/x-www-form-urlencoded";

    private final URI base;
    private final Set<String> servers;
    private final Map<String, String> headers;
    private final Bounds bounds;
    private final HttpClient http;
    private final AuthSession session;
    private final boolean isRoot;

    /// @param base below which the catalog is
    /// @param servers that may be asked, as [#server] says them
    /// @param headers of each request
    CatalogClient(URI base, Set<String> servers, Map<String, String> headers, Bounds bounds) {
        this.base = base;
        this.servers = Set.copyOf(servers);
        this.headers = Map.copyOf(headers);
        this.bounds = bounds;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(bounds.connect())
                .build();
        this.session = AuthSession.EMPTY;
        this.isRoot = true;
    }

    private CatalogClient(CatalogClient parent, AuthSession session) {
        this.base = parent.base;
        this.servers = parent.servers;
        this.headers = parent.headers;
        this.bounds = parent.bounds;
        this.http = parent.http;
        this.session = session;
        this.isRoot = false;
    }

    /// Which server an address names.
    static String server(URI uri) {
        int usual = "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
        int port = uri.getPort() < 0 ? usual : uri.getPort();
        return (uri.getScheme() + "://" + uri.getHost() + ":" + port).toLowerCase(Locale.ROOT);
    }

    @Override
    public RESTClient withAuthSession(AuthSession other) {
        return new CatalogClient(this, other);
    }

    @Override
    public void head(String path, Map<String, String> more, Consumer<ErrorResponse> errorHandler) {
        execute(buildRequest(HTTPMethod.HEAD, path, null, more, null), null, errorHandler, _ -> {});
    }

    @Override
    protected HTTPRequest buildRequest(
            HTTPMethod method,
            String path,
            @Nullable Map<String, String> query,
            @Nullable Map<String, String> more,
            @Nullable Object body) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        if (more != null) {
            all.putAll(more);
        }
        all.putIfAbsent("Accept", JSON);
        all.putIfAbsent("Content-Type", body instanceof Map ? FORM : JSON);
        return session.authenticate(ImmutableHTTPRequest.builder()
                .baseUri(base)
                .method(method)
                .path(path)
                .body(body)
                .queryParameters(query == null ? Map.of() : query)
                .headers(HTTPHeaders.of(all))
                .build());
    }

    @Override
    protected <T extends RESTResponse> @Nullable T execute(
            HTTPRequest request,
            @Nullable Class<T> type,
            Consumer<ErrorResponse> errorHandler,
            Consumer<Map<String, String>> answerHeaders) {
        return execute(
                request,
                type,
                errorHandler,
                answerHeaders,
                ParserContext.builder().build());
    }

    @Override
    protected <T extends RESTResponse> @Nullable T execute(
            HTTPRequest request,
            @Nullable Class<T> type,
            Consumer<ErrorResponse> errorHandler,
            Consumer<Map<String, String>> answerHeaders,
            ParserContext context) {
        URI uri = uri(request);
        try {
            HttpResponse<byte[]> answer = answer(request, uri);
            Map<String, String> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            answer.headers().map().forEach((name, values) -> fields.put(name, values.getFirst()));
            answerHeaders.accept(fields);
            if (answer.statusCode() == 304 || answer.statusCode() == 204) {
                return null;
            }
            if (answer.statusCode() != 200 && answer.statusCode() != 202) {
                throw refused(request, uri, answer, errorHandler);
            }
            if (type == null) {
                return null;
            }
            ObjectReader reader = request.mapper().readerFor(type);
            T read = (context.isEmpty() ? reader : reader.with(context.toInjectableValues())).readValue(answer.body());
            return read instanceof ConfigResponse said ? type.cast(CatalogSettings.heard(said)) : read;
        } catch (IOException e) {
            throw new RESTException(
                    e, "%s %s got no answer that can be used: %s", request.method(), shown(uri), why(e));
        }
    }

    private URI uri(HTTPRequest request) {
        boolean isWhole =
                request.path().startsWith("https://") || request.path().startsWith("http://");
        String path = RESTUtil.stripTrailingSlash(
                isWhole ? request.path() : RESTUtil.stripTrailingSlash(base.toString()) + "/" + request.path());
        String query = request.queryParameters().entrySet().stream()
                .map(entry -> RESTUtil.encodeString(entry.getKey()) + "=" + RESTUtil.encodeString(entry.getValue()))
                .collect(Collectors.joining("&"));
        URI uri = URI.create(query.isEmpty() ? path : path + "?" + query);
        if (!servers.contains(server(uri))) {
            throw new LakeException("the team's catalog " + shown(base) + " wants " + server(uri)
                    + " to be asked, which the config does not name; nothing was sent there");
        }
        return uri;
    }

    private HttpResponse<byte[]> answer(HTTPRequest request, URI uri) throws IOException {
        HttpRequest.Builder built = HttpRequest.newBuilder(uri).timeout(bounds.request());
        for (HTTPHeader header : request.headers().entries()) {
            built.setHeader(header.name(), header.value());
        }
        String body = request.encodedBody();
        built.method(request.method().name(), body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        CompletableFuture<HttpResponse<byte[]>> sent =
                http.sendAsync(built.build(), BodyHandlers.limiting(BodyHandlers.ofByteArray(), bounds.mostBytes()));
        try {
            // The client's own limit is over once headers are there.
            return sent.get(bounds.request().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            sent.cancel(true);
            throw new HttpTimeoutException(
                    "it did not end within " + bounds.request().toSeconds() + " s");
        } catch (InterruptedException e) {
            sent.cancel(true);
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("told to stop");
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failed ? failed : new IOException(e.getCause());
        }
    }

    /// Has what was refused told in Iceberg's way, by which those who commit know whether they may have.
    private RuntimeException refused(
            HTTPRequest request, URI uri, HttpResponse<byte[]> answer, Consumer<ErrorResponse> errorHandler) {
        String body = new String(answer.body(), StandardCharsets.UTF_8).replaceAll("[\\r\\n]+\\s*", " ");
        String told = withoutKeys(body.length() > MOST_TOLD ? "" : body, request);
        ErrorResponse error = told.isBlank() || !(errorHandler instanceof ErrorHandler handler)
                ? plain(answer.statusCode(), shown(uri))
                : parsed(handler, answer.statusCode(), told, shown(uri));
        errorHandler.accept(error);
        return new RESTException("%s answers %s: %s", shown(uri), answer.statusCode(), error.message());
    }

    /// A page of somebody on the way is no answer of the protocol, though the status counts.
    private static ErrorResponse parsed(ErrorHandler handler, int status, String told, String where) {
        ErrorResponse parsed = handler.parseResponse(status, told);
        boolean isSaid = parsed.code() == status
                && parsed.message() != null
                && !parsed.message().startsWith("<");
        return isSaid ? parsed : plain(status, where);
    }

    private static ErrorResponse plain(int status, String where) {
        return ErrorResponse.builder()
                .responseCode(status)
                .withType("RESTException")
                .withMessage(where + " answers " + status)
                .build();
    }

    /// Some servers repeat what they were sent, and what they say is shown and written down.
    private static String withoutKeys(String text, HTTPRequest request) {
        String shown = text;
        for (HTTPHeader header : request.headers().entries()) {
            if (header.name().equalsIgnoreCase("Authorization")) {
                for (String word : header.value().split(" ", -1)) {
                    shown = word.length() < SHORTEST_KEY ? shown : shown.replace(word, "…");
                }
            }
        }
        if (request.body() instanceof Map<?, ?> form && form.get("client_secret") instanceof String secret) {
            shown = secret.isEmpty() ? shown : shown.replace(secret, "…");
        }
        return shown;
    }

    private static String why(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    /// Without a query.
    private static String shown(URI uri) {
        return uri.getScheme() + "://" + uri.getRawAuthority() + uri.getRawPath();
    }

    @Override
    public void close() {
        if (isRoot) {
            http.shutdownNow();
        }
    }
}
