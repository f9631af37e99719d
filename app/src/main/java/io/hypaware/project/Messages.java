package io.hypaware.project;

import static io.hypaware.dataset.Column.optional;
import static io.hypaware.dataset.Column.payload;
import static io.hypaware.dataset.Column.required;
import static io.hypaware.dataset.ColumnType.BOOLEAN;
import static io.hypaware.dataset.ColumnType.INT;
import static io.hypaware.dataset.ColumnType.JSON;
import static io.hypaware.dataset.ColumnType.LONG;
import static io.hypaware.dataset.ColumnType.STRING;
import static io.hypaware.dataset.ColumnType.TIMESTAMP;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.DatasetProvider;
import io.hypaware.dataset.Facts;
import java.util.List;
import java.util.Map;

/// The dataset of what was said, whichever wire format it was said in.
public final class Messages implements DatasetProvider {

    /// One row per part of a message.
    public static final Dataset DATASET = new Dataset(
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
                    optional("cache_write_tokens", LONG),
                    optional("response_id", STRING),
                    optional("agent_id", STRING),
                    optional("agent_name", STRING),
                    optional("parent_thread_id", STRING),
                    optional("git_remote", STRING),
                    optional("head_sha", STRING),
                    optional("repo_root", STRING),
                    optional("aux_kind", STRING)));

    /// What the wire knows of a part that came by a transcript first.
    private static final List<String> HEARD = List.of(
            "user_id",
            "model",
            "system_text",
            "tools",
            "client_name",
            "client_version",
            "request_id",
            "thinking_signature",
            "is_error",
            "status",
            "attributes",
            "exchange_id",
            "input_tokens",
            "output_tokens",
            "cache_read_tokens",
            "cache_write_tokens",
            "response_id",
            "agent_id",
            "aux_kind");

    /// What a transcript, or a hook, knows of a part that came by the wire first.
    private static final List<String> TOLD = List.of(
            "content_text",
            "conversation_source",
            "cwd",
            "git_branch",
            "entrypoint",
            "user_type",
            "permission_mode",
            "provider_uuid",
            "parent_uuid",
            "logical_parent_uuid",
            "source_tool_assistant_uuid",
            "prompt_id",
            "response_id",
            "model",
            "input_tokens",
            "output_tokens",
            "cache_read_tokens",
            "cache_write_tokens",
            "is_compact_summary",
            "compact_metadata",
            "attributes",
            "agent_id",
            "agent_name",
            "parent_thread_id",
            "git_remote",
            "head_sha",
            "repo_root");

    /// What is learned of a part after its row was written.
    public static final Facts FACTS =
            Facts.about(DATASET, "message_facts", Map.of(Facts.WIRE, HEARD, Facts.TRANSCRIPT, TOLD));

    @Override
    public List<Dataset> datasets() {
        return List.of(DATASET, FACTS.dataset());
    }

    @Override
    public List<Facts> facts() {
        return List.of(FACTS);
    }
}
