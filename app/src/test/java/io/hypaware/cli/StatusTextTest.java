package io.hypaware.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

/// Datasets stand one below the other.
class StatusTextTest {

    private final ObjectNode status = new ObjectMapper().createObjectNode();

    private StatusTextTest dataset(String name, long hot, long lake, long files) {
        status.withObjectProperty("datasets")
                .putObject(name)
                .put("rows_hot", hot)
                .put("bytes_hot", hot * 100)
                .put("rows_lake", lake)
                .put("bytes_lake", lake * 50)
                .put("files", files);
        return this;
    }

    private String text() {
        StringWriter text = new StringWriter();
        StatusText.journalAndDatasets(new PrintWriter(text, true), status);
        return text.toString();
    }

    @Test
    void datasetsWithRowsStandOneBelowTheOther() {
        assertThat(dataset("ai_gateway_messages", 12, 1_234_567, 25)
                        .dataset("exchanges", 1, 0, 0)
                        .dataset("logs", 0, 0, 0)
                        .dataset("payloads", 0, 3, 1)
                        .text())
                .endsWith("""
                        dataset   ai_gateway_messages  12 hot (1.2 KB)  1,234,567 in the lake (61.7 MB, 25 files)
                        dataset   exchanges             1 hot (100 B)           0 in the lake (0 B, 0 files)
                        dataset   payloads              0 hot (0 B)             3 in the lake (150 B, 1 file)
                        dataset   1 more without rows
                        """);
    }

    @Test
    void withoutRowsThereIsOneLine() {
        assertThat(dataset("exchanges", 0, 0, 0).dataset("logs", 0, 0, 0).text())
                .endsWith("dataset   2 without rows\n");
    }
}
