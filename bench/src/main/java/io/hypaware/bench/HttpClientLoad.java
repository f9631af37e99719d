package io.hypaware.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// A client that costs what clients cost: the JDK's, reading events line by line as an SDK does. Beside [Load] it shows
/// how much of a throughput ratio is the client's own share of the machine.
final class HttpClientLoad implements AutoCloseable {

    private final HttpRequest request;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    HttpClientLoad(int port, String query, int bodyBytes) {
        String body =
                "{\"model\":\"m\",\"stream\":true,\"max_tokens\":100,\"messages\":[{\"role\":\"user\",\"content\":\""
                        + "x".repeat(bodyBytes) + "\"}]}";
        this.request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/messages?" + query))
                .header("content-type", "application/json")
                .header("x-api-key", "k")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    double callsPerSecond(int connections, int calls) throws InterruptedException {
        AtomicInteger left = new AtomicInteger(calls);
        AtomicInteger failed = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        long start = System.nanoTime();
        for (int i = 0; i < connections; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                while (left.getAndDecrement() > 0) {
                    try {
                        client.send(request, BodyHandlers.ofLines()).body().forEach(_ -> {});
                    } catch (IOException | UncheckedIOException e) {
                        failed.incrementAndGet();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        return;
                    }
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        // Against the provider itself the client loses one in some ten thousand calls, for data on a connection at
        // rest.
        if (failed.get() > calls / 1_000) {
            throw new IllegalStateException(failed + " of " + calls + " calls to " + request.uri() + " failed");
        }
        return calls / ((System.nanoTime() - start) / 1e9);
    }

    @Override
    public void close() {
        client.close();
    }
}
