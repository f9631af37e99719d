package io.hypaware.web;

import io.hypaware.query.Deadline;
import io.hypaware.query.OutputFormat;
import io.hypaware.query.QueryException;
import io.hypaware.query.QuerySession;
import io.hypaware.query.ResultWriter;
import io.hypaware.read.Exchanges;
import io.hypaware.read.PartTexts;
import io.hypaware.read.SessionCall;
import io.hypaware.read.SessionList;
import io.hypaware.read.SessionOutline;
import io.hypaware.read.Sessions;
import io.hypaware.read.WholeSession;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Which page is at which address. Pages are made on a worker thread, one or two at a time.
final class Pages {

    private static final int LONGEST_TEXT = 8_000_000;
    private static final int MOST_DAYS = 3_650;

    /// Answers one request.
    @FunctionalInterface
    interface Page {
        void answer(RoutingContext context) throws Exception;
    }

    private final Site site;
    private final Fresh fresh;
    private final SessionView.Reader reader;

    Pages(Site site, Fresh fresh) {
        this.site = site;
        this.fresh = fresh;
        this.reader = new SessionView.Reader(site, fresh);
    }

    Map<String, Page> routes() {
        Map<String, Page> routes = new LinkedHashMap<>();
        routes.put("/", this::overview);
        routes.put("/sessions", this::sessions);
        routes.put("/session", this::session);
        routes.put("/session/parts", this::parts);
        routes.put("/session/strip", this::strip);
        routes.put("/session/call", this::call);
        routes.put("/search", this::search);
        routes.put("/exchange", this::exchange);
        routes.put("/exchange/body", this::body);
        routes.put("/part", this::part);
        routes.put("/media", this::media);
        routes.put("/query", this::query);
        routes.put("/query/download", this::download);
        routes.put("/health", this::health);
        return routes;
    }

    private void overview(RoutingContext context) throws Exception {
        fresh.settle();
        int days = number(context, "days", 14, 1, 366);
        Instant now = site.clock().instant();
        String key = "overview " + days + " " + LocalDate.ofInstant(now, site.zone());
        OverviewView view = fresh.get(key, OverviewView.class, () -> OverviewView.of(site, days));
        html(context, "overview", view.at(OverviewView.Health.of(site.status().call()), now));
    }

    private void sessions(RoutingContext context) throws Exception {
        fresh.settle();
        SessionList.Filter asked = new SessionList.Filter(
                text(context, "q"),
                text(context, "client"),
                text(context, "repo"),
                Optional.empty(),
                number(context, "from", 0, 0, 1_000_000),
                SessionsView.STEP);
        boolean rows = isPart(context);
        SessionsView view = SessionsView.of(site, asked, number(context, "days", 30, 0, MOST_DAYS), !rows);
        html(context, rows ? "sessionRows" : "sessions", view);
    }

    private void session(RoutingContext context) throws Exception {
        fresh.settle();
        WholeSession known = named(text(context, "id"));
        html(context, "session", reader.view(known, place(context, known.outline())));
    }

    /// Where a session is looked at: from an entry on, at a message, or at its end.
    private static SessionOutline.Place place(RoutingContext context, SessionOutline outline) throws QueryException {
        String at = text(context, "at");
        if (at.equals("end")) {
            return new SessionOutline.Place("", outline.entries().size() - SessionView.STEP / 2);
        }
        return outline.place(at)
                .map(place -> new SessionOutline.Place(place.conversation(), place.index() - SessionView.BEFORE))
                .orElse(new SessionOutline.Place("", number(context, "from", 0, 0, Integer.MAX_VALUE)));
    }

    /// A session by its id, or by how it begins. The whole is looked for first: it is what addresses say.
    private WholeSession named(String id) throws Exception {
        try {
            return reader.known(id);
        } catch (QueryException e) {
            return reader.known(new Sessions(site.recorded()).named(id));
        }
    }

    private void parts(RoutingContext context) throws Exception {
        fresh.settle();
        html(
                context,
                "talk",
                reader.talk(
                        text(context, "id"),
                        text(context, "conversation"),
                        number(context, "from", 0, 0, Integer.MAX_VALUE),
                        number(context, "most", SessionView.STEP, 1, 200)));
    }

    private void strip(RoutingContext context) throws Exception {
        fresh.settle();
        html(
                context,
                "strip",
                reader.view(reader.known(text(context, "id")), new SessionOutline.Place("", Integer.MAX_VALUE)));
    }

    /// Why a call's prompt was not read from the cache, or how it differs from the one before.
    private void call(RoutingContext context) throws Exception {
        String exchange = text(context, "exchange");
        List<SessionCall> calls = reader.known(text(context, "id")).calls();
        html(context, "call", CallView.of(calls, exchange, ExchangeView.change(site, calls, exchange), site.zone()));
    }

