package io.hypaware.sink.otlp;

import com.google.protobuf.ByteString;
import io.hypaware.read.Prices;
import io.hypaware.read.SessionCall.Tokens;
import io.hypaware.read.SessionStep;
import io.hypaware.read.SessionStep.Called;
import io.hypaware.read.SessionStep.Said;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// A session's steps as spans: session, turn, chat, tool, and agents within. A span is given once it is complete: a
/// call that has ended, a tool with its result, a turn after which another begins. What is left open when a session
/// says nothing for a while is over then. Of one thread, for one session.
final class SessionTrace {

    /// Calls of tools without a result that are remembered in one conversation.
    private static final int MOST_OPEN = 10_000;

    /// Takes complete spans.
    @FunctionalInterface
    interface SpanConsumer {
        void accept(long id, Span span) throws IOException;
    }

    /// What is the same for all sessions.
    ///
    /// @param quiet after which a session that says nothing is over
    record Rules(Prices prices, Duration quiet, Optional<Texts> texts) {}

    private final String session;
    private final Rules rules;
    private final Map<String, String> callers;
    private final SpanConsumer spans;
    private final SpanIds ids;
    private final ByteString trace;
    private final long root;
    private final Map<String, Chain> chains = new HashMap<>();
    private final Map<String, Instant> callersDone = new HashMap<>();
    private final Spending total = new Spending();
    private Optional<Instant> first = Optional.empty();
    private Instant last = Instant.EPOCH;
    private String client = "";
    private String clientVersion = "";

    /// @param callers which tool's call each agent's conversation came of, by the id of its row
    SessionTrace(String session, Rules rules, Map<String, String> callers, SpanConsumer spans) {
        this.session = session;
        this.rules = rules;
        this.callers = callers;
        this.spans = spans;
        this.ids = new SpanIds(session);
        this.trace = ids.trace();
        this.root = ids.span(SpanIds.Kind.SESSION, "");
    }

    /// When something last happened.
    Instant last() {
        return last;
    }

    void step(SessionStep step) throws IOException {
        if (first.isEmpty()) {
            first = Optional.of(step.at());
        }
        if (client.isEmpty()) {
            client = step.speaker().client();
            clientVersion = step.speaker().clientVersion();
        }
        Chain chain = chain(step);
        switch (step) {
            case Called called -> chain.call(called);
            case Said said -> chain.say(said);
        }
        chain.last = later(chain.last, step.at());
        last = later(last, chain.last);
    }

    /// Gives what is complete now that nothing more is known; returns when to look again, as the session is not over.
    Optional<Instant> end(Instant now) throws IOException {
        Instant over = last.plus(rules.quiet());
        boolean isOver = !over.isAfter(now) || last.isAfter(now);
        for (Map.Entry<String, Chain> entry : chains.entrySet()) {
            entry.getValue().end(isOver);
        }
        if (!isOver) {
            return Optional.of(over);
        }
        if (first.isPresent()) {
            give(
                    root,
                    total.on(new TraceSpan(trace, root, 0, "session" + behind(client))
                            .time(first.get(), last)
                            .text(GenAi.SPAN, "session")
                            .text(GenAi.CONVERSATION, session)
                            .text(GenAi.AGENT, client)
                            .text(GenAi.AGENT_VERSION, clientVersion)));
        }
        return Optional.empty();
    }

    private void give(long id, TraceSpan span) throws IOException {
        spans.accept(id, span.build());
    }

