package io.hypaware.mcp;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCNotification;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCRequest;
import io.modelcontextprotocol.spec.McpServerSession;
import io.modelcontextprotocol.spec.McpServerTransport;
import io.modelcontextprotocol.spec.McpServerTransportProvider;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;

/// The protocol over two streams, a line for each message, for one client. The SDK's own takes in what comes without
/// a bound, ends at a line that it cannot read, and drops answers once the input has ended.
final class StdioTransport implements McpServerTransportProvider {

    private static final Logger LOG = Logger.getLogger(StdioTransport.class.getName());

    private static final int MOST_LINE_BYTES = 4 << 20;

    /// Over that the client waits before it can ask more.
    private static final int MOST_OPEN = 8;

    /// Each answer has a time of its own; this is for what is under way when the client leaves.
    private static final Duration LAST_ANSWERS = Duration.ofMinutes(2);

    private static final int UNREADABLE = -32700;
    private static final String CANCELLED = "notifications/cancelled";

    private final McpJsonMapper json;
    private final InputStream in;
    private final OutputStream out;
    private final Map<Object, Disposable> asked = new ConcurrentHashMap<>();
    private final Semaphore open = new Semaphore(MOST_OPEN);
    private @Nullable McpServerSession session;

    StdioTransport(McpJsonMapper json, InputStream in, OutputStream out) {
        this.json = json;
        this.in = new BufferedInputStream(in, 64 * 1024);
        this.out = out;
    }

    @Override
    public void setSessionFactory(McpServerSession.Factory factory) {
        session = factory.create(new Lines());
    }

    /// Answers what is asked until the input ends, and then what is under way.
    ///
    /// @throws IOException if the client cannot be read or written to any more
    void serve() throws IOException, InterruptedException {
        McpServerSession client = requireNonNull(session);
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        boolean isOpen = true;
        while (isOpen) {
            line.reset();
            long length = 0;
            int read = in.read();
            while (read >= 0 && read != '\n') {
                if (++length <= MOST_LINE_BYTES) {
                    line.write(read);
                }
                read = in.read();
            }
            isOpen = read >= 0;
            if (length > MOST_LINE_BYTES) {
                refuse("a message of %,d bytes came; at most %,d are read".formatted(length, MOST_LINE_BYTES));
            } else {
                String text = line.toString(StandardCharsets.UTF_8);
                if (!text.isBlank()) {
                    take(client, text);
                }
            }
        }
        open.tryAcquire(MOST_OPEN, LAST_ANSWERS.toSeconds(), TimeUnit.SECONDS);
    }

    private void take(McpServerSession client, String text) throws IOException, InterruptedException {
        JSONRPCMessage message;
        try {
            message = McpSchema.deserializeJsonRpcMessage(json, text);
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.INFO, "a message cannot be read", e);
            refuse("a line came that is no message of JSON-RPC; each message is one line of JSON");
            return;
        }
        if (message instanceof JSONRPCNotification said && said.method().equals(CANCELLED)) {
            cancel(said.params());
            return;
        }
        open.acquire();
        Object id = message instanceof JSONRPCRequest request ? request.id() : new Object();
        Disposable.Swap one = Disposables.swap();
        asked.put(id, one);
        one.update(client.handle(message)
                .doFinally(_ -> {
                    asked.remove(id, one);
                    open.release();
                })
                .subscribe(_ -> {}, e -> LOG.log(Level.WARNING, "a message was not answered", e)));
    }

    /// Whoever has lost interest in an answer need not wait for it.
    private void cancel(Object params) {
        Object id = params instanceof Map<?, ?> named ? named.get("requestId") : null;
        Disposable one = id == null ? null : asked.get(id);
        if (one != null) {
            one.dispose();
        }
    }

    /// What cannot be read has no id that could be named.
    private void refuse(String why) throws IOException {
        ObjectNode answer = new ObjectMapper().createObjectNode().put("jsonrpc", "2.0");
        answer.putNull("id");
        answer.putObject("error").put("code", UNREADABLE).put("message", why);
        write(answer.toString());
    }

    private void write(String text) throws IOException {
        byte[] line = (text + "\n").getBytes(StandardCharsets.UTF_8);
        synchronized (out) {
            out.write(line);
            out.flush();
        }
    }

    @Override
    public Mono<Void> notifyClients(String method, Object params) {
        return requireNonNull(session).sendNotification(method, params);
    }

    @Override
    public Mono<Void> closeGracefully() {
        return requireNonNull(session).closeGracefully();
    }

    /// The client's end of it.
    private final class Lines implements McpServerTransport {

        @Override
        public Mono<Void> sendMessage(JSONRPCMessage message) {
            return Mono.fromRunnable(() -> {
                try {
                    write(json.writeValueAsString(message));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }

        @Override
        public <T> T unmarshalFrom(Object data, TypeRef<T> type) {
            return json.convertValue(data, type);
        }

        @Override
        public Mono<Void> closeGracefully() {
            return Mono.empty();
        }
    }
}
