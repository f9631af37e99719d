package io.hypaware.dataset;

import static io.hypaware.dataset.Column.optional;
import static io.hypaware.dataset.Column.payload;
import static io.hypaware.dataset.Column.required;
import static io.hypaware.dataset.ColumnType.BINARY;
import static io.hypaware.dataset.ColumnType.BOOLEAN;
import static io.hypaware.dataset.ColumnType.INT;
import static io.hypaware.dataset.ColumnType.JSON;
import static io.hypaware.dataset.ColumnType.LONG;
import static io.hypaware.dataset.ColumnType.STRING;
import static io.hypaware.dataset.ColumnType.TIMESTAMP;

import java.util.List;
import java.util.Optional;

/// The datasets HypAware keeps. Names and meanings are a contract with users' queries: add, never rename.
public final class Datasets {

    /// Values of payload columns up to this many bytes stay in their row.
    public static final int PAYLOAD_INLINE_BYTES = 1024;

    /// One row per part of a message.
    public static final Dataset MESSAGES = new Dataset(
            "ai_gateway_messages",
            "message_created_at",
            List.of("conversation_id", "message_created_at", "part_index"),
            List.of(
                    required("gateway_id", STRING),
                    required("schema_version", INT),
                    required("conversation_id", STRING),
                    optional("user_id", STRING),
                    required("provider", STRING),
                    optional("model", STRING),
                    payload("system_text", STRING),
                    payload("tools", JSON),
                    optional("conversation_started_at", TIMESTAMP),
                    optional("conversation_source", STRING),
                    optional("client_name", STRING),
                    optional("cwd", STRING),
                    optional("git_branch", STRING),
                    optional("client_version", STRING),
                    optional("entrypoint", STRING),
                    optional("user_type", STRING),
                    optional("permission_mode", STRING),
                    optional("is_sidechain", BOOLEAN),
                    required("message_id", STRING),
                    optional("previous_message_id", JSON),
                    optional("provider_uuid", STRING),
                    optional("parent_uuid", STRING),
                    optional("logical_parent_uuid", STRING),
                    optional("source_tool_assistant_uuid", STRING),
                    optional("request_id", STRING),
                    optional("prompt_id", STRING),
                    required("message_index", INT),
                    required("message_created_at", TIMESTAMP),
                    required("role", STRING),
                    required("part_id", STRING),
                    required("part_index", INT),
                    required("part_type", STRING),
                    optional("provider_type", STRING),
                    optional("provider_subtype", STRING),
                    optional("content_text", STRING),
                    optional("tool_name", STRING),
                    optional("tool_call_id", STRING),
                    optional("tool_args", JSON),
                    optional("caller_type", STRING),
                    optional("tool_result_for", STRING),
                    optional("thinking_signature", STRING),
                    optional("attachment_type", STRING),
                    optional("hook_event", STRING),
                    optional("is_error", BOOLEAN),
                    optional("is_compact_summary", BOOLEAN),
                    optional("compact_metadata", JSON),
                    optional("status", JSON),
                    optional("attributes", JSON),
                    optional("raw_frame", JSON),
                    required("date", STRING),
                    optional("session_id", STRING),
                    optional("exchange_id", STRING),
                    optional("input_tokens", LONG),
                    optional("output_tokens", LONG),
                    optional("cache_read_tokens", LONG),
                    optional("cache_write_tokens", LONG)));

    /// One row per HTTP exchange.
    public static final Dataset EXCHANGES = new Dataset(
            "exchanges",
            "started_at",
            List.of("started_at", "exchange_id"),
            List.of(
                    required("exchange_id", STRING),
                    required("started_at", TIMESTAMP),
                    optional("ended_at", TIMESTAMP),
                    required("upstream", STRING),
                    optional("provider", STRING),
                    required("method", STRING),
                    required("path", STRING),
                    optional("status", INT),
                    required("outcome", STRING),
                    optional("closed_by", STRING),
                    optional("session_id", STRING),
                    optional("client_name", STRING),
                    optional("client_version", STRING),
                    optional("model", STRING),
                    optional("request_bytes", LONG),
                    optional("response_bytes", LONG),
                    optional("ttfb_ms", LONG),
                    optional("duration_ms", LONG),
                    optional("stream", BOOLEAN),
                    optional("request_headers", JSON),
                    optional("response_headers", JSON),
                    payload("request_body", BINARY),
                    payload("response_body", BINARY),
                    optional("error", STRING)));

    /// Each distinct large value once: `text`, or `bytes`, or `parts` that make it up, one after the other: an array
    /// of texts (`=...`) and hashes of other payloads (`#...`).
    public static final Dataset PAYLOADS = new Dataset(
            "payloads",
            "first_seen_at",
            // What is new at the same time is alike, and is read together.
            List.of("first_seen_at"),
            List.of(
                    required("hash", STRING),
                    required("size", LONG),
                    optional("text", STRING),
                    optional("bytes", BINARY),
                    required("first_seen_at", TIMESTAMP),
                    required("last_seen_at", TIMESTAMP),
                    optional("parts", JSON)));

    /// In the order they are flushed: payloads go first, so that no committed row refers to one that is not there.
    public static final List<Dataset> ALL = List.of(PAYLOADS, MESSAGES, EXCHANGES);

    public static Optional<Dataset> named(String name) {
        return ALL.stream().filter(d -> d.name().equals(name)).findFirst();
    }

    private Datasets() {}
}
