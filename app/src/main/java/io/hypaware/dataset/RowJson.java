package io.hypaware.dataset;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/// A row as compact JSON, the form in which the journal keeps it: absent columns are left out, binary is base64.
public final class RowJson {

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    public static byte[] write(Row row) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(512);
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            for (int i = 0; i < row.dataset().columns().size(); i++) {
                Object value = row.value(i);
                if (value == null) {
                    continue;
                }
                json.writeFieldName(row.dataset().columns().get(i).name());
                row.dataset().columns().get(i).type().write(json, value);
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /// @throws UncheckedIOException if the bytes are not a row of this dataset
    public static Row read(Dataset dataset, String rowId, byte[] bytes) {
        Row.Builder row = Row.of(dataset);
        try (JsonParser json = JSON.createParser(bytes)) {
            json.nextToken();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                json.nextToken();
                Column column = row.column(name)
                        .orElseThrow(() -> new IOException("dataset " + dataset.name() + " has no column " + name));
                row.set(name, column.type().read(json));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("row " + rowId + " of " + dataset.name() + " cannot be read", e);
        }
        return row.build(rowId);
    }

    private RowJson() {}
}
