package io.hypaware.sink.otlp;

import java.util.Map;

/// Names of attributes. Those of OpenTelemetry's conventions are checked by a test against the registry of the schema's
/// version, one of the last that has those for generative AI: they moved to a registry of their own, under the same
/// names. What there is no name for begins with `hypaware`.
final class GenAi {

    static final String SCHEMA = "https://opentelemetry.io/schemas/1.40.0";

    static final String OPERATION = "gen_ai.operation.name";
    static final String PROVIDER = "gen_ai.provider.name";
    static final String CONVERSATION = "gen_ai.conversation.id";
    static final String AGENT = "gen_ai.agent.name";
    static final String REQUEST_MODEL = "gen_ai.request.model";
    static final String RESPONSE_MODEL = "gen_ai.response.model";
    static final String RESPONSE_ID = "gen_ai.response.id";
    static final String FINISH_REASONS = "gen_ai.response.finish_reasons";
    static final String INPUT_TOKENS = "gen_ai.usage.input_tokens";
    static final String OUTPUT_TOKENS = "gen_ai.usage.output_tokens";
    static final String CACHE_READ = "gen_ai.usage.cache_read.input_tokens";
    static final String CACHE_CREATION = "gen_ai.usage.cache_creation.input_tokens";
    static final String TOOL = "gen_ai.tool.name";
    static final String TOOL_CALL = "gen_ai.tool.call.id";
    static final String TOOL_TYPE = "gen_ai.tool.type";
    static final String TOOL_ARGUMENTS = "gen_ai.tool.call.arguments";
    static final String TOOL_RESULT = "gen_ai.tool.call.result";
    static final String INPUT_MESSAGES = "gen_ai.input.messages";
    static final String OUTPUT_MESSAGES = "gen_ai.output.messages";
    static final String ERROR_TYPE = "error.type";
    static final String HTTP_STATUS = "http.response.status_code";

    static final String SPAN = "hypaware.span";
    static final String EXCHANGE = "hypaware.exchange.id";
    static final String AGENT_VERSION = "gen_ai.agent.version";
    static final String CHAIN = "hypaware.conversation.id";
    static final String SIDE_CALL = "hypaware.side_call";
    static final String OUTCOME = "hypaware.outcome";
    static final String CLOSED_BY = "hypaware.closed_by";
    static final String FIRST_BYTE = "hypaware.time_to_first_byte_ms";
    static final String COST = "hypaware.cost.usd";
    static final String CALLS = "hypaware.calls";

    /// Providers by the convention's names, where those differ from ours.
    private static final Map<String, String> PROVIDERS = Map.of("gemini", "gcp.gemini", "chatgpt", "openai");

    static String provider(String ours) {
        return PROVIDERS.getOrDefault(ours, ours);
    }

    private GenAi() {}
}
