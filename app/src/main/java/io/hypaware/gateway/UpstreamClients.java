package io.hypaware.gateway;

import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/// The HTTP clients of one event loop, one per upstream, with limits that never come before the caller's own.
final class UpstreamClients {

    private static final int CONNECT_TIMEOUT_MILLIS = 60_000;
    private static final int CONNECTIONS = 100_000;
    private static final int HTTP2_CONNECTIONS = 4;

    /// Below what providers and their load balancers keep, so that we close an idle connection before they do.
    private static final int KEEP_ALIVE_SECONDS = 30;

    static final int HEADER_BYTES = 1024 * 1024;

    /// Window of one HTTP/2 stream: what a slow client lets pile up here.
    private static final int STREAM_WINDOW_BYTES = 256 * 1024;

    private static final int CONNECTION_WINDOW_BYTES = 8 * 1024 * 1024;

    private final Map<String, HttpClient> clients = new HashMap<>();

    UpstreamClients(Vertx vertx, List<Upstream> upstreams) {
        PoolOptions pool = new PoolOptions()
                .setHttp1MaxSize(CONNECTIONS)
                .setHttp2MaxSize(HTTP2_CONNECTIONS)
                .setMaxWaitQueueSize(-1);
        for (Upstream upstream : upstreams) {
            clients.put(upstream.name(), vertx.createHttpClient(options(upstream), pool));
        }
    }

    HttpClient client(Upstream upstream) {
        HttpClient client = clients.get(upstream.name());
        if (client == null) {
            throw new IllegalArgumentException("no upstream " + upstream.name());
        }
        return client;
    }

    private static HttpClientOptions options(Upstream upstream) {
        HttpClientOptions options = new HttpClientOptions()
                .setConnectTimeout(CONNECT_TIMEOUT_MILLIS)
                .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
                .setTcpKeepAlive(true)
                .setMaxHeaderSize(HEADER_BYTES)
                .setMaxInitialLineLength(HEADER_BYTES)
                .setMaxChunkSize(64 * 1024);
        if (upstream.tls()) {
            options.setSsl(true)
                    .setVerifyHost(true)
                    .setUseAlpn(true)
                    .setProtocolVersion(HttpVersion.HTTP_2)
                    .setAlpnVersions(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1))
                    .setHttp2ConnectionWindowSize(CONNECTION_WINDOW_BYTES)
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
