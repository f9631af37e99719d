package io.hypaware.project.websocket;

import io.hypaware.journal.Connections;
import io.hypaware.journal.Direction;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;

/// Reads a recorded connection, both sides in the order in which they spoke, one turn in memory at a time. What is no
/// turn is kept apart.
public final class ConnectionReader implements AutoCloseable {

    /// More of one answer, or of what is no turn, is not held.
    private static final int MOST_HELD_BYTES = 32 << 20;

    /// What the connection is, beside its turns.
    ///
    /// @param request the client's messages that are no calls, a line each
    /// @param response the provider's messages beside answers
    public record Rest(byte[] request, byte[] response, Connections.Carried carried, Optional<String> problem) {

        /// The same, where nobody waits for an answer any more.
        public Rest answered() {
            return new Rest(
                    request,
                    response,
                    new Connections.Carried(carried.request(), carried.response(), new byte[0]),
                    problem);
        }
    }

    private final MessageReader client;
    private final MessageReader provider;
    private final Optional<Turns> turns;
    private final boolean keepsRest;
    private Optional<Message> clientNext;
    private Optional<Message> providerNext;
    private final List<Message> restOfClient = new ArrayList<>();
    private final List<Message> restOfProvider = new ArrayList<>();
    private long restBytes;
    private int number;
    private Optional<String> problem = Optional.empty();

    // The turn at hand is the first that is asked for.
    private final Queue<Message> asked = new ArrayDeque<>();
    private List<Message> answer = new ArrayList<>();
    private long answerBytes;
    private Optional<Integer> status = Optional.empty();

    /// @param turns nothing, if no message of it is a call
    /// @param keepsRest whether what is no turn is asked for
    public ConnectionReader(
            InputStream client,
            InputStream provider,
            Connections.Carried carried,
            Optional<Turns> turns,
            boolean keepsRest)
            throws IOException {
        this.client = new MessageReader(Direction.REQUEST, client, carried.request());
        this.provider = new MessageReader(Direction.RESPONSE, provider, carried.response());
        this.turns = turns;
        this.keepsRest = keepsRest;
        Pending pending = Pending.read(carried.pending());
        asked.addAll(pending.asked());
        answer.addAll(pending.answer());
        answerBytes =
                answer.stream().mapToLong(message -> message.bytes().length).sum();
        this.clientNext = this.client.next();
        this.providerNext = this.provider.next();
    }

    /// The next turn whose end is known; what is left at the end of the recording is [#unfinished()].
    public Optional<Turn> next() throws IOException {
        for (Optional<Message> next = message(); next.isPresent(); next = message()) {
            Optional<Turn> turn = take(next.get());
            if (turn.isPresent()) {
                return turn;
            }
        }
        return Optional.empty();
    }

    private Optional<Turn> take(Message message) {
        if (message.kind() == Message.Kind.CLOSE) {
            closed(message);
            return Optional.empty();
        }
        if (message.from() == Direction.REQUEST) {
            if (turns.isEmpty() || !turns.get().begins(message.bytes())) {
                rest(restOfClient, message);
            } else {
                asked.add(message);
            }
            return Optional.empty();
        }
        if (asked.isEmpty()) {
            rest(restOfProvider, message);
            return Optional.empty();
        }
        return answer(message);
    }

    /// Calls are answered in the order in which they were made.
    private Optional<Turn> answer(Message message) {
        Turns format = turns.orElseThrow();
        // One that is left without an end is over when the next answer begins.
        Optional<Turn> left =
                !answer.isEmpty() && asked.size() > 1 && format.opens(message.bytes()) ? turn(false) : Optional.empty();
        answerBytes += message.bytes().length;
        boolean last = format.ends(message.bytes());
        // The last one says what became of the call.
        if (last || answerBytes <= MOST_HELD_BYTES) {
            answer.add(message);
        }
        if (last) {
            status = format.status(message.bytes());
        }
        if (left.isPresent()) {
            return left;
        }
        return last ? turn(true) : Optional.empty();
    }

    /// The turn whose end is not known, at the end of what is recorded; asked again, the next one.
    public Optional<Turn> unfinished() {
        return turn(false);
    }

    private Optional<Turn> turn(boolean whole) {
        if (asked.isEmpty()) {
            return Optional.empty();
        }
        Turn turn = new Turn(number++, asked.remove(), answer, whole, answerBytes > MOST_HELD_BYTES, status);
        answer = new ArrayList<>();
        answerBytes = 0;
        status = Optional.empty();
        return Optional.of(turn);
    }

    /// When the turns have been read: the rest.
    public Rest rest() {
        return new Rest(
                Lines.of(restOfClient),
                Lines.of(restOfProvider),
                new Connections.Carried(
                        client.window(), provider.window(), new Pending(List.copyOf(asked), answer).toBytes()),
                problem.or(client::problem).or(provider::problem));
    }

    private void rest(List<Message> list, Message message) {
        if (!keepsRest) {
            return;
        }
        restBytes += message.bytes().length;
        if (restBytes <= MOST_HELD_BYTES) {
            list.add(message);
        } else {
            problem = Optional.of("what it said beside its calls is longer than " + MOST_HELD_BYTES + " bytes");
        }
    }

    private void closed(Message close) {
        int code = close.closeCode();
        if (code != 1_000 && code != 1_001 && code != 1_005 && problem.isEmpty()) {
            String who = close.from() == Direction.REQUEST ? "the client" : "the provider";
            String why = close.closeReason().isEmpty() ? "" : ": " + close.closeReason();
            problem = Optional.of(who + " closed the connection with " + code + why);
        }
    }

    /// The message that passed next, of whichever side.
    private Optional<Message> message() throws IOException {
        boolean isClients = providerNext.isEmpty()
                || (clientNext.isPresent()
                        && clientNext.get().micros() < providerNext.get().micros());
        Optional<Message> next = isClients ? clientNext : providerNext;
        if (next.isPresent()) {
            if (isClients) {
                clientNext = client.next();
            } else {
                providerNext = provider.next();
            }
        }
        return next;
    }

    @Override
    public void close() throws IOException {
        client.close();
        provider.close();
    }
}
