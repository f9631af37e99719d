package io.hypaware.maintain;

import io.hypaware.dataset.Datasets;
import io.hypaware.dataset.Row;
import io.hypaware.home.Cache;
import io.hypaware.home.ProcessLock;
import io.hypaware.journal.Branch;
import io.hypaware.journal.CapturedExchange;
import io.hypaware.journal.Direction;
import io.hypaware.journal.Journal;
import io.hypaware.journal.JournalException;
import io.hypaware.journal.Problem;
import io.hypaware.journal.ProjectionTransaction;
import io.hypaware.lake.CatalogGlance;
import io.hypaware.lake.LakeException;
import io.hypaware.payload.ValueBuilder;
import io.hypaware.project.AnswerEnd;
import io.hypaware.project.Exchange;
import io.hypaware.project.ExchangeRow;
import io.hypaware.project.History;
import io.hypaware.project.Placement;
import io.hypaware.project.Projector;
import io.hypaware.project.anthropic.AnthropicProjector;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Projects the exchanges that are closed and pending, one transaction each. One process at a time does it,
/// because a call is placed by what the calls before it said.
public final class Settle {

    private static final Logger LOG = Logger.getLogger(Settle.class.getName());

    private static final int BATCH = 100;
    private static final int MOST_BRANCHES = 64;
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final List<Projector> PROJECTORS = List.of(new AnthropicProjector());

    private final Cache cache;
    private final String gatewayId;
    private final Clock clock;
    private final Consumer<SettleStep> steps;

    public Settle(Cache cache, String gatewayId, Clock clock) {
        this(cache, gatewayId, clock, _ -> {});
    }

    /// @param steps told of each step that is done
    Settle(Cache cache, String gatewayId, Clock clock, Consumer<SettleStep> steps) {
        this.steps = steps;
        this.cache = cache;
        this.gatewayId = gatewayId;
        this.clock = clock;
    }

    /// Projects all that is pending; returns how many exchanges that was. One that fails is set aside and
    /// reported.
    public int run() throws InterruptedException {
        try (ProcessLock _ = ProcessLock.take(cache.projectionLock(), "projection", PATIENCE);
                Journal journal = Journal.open(cache.journal())) {
            int settled = 0;
            List<Long> pending = journal.pending(BATCH);
            if (!pending.isEmpty()) {
                continueAfterLake(journal);
            }
            while (!pending.isEmpty()) {
                for (long seq : pending) {
                    settle(journal, seq);
                    settled++;
                }
                journal.pruning().deleteFramesOfProjected(pending);
                steps.accept(SettleStep.FRAMES_DELETED);
                pending = journal.pending(BATCH);
            }
            return settled;
        }
    }

    /// A journal that is new, or put back from a backup, beside a lake that is further: its positions must not be ones
    /// that the lake has, or its rows would count as flushed.
    private void continueAfterLake(Journal journal) {
        try {
            CatalogGlance.of(cache).values().stream()
                    .mapToLong(CatalogGlance.Table::journalSeq)
                    .max()
                    .ifPresent(position -> {
                        if (position > journal.lastAssignedSeq()) {
                            journal.continueAfter(position);
                        }
                    });
        } catch (IOException e) {
            throw new LakeException(
                    "the catalog cannot be read (" + e.getMessage()
                            + "); nothing was projected. Repair: hyp cache check --repair",
                    e);
        }
    }

