package io.hypaware.web;

import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Scripts and styles: ours, and those of libraries out of their webjars. Nothing else is given out.
final class Assets {

    private static final String JARS = "/META-INF/resources/webjars/";

    private record Asset(String resource, String type) {}

    private static final String SCRIPT = "text/javascript; charset=utf-8";
    private static final String STYLE = "text/css; charset=utf-8";

    private static final Map<String, Asset> ASSETS = Map.of(
            "app.js", new Asset("app.js", SCRIPT),
            "app.css", new Asset("app.css", STYLE),
            "icon.svg", new Asset("icon.svg", "image/svg+xml"),
            "htmx.js", new Asset(JARS + "htmx.org/2.0.10/dist/htmx.min.js", SCRIPT),
            "sse.js", new Asset(JARS + "htmx-ext-sse/2.2.2/sse.js", SCRIPT),
            "uplot.js", new Asset(JARS + "uplot/1.6.30/dist/uPlot.iife.min.js", SCRIPT),
            "uplot.css", new Asset(JARS + "uplot/1.6.30/dist/uPlot.min.css", STYLE),
            "highlight.js", new Asset(JARS + "highlightjs/11.11.1/highlight.min.js", SCRIPT));

    private static final Map<String, Buffer> LOADED = new ConcurrentHashMap<>();

    static void handle(RoutingContext context) {
        String name = context.pathParam("name");
        Optional<Asset> asset = Optional.ofNullable(ASSETS.get(name));
        if (asset.isEmpty()) {
            context.response().setStatusCode(404).end();
            return;
        }
        context.response()
                .putHeader("content-type", asset.get().type())
                .putHeader("cache-control", "max-age=600")
                .end(LOADED.computeIfAbsent(name, _ -> load(asset.get())));
    }

    private static Buffer load(Asset asset) {
        try (InputStream in = Assets.class.getResourceAsStream(asset.resource())) {
            if (in == null) {
                throw new IllegalStateException("the program lacks " + asset.resource());
            }
            return Buffer.buffer(in.readAllBytes());
        } catch (IOException e) {
            throw new IllegalStateException("the program's " + asset.resource() + " cannot be read", e);
        }
    }

    private Assets() {}
}