    private Chain chain(SessionStep step) {
        // What brought nothing is of the session's own.
        String id = step.conversation().isEmpty() ? session : step.conversation();
        Chain known = chains.get(id);
        if (known == null) {
            known = new Chain(id, !id.equals(session) && step.speaker().isAgent());
            chains.put(id, known);
        }
        if (known.agent.isEmpty()) {
            known.agent = step.speaker().agent();
        }
        return known;
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    private static String behind(String name) {
        return name.isEmpty() ? "" : " " + name;
    }

    /// A call of a tool that waits for its result.
    private record OpenTool(Said call, long parent) {}

    /// What a transcript knows of an answer without its call.
    private record Told(Said first, Instant from) {}

    /// A call whose answer's parts are still to come.
    private record Held(long id, TraceSpan span) {}

    /// A turn that has begun.
    private record Turn(long id, Said prompt, Spending total) {}

    /// One chain of calls: the session's own, or an agent's.
    private final class Chain {

        private final String id;
        private final boolean isAgent;
        private final long agentSpan;
        private final Map<String, OpenTool> tools = new HashMap<>();
        private final Spending spent = new Spending();
        private final Optional<Texts.Messages> heard = rules.texts().map(Texts::messages);
        private final Optional<Texts.Messages> answers = rules.texts().map(Texts::messages);
        private final long within;
        private Optional<Held> held = Optional.empty();
        private String agent = "";
        private String message = "";
        private Optional<Turn> turn = Optional.empty();
        private Optional<Told> told = Optional.empty();
        private Optional<Instant> begun = Optional.empty();
        private Instant last = Instant.EPOCH;
        private String exchange = "";
        private String lastAsked = "";
        private long chat;

        Chain(String id, boolean isAgent) {
            this.id = id;
            this.isAgent = isAgent;
            this.agentSpan = ids.span(SpanIds.Kind.AGENT, id);
            Chain own = chains.get(session);
            this.within = own == null ? root : own.turn.map(Turn::id).orElse(root);
        }

        /// What a call in this chain is part of.
        private long parent(String sideCall) {
            if (isAgent) {
                return agentSpan;
            }
            if (turn.isPresent()) {
                return turn.get().id();
            }
            return sideCall.isEmpty() ? root : within;
        }

        private void call(Called called) throws IOException {
            answered();
            release();
            begun = begun.or(() -> Optional.of(called.at()));
            exchange = called.exchangeId();
            chat = ids.span(SpanIds.Kind.CHAT, called.key().isEmpty() ? exchange : called.key());
            Instant end = called.at().plus(TraceSpan.atLeastNothing(called.duration()));
            TraceSpan span = chat(called, called.model(), called.at(), end)
                    .text(GenAi.EXCHANGE, exchange)
                    .text(GenAi.OUTCOME, called.outcome());
            CallOutcome.on(span, called, end);
            last = later(last, end);
            heard.ifPresent(texts -> span.whole(GenAi.INPUT_MESSAGES, texts.take()));
            held = Optional.of(new Held(chat, span));
        }

        /// Gives the call whose answer is known.
        private void release() throws IOException {
            if (held.isPresent()) {
                Held call = held.get();
                held = Optional.empty();
                answers.ifPresent(texts -> call.span().whole(GenAi.OUTPUT_MESSAGES, texts.take()));
                give(call.id(), call.span());
            }
        }

        private TraceSpan chat(SessionStep step, String asked, Instant from, Instant to) {
            String model = asked.isEmpty() ? likelyAsked(step.answer().model()) : asked;
            lastAsked = model.isEmpty() ? lastAsked : model;
            SessionStep.Speaker speaker = step.speaker();
            TraceSpan span = new TraceSpan(trace, chat, parent(speaker.sideCall()), "chat" + behind(model))
                    .client()
                    .time(from, to)
                    .text(GenAi.SPAN, "chat")
                    .text(GenAi.OPERATION, "chat")
                    .text(GenAi.PROVIDER, GenAi.provider(speaker.provider()))
                    .text(GenAi.CONVERSATION, session)
                    .text(GenAi.CHAIN, id.equals(session) ? "" : id)
                    .text(GenAi.AGENT, agent.isEmpty() ? speaker.client() : agent)
                    .text(GenAi.SIDE_CALL, speaker.sideCall())
                    .text(GenAi.REQUEST_MODEL, model)
                    .text(GenAi.RESPONSE_MODEL, step.answer().model())
                    .text(GenAi.RESPONSE_ID, step.answer().id())
                    .list(GenAi.FINISH_REASONS, step.answer().stopReason());
            Optional<Tokens> tokens = step.answer().tokens();
            Optional<Long> cost = tokens.flatMap(counted -> rules.prices()
                    .cost(
                            step.answer().model().isEmpty()
                                    ? model
                                    : step.answer().model(),
                            counted));
            tokens.ifPresent(span::tokens);
            cost.ifPresent(millionths -> span.dollars(GenAi.COST, millionths));
            count(tokens.orElse(new Tokens(0, 0, 0, 0)), cost.orElse(0L), speaker.sideCall());
            return span;
        }

        /// A call that brings nothing new says only what answered: what was asked for last, if that fits.
        private String likelyAsked(String answered) {
            return !lastAsked.isEmpty() && answered.startsWith(lastAsked) ? lastAsked : answered;
        }

        private void count(Tokens tokens, long cost, String sideCall) {
            spent.add(tokens, cost);
            total.add(tokens, cost);
            Chain of = sideCall.isEmpty() ? this : chains.getOrDefault(session, this);
            of.turn.ifPresent(begun -> begun.total().add(tokens, cost));
        }

        private void say(Said said) throws IOException {
            begun = begun.or(() -> Optional.of(said.at()));
            boolean isNew = !said.messageId().equals(message);
            message = said.messageId();
            boolean isAnswer = said.role().equals("assistant");
            if (!isAnswer || !said.exchangeId().equals(exchange)) {
                release();
            }
            if (told.isPresent()
                    && !(isAnswer
                            && said.answer()
                                    .id()
                                    .equals(told.get().first().answer().id()))) {
                answered();
            }
            if (isAnswer && said.exchangeId().isEmpty() && told.isEmpty()) {
                told = Optional.of(new Told(said, last.equals(Instant.EPOCH) ? said.at() : last));
                exchange = "";
                chat = ids.span(SpanIds.Kind.CHAT, said.rowId());
            }
            if (!isAnswer && !said.answer().model().isEmpty()) {
                lastAsked = said.answer().model();
            }
            if (said.role().equals("user") && isNew && !said.type().equals("tool_result")) {
                prompt(said);
            }
            (isAnswer ? answers : heard).ifPresent(texts -> texts.add(said));
            if (said.type().equals("tool_call") && tools.size() < MOST_OPEN) {
                boolean isOfCall = told.isPresent() || said.exchangeId().equals(exchange);
                tools.putIfAbsent(said.callId(), new OpenTool(said, isOfCall ? chat : parent("")));
            } else if (said.type().equals("tool_result")) {
                OpenTool open = tools.remove(said.resultFor());
                if (open != null) {
                    tool(open, Optional.of(said));
                }
            }
        }

        /// The user speaks: a turn begins, unless there was no call in the one before.
        private void prompt(Said said) throws IOException {
            if (isAgent || turn.filter(begun -> begun.total().isNothing()).isPresent()) {
                return;
            }
            endTurn();
            turn = Optional.of(new Turn(ids.span(SpanIds.Kind.TURN, said.rowId()), said, new Spending()));
        }

        /// An answer that a transcript tells is whole.
        private void answered() throws IOException {
            if (told.isPresent()) {
                Said begin = told.get().first();
                Instant from = told.get().from();
                told = Optional.empty();
                TraceSpan span = chat(begin, "", from, last).text(GenAi.OUTCOME, "told by a transcript");
                heard.ifPresent(texts -> span.whole(GenAi.INPUT_MESSAGES, texts.take()));
                answers.ifPresent(texts -> span.whole(GenAi.OUTPUT_MESSAGES, texts.take()));
                give(chat, span);
            }
        }

        private void tool(OpenTool open, Optional<Said> result) throws IOException {
            Said call = open.call();
            long span = ids.span(SpanIds.Kind.TOOL, call.rowId());
            Instant end = result.map(Said::at).orElse(call.at());
            TraceSpan tool = new TraceSpan(trace, span, open.parent(), "execute_tool" + behind(call.tool()))
                    .time(call.at(), end)
                    .text(GenAi.SPAN, "execute_tool")
                    .text(GenAi.OPERATION, "execute_tool")
                    .text(GenAi.CONVERSATION, session)
                    .text(GenAi.TOOL, call.tool())
                    .text(GenAi.TOOL_CALL, call.callId())
                    .text(GenAi.TOOL_TYPE, "function");
            rules.texts().ifPresent(texts -> texts.tool(tool, call, result));
            if (result.isEmpty()) {
                tool.failed("no_result");
            } else if (result.get().error()) {
                tool.failed("tool_error").event("hypaware.error", end, GenAi.ERROR_TYPE, "tool_error");
            }
            if (result.isPresent()) {
                callersDone.put(call.rowId(), end);
            }
            give(span, tool);
        }

        private void endTurn() throws IOException {
            if (turn.isPresent()) {
                Turn ended = turn.get();
                turn = Optional.empty();
                String name = ended.prompt().speaker().client();
                give(
                        ended.id(),
                        ended.total()
                                .on(new TraceSpan(trace, ended.id(), root, "invoke_agent" + behind(name))
                                        .time(ended.prompt().at(), last)
                                        .text(GenAi.SPAN, "turn")
                                        .text(GenAi.OPERATION, "invoke_agent")
                                        .text(
                                                GenAi.PROVIDER,
                                                GenAi.provider(
                                                        ended.prompt().speaker().provider()))
                                        .text(GenAi.CONVERSATION, session)
                                        .text(GenAi.AGENT, name)));
            }
        }

        private void end(boolean isOver) throws IOException {
            String caller = callers.getOrDefault(id, "");
            release();
            if (isOver) {
                answered();
                for (OpenTool open : tools.values()) {
                    tool(open, Optional.empty());
                }
                endTurn();
            }
            boolean isBack =
                    callersDone.containsKey(caller) && !last.isAfter(callersDone.getOrDefault(caller, Instant.EPOCH));
            if (isAgent && (isOver || isBack) && begun.isPresent()) {
                give(
                        agentSpan,
                        spent.on(new TraceSpan(
                                        trace,
                                        agentSpan,
                                        caller.isEmpty() ? within : ids.span(SpanIds.Kind.TOOL, caller),
                                        "invoke_agent" + behind(agent))
                                .time(begun.get(), last)
                                .text(GenAi.SPAN, "agent")
                                .text(GenAi.OPERATION, "invoke_agent")
                                .text(GenAi.CONVERSATION, session)
                                .text(GenAi.CHAIN, id)
                                .text(GenAi.AGENT, agent)));
            }
        }
    }
}
