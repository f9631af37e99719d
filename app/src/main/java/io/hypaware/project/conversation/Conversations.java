package io.hypaware.project.conversation;

import io.hypaware.journal.Branch;
import io.hypaware.journal.Micros;
import io.hypaware.journal.ProjectionBatch;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Finds the conversation that a call extends or begins, among those that the journal knows. Of the
/// thread that projects: a call is placed by what the calls before it said.
public final class Conversations {

    private static final int MOST_BRANCHES = 64;

    /// What tells whose call it is.
    ///
    /// @param exchangeId names a conversation that no session has
    /// @param session empty if the call names none
    /// @param agent who speaks, where the wire names one of the session's agents; else empty
    /// @param side whether this is a small call beside the conversation, which never gives a session its first one
    /// @param before what the call goes on from, if it says so
    /// @param told the conversation in which a transcript has told of who speaks, if one has
    public record Origin(
            String exchangeId,
            String session,
            String agent,
            boolean side,
            Optional<Before> before,
            Optional<String> told) {}

    /// Where a call was placed.
    ///
    /// @param branch the stored one that the call replaces; 0 if it begins one
    /// @param known the history it extends, if any
    public record Place(
            Origin origin,
            String conversation,
            boolean sidechain,
            long branch,
            Optional<History> known,
            Alignment alignment) {}

    private final ProjectionBatch batch;

    public Conversations(ProjectionBatch batch) {
        this.batch = batch;
    }

    public Place place(Origin origin, Placement.Request request) {
        List<Branch> own = ofItsKind(candidates(origin, request), origin, request);
        if (own.isEmpty() && origin.agent().isEmpty() && !origin.session().isEmpty()) {
            Optional<Place> forked = forked(origin, request);
            if (forked.isPresent()) {
                return forked.get();
            }
        }
        Placement placement = Placement.of(request, known(own));
        String conversation = placement
                .branch()
                .map(Placement.Known::conversation)
                .orElseGet(() -> newConversation(origin, Micros.toInstant(request.startedMicros())));
        boolean sidechain = !origin.agent().isEmpty()
                || (!origin.session().isEmpty() && !conversation.equals(origin.session()) && !origin.side());
        return new Place(
                origin,
                conversation,
                sidechain,
                placement.replaces()
                        ? placement.branch().map(Placement.Known::id).orElse(0L)
                        : 0,
                placement.branch().map(Placement.Known::history),
                placement.alignment());
    }

    /// A session that begins with the whole history of another one, as clients fork it: what was said there has its
    /// rows.
    private Optional<Place> forked(Origin origin, Placement.Request request) {
        int settled = Alignment.settled(request.messages());
        if (settled == 0) {
            return Optional.empty();
        }
        List<Branch> others = batch.branches()
                .ofAnySession(MessagePrint.opening(request.messages()).text(), answerPrints(request), MOST_BRANCHES);
        Placement placement = Placement.of(request.amongOthers(), known(ofItsKind(others, origin, request)));
        boolean whole = placement.branch().isPresent()
                && Arrays.stream(placement.alignment().matches(), 0, settled).noneMatch(m -> m == Alignment.NEW);
        return whole
                ? Optional.of(new Place(
                        origin,
                        newConversation(origin, Micros.toInstant(request.startedMicros())),
                        false,
                        0,
                        placement.branch().map(Placement.Known::history),
                        placement.alignment()))
                : Optional.empty();
    }

    /// A title may read like the conversation's own answer. A side call and a conversation go on from each other only
    /// where tools and system text are the same, as of one that began like a side call.
    private static List<Branch> ofItsKind(List<Branch> branches, Origin origin, Placement.Request request) {
        return branches.stream()
                .filter(branch -> branch.side() == origin.side()
                        || History.Stored.of(branch.history()).history().setup().equals(request.setup()))
                .toList();
    }

    private static List<Placement.Known> known(List<Branch> branches) {
        return branches.stream()
                .map(branch -> new Placement.Known(branch.id(), branch.conversation(), branch.history()))
                .toList();
    }

    /// Keeps the history that the next call may extend.
    ///
    /// @param answer the provider's id of the answer, if a call may go on from it by that
    public void extend(Place place, History history, Optional<String> answer) {
        Branch branch = new Branch(
                place.branch(),
                place.origin().session(),
                place.origin().agent(),
                place.conversation(),
                place.origin().side(),
                history.firstPrint(),
                history.tipPrint(),
                history.toBytes());
        long id = batch.put(branch);
        answer.ifPresent(name -> batch.putAnswered(
                branch.withId(id), name, history.entries().size(), Micros.toInstant(history.endedMicros())));
    }

    /// What was said up to an answer that a call goes on from, where the provider keeps the history.
    public Optional<Before> until(String session, String answer) {
        return batch.branches().until(session, answer).map(until -> {
            List<History.Entry> entries =
                    History.Stored.of(until.branch().history()).history().entries();
            return new Before(until.branch(), entries.subList(0, Math.min(until.size(), entries.size())));
        });
    }

    /// What was said last in a session whose history the provider keeps.
    public Optional<Before> tip(String session) {
        return batch.branches()
                .last(session)
                .map(branch -> new Before(
                        branch, History.Stored.of(branch.history()).history().entries()));
    }

    /// The history that a call goes on from.
    public record Before(Branch branch, List<History.Entry> entries) {}

    private List<Branch> candidates(Origin origin, Placement.Request request) {
        if (!origin.session().isEmpty()) {
            return batch.branches().of(origin.session(), origin.agent(), MOST_BRANCHES);
        }
        if (origin.before().isPresent()) {
            return List.of(origin.before().get().branch());
        }
        if (request.messages().isEmpty()) {
            return List.of();
        }
        return batch.branches()
                .byHistory(MessagePrint.opening(request.messages()).text(), answerPrints(request), MOST_BRANCHES);
    }

    /// The fingerprints of the answers in a request, by which a call without a session finds its conversation.
    private static List<String> answerPrints(Placement.Request request) {
        return request.messages().reversed().stream()
                .filter(MessagePrint::isAssistant)
                .map(MessagePrint::text)
                .toList();
    }

    /// The session's first conversation has the session's id. Later ones, and side calls, are numbered under it.
    private String newConversation(Origin origin, Instant at) {
        String session = origin.session();
        if (session.isEmpty()) {
            return origin.exchangeId().toLowerCase(Locale.ROOT);
        }
        if (origin.told().isPresent()
                && !batch.branches().hasConversation(session, origin.told().get())) {
            return origin.told().get();
        }
        boolean main =
                origin.agent().isEmpty() && !origin.side() && !batch.branches().hasConversation(session, session);
        return main ? session : session + "/" + batch.branches().nextConversation(session, at);
    }
}
