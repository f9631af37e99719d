package io.hypaware.gateway;

import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/// The HTTP clients of one event loop, one per upstream, with limits that never come before the caller's own.
final class UpstreamClients {

    private static final Logger LOG = Logger.getLogger(UpstreamClients.class.getName());

    private static final int CONNECT_TIMEOUT_MILLIS = 60_000;
    private static final int CONNECTIONS = 100_000;

    /// Below what providers and their load balancers keep, so that we close an idle connection before they do.
    private static final int KEEP_ALIVE_SECONDS = 30;

    /// Most bytes of an answer's head.
    private static final int HEADER_BYTES = 128 * 1024;

    /// Window of one HTTP/2 stream: what a slow client lets pile up here.
    private static final int STREAM_WINDOW_BYTES = 64 * 1024;

    /// Calls on one HTTP/2 connection. Their windows together are the connection's, so that readers who stand still
    /// never take it from the others.
    private static final int STREAMS = 16;

    private final Vertx vertx;
    private final PoolOptions pool = new PoolOptions()
            .setHttp1MaxSize(CONNECTIONS)
            .setHttp2MaxSize(CONNECTIONS)
            .setMaxWaitQueueSize(-1);
    private final UpstreamProxy proxy;
    private final Map<String, HttpClient> clients = new HashMap<>();
    private final Map<String, HttpClient> fresh = new HashMap<>();
    private final Map<String, HttpClient> upgrading = new HashMap<>();

    /// Connections that have carried a request, also for a moment after they closed: one may be taken just then.
    private final Set<HttpConnection> used = Collections.newSetFromMap(new WeakHashMap<>());

    UpstreamClients(Vertx vertx, List<Upstream> upstreams, UpstreamProxy proxy) {
        this.vertx = vertx;
        this.proxy = proxy;
        for (Upstream upstream : upstreams) {
            clients.put(upstream.name(), vertx.createHttpClient(options(upstream), pool));
        }
    }

    /// @param upgrade whether the connection is to become something else: only HTTP/1.1 can
    HttpClient client(Upstream upstream, boolean upgrade) {
        if (upgrade) {
            return upgrading(upstream);
        }
        HttpClient client = clients.get(upstream.name());
        if (client == null) {
            throw new IllegalArgumentException("no upstream " + upstream.name());
        }
        return client;
    }

    /// A client whose every request has a connection of its own.
    HttpClient fresh(Upstream upstream, boolean upgrade) {
        return upgrade
                ? upgrading(upstream)
                : fresh.computeIfAbsent(
                        upstream.name(),
                        _ -> vertx.createHttpClient(options(upstream).setKeepAlive(false), pool));
    }

    private HttpClient upgrading(Upstream upstream) {
        return upgrading.computeIfAbsent(upstream.name(), _ -> {
            HttpClientOptions options = options(upstream);
            if (upstream.tls()) {
                options.setProtocolVersion(HttpVersion.HTTP_1_1).setAlpnVersions(List.of(HttpVersion.HTTP_1_1));
            }
            return vertx.createHttpClient(options, pool);
        });
    }

    /// Whether the connection has carried a request before this one.
    boolean isReused(HttpConnection connection) {
        if (!used.add(connection)) {
            return true;
        }
        // The call on it is told by its own handlers.
        connection.exceptionHandler(e -> LOG.log(Level.FINE, "a connection to a provider broke", e));
        return false;
    }

    private HttpClientOptions options(Upstream upstream) {
        HttpClientOptions options = new HttpClientOptions()
                .setConnectTimeout(CONNECT_TIMEOUT_MILLIS)
                .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
                .setHttp2KeepAliveTimeout(KEEP_ALIVE_SECONDS)
                .setTcpKeepAlive(true)
                .setMaxHeaderSize(HEADER_BYTES)
                .setMaxInitialLineLength(16 * 1024)
                .setMaxChunkSize(64 * 1024);
        proxy.of(upstream).ifPresent(options::setProxyOptions);
        if (upstream.tls()) {
            options.setSsl(true)
                    .setVerifyHost(true)
                    .setUseAlpn(true)
                    .setProtocolVersion(HttpVersion.HTTP_2)
                    .setAlpnVersions(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1))
                    .setHttp2MultiplexingLimit(STREAMS)
                    .setHttp2ConnectionWindowSize(STREAMS * STREAM_WINDOW_BYTES)
                    .setInitialSettings(new Http2Settings()
                            .setInitialWindowSize(STREAM_WINDOW_BYTES)
                            .setMaxHeaderListSize(HEADER_BYTES));
            trust(upstream.caFile()).ifPresent(options::setTrustOptions);
        }
        return options;
    }

    private static Optional<TrustOptions> trust(Optional<Path> caFile) {
        return caFile.map(file -> TrustOptions.wrap(systemAnd(file)));
    }

    private static TrustManager systemAnd(Path caFile) {
        try (InputStream in = Files.newInputStream(caFile)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (X509Certificate certificate : trustManager(null).getAcceptedIssuers()) {
                store.setCertificateEntry("system-" + number++, certificate);
            }
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("file-" + number++, certificate);
            }
            return trustManager(store);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "ca_file " + caFile + " cannot be used: " + e.getMessage() + "; it must hold PEM certificates", e);
        }
    }

    private static X509TrustManager trustManager(@org.jspecify.annotations.Nullable KeyStore store)
            throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509TrustManager x509) {
                return x509;
            }
        }
        throw new GeneralSecurityException("this JDK has no X.509 trust manager");
    }
}
