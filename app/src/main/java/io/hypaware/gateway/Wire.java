package io.hypaware.gateway;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/// A provider's wire format, as far as the gateway must know it: the shape of an error that its clients understand.
enum Wire {
    ANTHROPIC {
        @Override
        void write(JsonGenerator json, int status, String message) throws IOException {
            json.writeStringField("type", "error");
            json.writeObjectFieldStart("error");
            json.writeStringField("type", anthropicType(status));
            json.writeStringField("message", message);
            json.writeEndObject();
        }
    },
    OPENAI {
        @Override
        void write(JsonGenerator json, int status, String message) throws IOException {
            json.writeObjectFieldStart("error");
            json.writeStringField("message", message);
            json.writeStringField("type", status < 500 ? "invalid_request_error" : "server_error");
            json.writeNullField("param");
            json.writeStringField("code", openAiCode(status));
            json.writeEndObject();
        }
    },
    GOOGLE {
        @Override
        void write(JsonGenerator json, int status, String message) throws IOException {
            json.writeObjectFieldStart("error");
            json.writeNumberField("code", status);
            json.writeStringField("message", message);
            json.writeStringField("status", googleStatus(status));
            json.writeEndObject();
        }
    },
    OTHER {
        @Override
        void write(JsonGenerator json, int status, String message) throws IOException {
            json.writeStringField("error", message);
        }
    };

    private static final JsonFactory JSON = new JsonFactory();

    abstract void write(JsonGenerator json, int status, String message) throws IOException;

    /// An error body as this provider would write it, so that its SDKs raise and retry as they do for the
    /// provider's own.
    String errorBody(int status, String message) {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            write(json, status, message);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString();
    }

    static Wire of(String provider) {
        return switch (provider) {
            case "anthropic" -> ANTHROPIC;
            case "openai", "chatgpt" -> OPENAI;
            case "google", "gemini" -> GOOGLE;
            default -> OTHER;
        };
    }

    private static String anthropicType(int status) {
        return switch (status) {
            case 403 -> "permission_error";
            case 503 -> "overloaded_error";
            default -> status < 500 ? "invalid_request_error" : "api_error";
        };
    }

    /// As the provider's error model names them (google.rpc.Code).
    private static String googleStatus(int status) {
        return switch (status) {
            case 403 -> "PERMISSION_DENIED";
            case 404 -> "NOT_FOUND";
            case 502, 503 -> "UNAVAILABLE";
            default -> status < 500 ? "INVALID_ARGUMENT" : "INTERNAL";
        };
    }

    private static String openAiCode(int status) {
        return switch (status) {
            case 403 -> "forbidden";
            case 405 -> "method_not_allowed";
            case 421 -> "misdirected_key";
            case 426 -> "websocket_not_supported";
            case 503 -> "overloaded";
            default -> status < 500 ? "invalid_request" : "upstream_unreachable";
        };
    }
}
