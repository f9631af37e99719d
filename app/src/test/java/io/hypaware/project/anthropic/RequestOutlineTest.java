package io.hypaware.project.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.project.Body;
import io.hypaware.project.Json;
import io.hypaware.project.message.RecentRequests;
import io.hypaware.project.message.RequestOutline;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What is known by its bytes from the request before is what reading it would give, whatever became of the rest.
class RequestOutlineTest {

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private final RecentRequests recent = new RecentRequests();

    @Test
    void whatTheLastRequestSaidNeedNotBeRead() throws IOException {
        ArrayNode messages = Json.MAPPER.createArrayNode();
        for (int i = 0; i < 400; i++) {
            change(messages);
            byte[] body = Json.MAPPER.writeValueAsBytes(request(messages));
            if (random.nextInt(10) == 0) {
                body[random.nextInt(body.length)] ^= (byte) (1 + random.nextInt(255));
            }

            RequestOutline outline = RequestOutline.read(AnthropicFormat.INSTANCE, body(body), recent.of("session"));
            recent.put("session", body, outline);

            assertThat(outline)
                    .as("seed %d, round %d: %s", seed, i, new String(body, StandardCharsets.UTF_8))
                    .isEqualTo(RequestOutline.read(AnthropicFormat.INSTANCE, body(body), RecentRequests.Known.NOTHING));
        }
    }

    @Test
    void messagesAreHandedOverWithWhatIsWanted() throws IOException {
        ArrayNode messages = Json.MAPPER.createArrayNode();
        for (int i = 0; i < 20; i++) {
            change(messages);
        }
        for (String before : List.of("", "\uFEFF", "\n  ")) {
            byte[] body = (before + Json.text(request(messages))).getBytes(StandardCharsets.UTF_8);
            RequestOutline outline =
                    RequestOutline.read(AnthropicFormat.INSTANCE, body(body), RecentRequests.Known.NOTHING);
            List<String> read = new ArrayList<>();

            outline.forEachMessage(
                    AnthropicFormat.INSTANCE,
                    body(body),
                    index -> index % 2 == 1,
                    (_, elements) -> read.add(elements.isEmpty() ? "" : Json.text(elements.getFirst())));

            assertThat(outline.error()).isEmpty();
            assertThat(read).hasSize(messages.size());
            for (int i = 0; i < read.size(); i++) {
                assertThat(read.get(i)).isEqualTo(i % 2 == 1 ? Json.text(messages.get(i)) : "");
            }
            assertThat(outline.tools())
                    .containsExactly("{\"name\":\"look\",\"description\":\"é\"}", "{\"name\":\"read\"}");
        }
    }

    private void change(ArrayNode messages) {
        if (!messages.isEmpty() && random.nextInt(12) == 0) {
            messages.remove(random.nextInt(messages.size()));
        }
        if (!messages.isEmpty() && random.nextInt(12) == 0) {
            ((ObjectNode) messages.get(random.nextInt(messages.size()))).put("content", "edited é " + random.nextInt());
        }
        messages.addObject()
                .put("role", random.nextBoolean() ? "user" : "assistant")
                .put("content", "said \"" + random.nextInt() + "\" \u00e9\ud83d\ude00");
    }

    private ObjectNode request(ArrayNode messages) {
        ObjectNode request = Json.object().put("model", "m").put("system", "s" + random.nextInt());
        ArrayNode tools = request.putArray("tools");
        tools.addObject().put("name", "look").put("description", "é");
        tools.addObject().put("name", "read");
        request.set("messages", messages);
        return request;
    }

    private static Body body(byte[] bytes) {
        return new Body(() -> new ByteArrayInputStream(bytes));
    }
}
