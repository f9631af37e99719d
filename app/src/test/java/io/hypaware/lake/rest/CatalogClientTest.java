package io.hypaware.lake.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hypaware.config.TeamLakeConfig;
import io.hypaware.lake.LakeException;
import io.hypaware.testing.Configs;
import io.hypaware.testing.FaultyProxy;
import io.hypaware.testing.FaultyProxy.Fate;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.iceberg.exceptions.RESTException;
import org.apache.iceberg.inmemory.InMemoryFileIO;
import org.apache.iceberg.rest.responses.ConfigResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a catalog's server may make anybody hold, and for how long.
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class CatalogClientTest {

    private static final CatalogClient.Bounds SHORT =
            new CatalogClient.Bounds(Duration.ofSeconds(1), Duration.ofSeconds(1), 10_000);

    @Test
    void aServerThatSaysNothingIsNotWaitedFor() throws Exception {
        try (FaultyProxy proxy = new FaultyProxy(1, _ -> new Fate.Stalled())) {
            assertThatThrownBy(() -> open(proxy.port()))
                    .isInstanceOf(RESTException.class)
                    .hasMessageContaining("got no answer that can be used");
        }
    }

    @Test
    void anAnswerThatIsTooLongIsNotHeld() throws Exception {
        String tooLong = "{\"defaults\": {\"x\": \"" + "y".repeat(20_000) + "\"}}";
        try (FaultyProxy proxy = new FaultyProxy(1, _ -> new Fate.Answered(200, "", tooLong))) {
            assertThatThrownBy(() -> open(proxy.port())).isInstanceOf(RESTException.class);
        }
    }

    @Test
    void anAnswerThatDoesNotEndIsGivenUp() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread drips = Thread.ofVirtual().start(() -> drip(server));
            assertThatThrownBy(() -> open(server.getLocalPort()))
                    .isInstanceOf(RESTException.class)
                    .hasMessageContaining("did not end within 1 s");
            drips.interrupt();
        }
    }

    @Test
    void aPageIsNoAnswerOfACatalog() throws Exception {
        try (FaultyProxy proxy =
                new FaultyProxy(1, _ -> new Fate.Answered(200, "Content-Type: text/html\r\n", "<html></html>"))) {
            assertThatThrownBy(() -> open(proxy.port()))
                    .isInstanceOf(RESTException.class)
                    .hasMessageContaining("http://127.0.0.1:" + proxy.port() + "/v1/config");
        }
    }

    @Test
    void whatACatalogMayNotSayIsNotHeard() {
        ConfigResponse heard = CatalogSettings.heard(ConfigResponse.builder()
                .withDefaults(new HashMap<>(Map.of("prefix", "a", "io-impl", "x.Y", "header.X", "z")))
                .withOverrides(
                        new HashMap<>(Map.of("s3.endpoint", "http://e", "metrics-reporter-impl", "x.Y", "token", "t")))
                .build());
        assertThat(heard.defaults()).isEqualTo(Map.of("prefix", "a"));
        assertThat(heard.overrides()).isEqualTo(Map.of("s3.endpoint", "http://e"));
    }

    /// Where the key is in the environment, the config alone does not say that there is one.
    @Test
    void aKeyOfTheEnvironmentGoesToNoOtherMachineInTheClear() {
        Map<String, String> key = Map.of("HYPAWARE_CATALOG_TOKEN", "opensesame");
        assertThatThrownBy(() -> RestCatalogs.properties(config("http://catalog.example"), key))
                .isInstanceOf(LakeException.class)
                .hasMessageContaining("lake.catalog")
                .hasMessageContaining("expected https://")
                .hasMessageNotContaining("opensesame");
        assertThat(RestCatalogs.properties(config("http://catalog.example"), Map.of()))
                .doesNotContainKey("token");
        for (String safe : List.of(
                "https://catalog.example", "http://127.0.0.1:1", "http://[::1]:1", "http://localhost:8181/catalog")) {
            assertThat(RestCatalogs.properties(config(safe), key)).containsEntry("token", "opensesame");
        }
        for (String other : List.of("http://127.0.0.1.example", "http://localhost.example", "HTTP://10.0.0.1")) {
            assertThatThrownBy(() -> RestCatalogs.properties(config(other), key))
                    .isInstanceOf(LakeException.class);
        }
    }

    private static void drip(ServerSocket server) {
        try (Socket client = server.accept();
                InputStream in = client.getInputStream();
                OutputStream out = client.getOutputStream()) {
            assertThat(in.read()).isPositive();
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            for (int i = 0; i < 100; i++) {
                out.write(' ');
                out.flush();
                Thread.sleep(100);
            }
        } catch (Exception e) {
            // The client has gone.
        }
    }

    private static void open(int port) {
        RestCatalogs.open("test", config("http://127.0.0.1:" + port), _ -> new InMemoryFileIO(), SHORT);
    }

    private static TeamLakeConfig config(String catalog) {
        return Configs.withLake("{\"catalog\": \"" + catalog + "\", \"warehouse\": \"/w\"}")
                .lake()
                .team()
                .orElseThrow();
    }
}
