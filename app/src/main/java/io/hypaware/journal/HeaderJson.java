package io.hypaware.journal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/// Headers as JSON: a list of `[name, value]` pairs, which keeps order, doubles and case.
final class HeaderJson {

    private static final JsonFactory JSON = new JsonFactory();

    static String write(List<Header> headers) {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartArray();
            for (Header header : headers) {
                json.writeStartArray();
                json.writeString(header.name());
                json.writeString(header.value());
                json.writeEndArray();
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString();
    }

    static List<Header> read(String text) {
        List<Header> headers = new ArrayList<>();
        try (JsonParser json = JSON.createParser(text)) {
            json.nextToken();
            while (json.nextToken() == JsonToken.START_ARRAY) {
                headers.add(new Header(json.nextTextValue(), json.nextTextValue()));
                json.nextToken();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.copyOf(headers);
    }

    private HeaderJson() {}
}