    private void settle(Journal journal, long seq) {
        CapturedExchange captured = journal.exchange(seq);
        try {
            captured = AnswerEnd.settled(captured, () -> journal.body(seq, Direction.RESPONSE));
            project(journal, captured);
        } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
            if (e instanceof JournalException fault && fault.isOfTheDisk()) {
                // It would fail with every exchange, and none is to blame: they wait as they are.
                throw fault;
            }
            // What one body does says nothing of the next: the exchange becomes a row with its bodies, the others go
            // on.
            LOG.log(Level.WARNING, "exchange " + captured.id() + " could not be projected", e);
            keepUnread(journal, captured, e);
        }
    }

    private void project(Journal journal, CapturedExchange captured) throws IOException {
        long seq = captured.seq();
        Exchange exchange = new Exchange(
                captured, () -> journal.body(seq, Direction.REQUEST), () -> journal.body(seq, Direction.RESPONSE));
        Optional<Projector> projector =
                PROJECTORS.stream().filter(p -> p.accepts(captured)).findFirst();
        if (projector.isEmpty() || captured.requestBytes() + captured.responseBytes() == 0) {
            writeExchangeOnly(journal, captured, ExchangeRow.Details.of(captured));
            return;
        }
        Projector.Reading reading = projector.get().read(exchange);
        write(journal, captured, reading);
        reading.problem()
                .ifPresent(why -> journal.report(new Problem(clock.instant(), "exchange " + captured.id(), why)));
    }

    /// An exchange whose bodies cannot be read: it is a row with them, byte for byte. Where not even that can be
    /// written, it is set aside with its frames.
    private void keepUnread(Journal journal, CapturedExchange captured, Throwable cause) {
        String why = cause instanceof OutOfMemoryError
                ? "its bodies are larger than the worker can read; they are kept byte for byte"
                : "could not be projected: " + cause + "; its bodies are kept byte for byte";
        try {
            if (cause instanceof JournalException) {
                throw new IOException(cause);
            }
            ExchangeRow.Details details = ExchangeRow.Details.of(captured);
            writeExchangeOnly(
                    journal,
                    captured,
                    new ExchangeRow.Details(details.session(), details.model(), details.stream(), Optional.of(why)));
            journal.report(new Problem(clock.instant(), "exchange " + captured.id(), why));
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            if (e instanceof JournalException fault && fault.isOfTheDisk()) {
                throw fault;
            }
            String message =
                    "could not be projected: " + cause + ". Its bytes are kept; hyp query refresh --retry tries again";
            journal.markFailed(captured.seq(), new Problem(clock.instant(), "exchange " + captured.id(), message));
        }
    }

    private void writeExchangeOnly(Journal journal, CapturedExchange captured, ExchangeRow.Details details)
            throws IOException {
        KeptBodies bodies = new KeptBodies(journal, captured, steps);
        Optional<ExchangeRow.Bodies> ahead = bodies.ahead();
        try (ProjectionTransaction transaction = journal.beginProjection()) {
            if (transaction.isPending(captured.seq())) {
                addExchange(transaction, captured, details, bodies, ahead);
                transaction.commitProjected(captured.seq());
                steps.accept(SettleStep.PROJECTED);
            }
        }
    }

    private void addExchange(
            ProjectionTransaction transaction,
            CapturedExchange captured,
            ExchangeRow.Details details,
            KeptBodies bodies,
            Optional<ExchangeRow.Bodies> ahead)
            throws IOException {
        ExchangeRow.Bodies kept =
                ahead.isPresent() ? ahead.get() : bodies.keep(transaction.payloads(captured.startedAt()));
        steps.accept(SettleStep.BODIES_KEPT);
        transaction.add(ExchangeRow.of(captured, details, kept), captured.startedAt());
    }

    private void write(Journal journal, CapturedExchange captured, Projector.Reading reading) throws IOException {
        Placement.Call call = reading.call();
        String session = reading.session().orElse("");
        KeptBodies bodies = new KeptBodies(journal, captured, steps);
        Optional<ExchangeRow.Bodies> ahead = bodies.ahead();
        try (ProjectionTransaction transaction = journal.beginProjection()) {
            if (!transaction.isPending(captured.seq())) {
                return;
            }
            String agent = reading.agent().orElse("");
            List<Branch> branches = candidates(transaction, session, agent, call);
            Placement placement = Placement.of(
                    call,
                    branches.stream()
                            .map(b -> new Placement.Known(b.id(), b.conversation(), History.fromBytes(b.history())))
                            .toList());
            String conversation = placement
                    .branch()
                    .map(Placement.Known::conversation)
                    .orElseGet(() -> newConversation(transaction, session, captured, reading));
            boolean sidechain = !agent.isEmpty()
                    || (!session.isEmpty()
                            && !conversation.equals(session)
                            && reading.sideCall().isEmpty());
            History history = reading.write(
                    new Projector.Conversation(
                            gatewayId,
                            conversation,
                            sidechain,
                            placement.branch().map(Placement.Known::history),
                            placement.alignment()),
                    new TransactionSink(transaction, captured.startedAt()));
            addExchange(transaction, captured, reading.details(), bodies, ahead);
            long id = placement.replaces()
                    ? placement.branch().map(Placement.Known::id).orElse(0L)
                    : 0;
            transaction.put(new Branch(
                    id, session, agent, conversation, history.firstPrint(), history.tipPrint(), history.toBytes()));
            transaction.commitProjected(captured.seq());
            steps.accept(SettleStep.PROJECTED);
        }
    }

    private static List<Branch> candidates(
            ProjectionTransaction transaction, String session, String agent, Placement.Call call) {
        if (!session.isEmpty()) {
            return transaction.branchesOf(session, agent, MOST_BRANCHES);
        }
        if (call.messages().isEmpty()) {
            return List.of();
        }
        return transaction.branchesByHistory(
                call.messages().getFirst().text(), Projector.answerPrints(call), MOST_BRANCHES);
    }

    /// The session's first conversation has the session's id. Later ones, and side calls, are numbered under it.
    private static String newConversation(
            ProjectionTransaction transaction, String session, CapturedExchange captured, Projector.Reading reading) {
        if (session.isEmpty()) {
            return captured.id().toLowerCase(java.util.Locale.ROOT);
        }
        boolean main = reading.agent().isEmpty()
                && reading.sideCall().isEmpty()
                && !transaction.hasConversation(session, session);
        return main ? session : session + "/" + transaction.nextConversation(session, captured.startedAt());
    }

    /// Rows and payloads of one exchange, into its transaction.
    private record TransactionSink(ProjectionTransaction transaction, Instant at) implements Projector.Sink {

        @Override
        public void row(Row row) {
            transaction.add(row, at);
        }

        @Override
        public boolean isSeen(String rowId) {
            return transaction.isSeen(Datasets.MESSAGES, rowId);
        }

        @Override
        public boolean isFirst(String key) {
            return transaction.markSeen(Datasets.MESSAGES, key, at);
        }

        @Override
        public String keep(byte[] bytes) {
            return transaction.addPayload(bytes, at);
        }

        @Override
        public String keep(List<String> pieces) {
            return ValueBuilder.keep(pieces, transaction.payloads(at));
        }
    }
}
