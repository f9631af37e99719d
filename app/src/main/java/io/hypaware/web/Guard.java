package io.hypaware.web;

import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Lets in the browser that has the address which was printed, and nothing else: no other machine, no other site that
/// the browser has open, no name that only resolves to this machine, and no method that could change anything.
final class Guard {

    private static final String TOKEN = "token";
    private static final int TOKEN_BYTES = 24;

    /// What may be loaded, and from where: only what the page itself brings.
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            + " connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// Headers by which somebody is let in: of two, another program might take the other.
    private static final List<String> DECIDING = List.of("host", "origin", "sec-fetch-site");

    private static final Set<String> OWN_SITES = Set.of("same-origin", "none");

    private final String token;

    /// Cookies are shared by all ports of a host.
    private String cookie = "";

    private Set<String> hosts = Set.of();

    Guard() {
        byte[] random = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(random);
        this.token = HexFormat.of().formatHex(random);
    }

    /// Says on which port the page is, before anyone is let in.
    void at(int port) {
        cookie = "hypaware-" + port;
        hosts = Set.of("127.0.0.1:" + port, "localhost:" + port);
    }

    /// What opens the page, behind its address.
    String query() {
        return "?" + TOKEN + "=" + token;
    }

    void handle(RoutingContext context) {
        HttpServerRequest request = context.request();
        protect(context.response());
        Optional<String> refusal = refusal(request);
        if (refusal.isPresent()) {
            refuse(context, 403, refusal.get());
        } else if (!request.method().equals(HttpMethod.GET)) {
            context.response().putHeader("allow", "GET");
            refuse(context, 405, "Nothing is changed here: " + request.method() + " is not answered.");
        } else if (request.getParam(TOKEN) != null) {
            enter(context, request.getParam(TOKEN));
        } else if (hasToken(request)) {
            context.next();
        } else {
            refuse(context, 401, "This page opens with the whole address that \"hyp web\" printed.");
        }
    }

    /// Why a request is not of this page.
    private Optional<String> refusal(HttpServerRequest request) {
        for (String name : DECIDING) {
            if (request.headers().getAll(name).size() > 1) {
                return Optional.of("The header " + name + " may be there once.");
            }
        }
        String host = Optional.ofNullable(request.getHeader("host")).orElse("");
        if (!hosts.contains(host)) {
            return Optional.of("This page is at 127.0.0.1 only, not at " + Html.visible(host) + ".");
        }
        String origin = request.getHeader("origin");
        if (origin != null && !origin.equals("http://" + host)) {
            return Optional.of("Another site may not ask here.");
        }
        String site = request.getHeader("sec-fetch-site");
        if (site != null && !OWN_SITES.contains(site)) {
            return Optional.of("Another site may not lead here; open the address itself.");
        }
        return Optional.empty();
    }

    private void enter(RoutingContext context, String given) {
        if (!isToken(given)) {
            refuse(context, 401, "This address is of a page that has ended; \"hyp web\" opens a new one.");
            return;
        }
        context.response()
                .addCookie(Cookie.cookie(cookie, token)
                        .setHttpOnly(true)
                        .setSameSite(CookieSameSite.STRICT)
                        .setPath("/"));
        // Out of the address, so that it is in no history.
        context.response().setStatusCode(303).putHeader("location", "/").end();
    }

    /// Another program on this machine may have set a cookie of the same name for a part of the page.
    private boolean hasToken(HttpServerRequest request) {
        return request.headers().getAll("cookie").stream()
                .flatMap(header -> Stream.of(header.split(";", -1)))
                .map(String::strip)
                .filter(one -> one.startsWith(cookie + "="))
                .anyMatch(one -> isToken(one.substring(cookie.length() + 1)));
    }

    private boolean isToken(String given) {
        return MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8));
    }

    static void protect(HttpServerResponse response) {
        response.putHeader("content-security-policy", POLICY)
                .putHeader("x-content-type-options", "nosniff")
                .putHeader("referrer-policy", "no-referrer")
                .putHeader("cross-origin-opener-policy", "same-origin")
                .putHeader("cross-origin-resource-policy", "same-origin")
                .putHeader("cache-control", "no-store");
    }

    private static void refuse(RoutingContext context, int status, String why) {
        context.response()
                .setStatusCode(status)
                .putHeader("content-type", "text/plain; charset=utf-8")
                .end(why + "\n");
    }
}
