package io.hypaware.project;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.dataset.Hashes;
import org.junit.jupiter.api.Test;

class JsonTest {

    @Test
    void theCanonicalFormIsTheSameHoweverLongAText() {
        String text = "a\"b\\\n\u0001é😀".repeat(40_000);
        JsonNode block = Json.object()
                .put("type", "image")
                .put("data", text)
                .putNull("nothing")
                .set("cache_control", Json.object().put("type", "ephemeral"));
        StringBuilder joined = new StringBuilder();
        Json.canonical(block, joined::append);
        String expected = "{data:" + Json.MAPPER.getNodeFactory().textNode(text) + ",type:\"image\",}";
        assertThat(joined.toString()).isEqualTo(expected);
        assertThat(Hashes.shortHash(out -> Json.canonical(block, out))).isEqualTo(Hashes.shortHash(expected));
    }
}