    private void search(RoutingContext context) throws Exception {
        fresh.settle();
        html(
                context,
                "search",
                SearchView.of(site, text(context, "q"), text(context, "role"), text(context, "client")));
    }

    private void exchange(RoutingContext context) throws Exception {
        fresh.settle();
        html(context, "exchange", ExchangeView.of(site, reader, text(context, "id")));
    }

    /// A body byte for byte, or decoded.
    private void body(RoutingContext context) throws Exception {
        Exchanges exchanges = new Exchanges(site.recorded());
        String exchange = exchanges.named(text(context, "id"));
        String which = text(context, "which").equals("response") ? "response" : "request";
        boolean decoded = text(context, "decoded").equals("1");
        attachment(context, exchange + "-" + which + (decoded ? ".txt" : ".bin"), "application/octet-stream");
        try (ResponseStream out = new ResponseStream(context.response())) {
            exchanges.copyBody(exchange, which, decoded, out);
            out.finish();
        }
    }

    /// A part's text whole.
    private void part(RoutingContext context) throws Exception {
        SessionOutline.Part part = find(context);
        PartTexts.Content content = new PartTexts(site.recorded())
                .of(Set.of(part), LONGEST_TEXT)
                .getOrDefault(part.rowId(), PartTexts.Content.NONE);
        context.response().putHeader("content-type", "text/plain; charset=utf-8");
        context.response().end(Html.visible(content.text().isEmpty() ? content.arguments() : content.text()));
    }

    private void media(RoutingContext context) throws Exception {
        SessionOutline.Part part = find(context);
        Optional<PartTexts.Media> media =
                new PartTexts(site.recorded()).media(part.rowId(), number(context, "n", 0, 0, 100));
        if (media.isEmpty()) {
            throw new QueryException("the bytes of this attachment are not kept");
        }
        String type = media.get().mediaType().toLowerCase(Locale.ROOT);
        if (Links.isImage(type)) {
            context.response().putHeader("content-type", type);
        } else {
            attachment(context, "attachment", "application/octet-stream");
        }
        context.response().end(Buffer.buffer(media.get().bytes()));
    }

    private SessionOutline.Part find(RoutingContext context) throws Exception {
        String row = text(context, "row");
        return reader.known(text(context, "id"))
                .outline()
                .part(row)
                .orElseThrow(() -> new QueryException("there is no part " + Html.line(row, 100)));
    }

    private void query(RoutingContext context) throws Exception {
        fresh.settle();
        html(
                context,
                "query",
                QueryView.of(
                        site,
                        text(context, "sql"),
                        session -> context.response().closeHandler(_ -> session.cancel())));
    }

    private void download(RoutingContext context) throws Exception {
        fresh.settle();
        OutputFormat format = switch (text(context, "format")) {
            case "csv" -> OutputFormat.CSV;
            case "json" -> OutputFormat.JSON;
            case "jsonl" -> OutputFormat.JSONL;
            default -> throw new QueryException("a result comes as csv, json or jsonl");
        };
        try (QuerySession session = QuerySession.open(site.cache(), site.memoryBytes(), text(context, "sql"));
                Deadline.Watch _ = Deadline.in(QueryView.LONGEST).watch(session);
                ResponseStream out = new ResponseStream(context.response())) {
            context.response().closeHandler(_ -> session.cancel());
            attachment(context, "result." + format.name().toLowerCase(Locale.ROOT), "application/octet-stream");
            PrintWriter writer = new PrintWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8), false);
            session.run(new ResultWriter(format, writer, 0, 0, true)::write);
            if (writer.checkError()) {
                throw new IOException("the browser takes no more");
            }
            out.finish();
        }
    }

    private void health(RoutingContext context) throws Exception {
        html(context, "health", HealthView.of(site));
    }

    private static void attachment(RoutingContext context, String name, String type) {
        context.response()
                .putHeader("content-type", type)
                .putHeader("content-disposition", "attachment; filename=\"" + name.replaceAll("[^\\w.-]", "_") + "\"");
    }

    private static void html(RoutingContext context, String template, Object view) {
        HttpServerResponse response = context.response();
        response.putHeader("content-type", "text/html; charset=utf-8").putHeader("vary", "hx-request");
        response.end(Templates.render(template, view));
    }

    private static boolean isPart(RoutingContext context) {
        return "true".equals(context.request().getHeader("hx-request"));
    }

    private static String text(RoutingContext context, String name) {
        return context.request().getParam(name, "");
    }

    /// @return what is in bounds
    /// @throws QueryException if it is none
    static int number(RoutingContext context, String name, int otherwise, int least, int most) throws QueryException {
        String text = text(context, name);
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            return Math.clamp(Long.parseLong(text), least, most);
        } catch (NumberFormatException e) {
            throw new QueryException(name + " has to be a number");
        }
    }
}
