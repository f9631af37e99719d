package io.hypaware.cli;

import io.hypaware.client.Agent;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Consumer;

/// The questions of a first run, each with a way back; one key accepts all that is proposed.
final class Wizard {

    private static final List<Long> DAYS = List.of(30L, 90L, 365L, 0L);

    private final Asker asker;
    private final Setup.Found found;
    private final Consumer<Setup> show;
    private Setup setup;

    /// Whether the questions were asked once, so that a step back leads to them.
    private boolean chosen;

    /// @param show shows what would be set up
    Wizard(Asker asker, Setup.Found found, Setup proposal, Consumer<Setup> show) {
        this.asker = asker;
        this.found = found;
        this.show = show;
        this.setup = proposal;
    }

    /// A question; whether it was answered, or one step back is wanted.
    private interface Step {
        boolean isAnswered();
    }

    /// @throws Asker.CancelledException if the person wants none of it
    Setup ask() {
        while (true) {
            show.accept(setup);
            String answer = asker.one(
                            "Set it up?",
                            List.of(
                                    new Asker.Choice("all", "Yes, all of this", true),
                                    new Asker.Choice("choose", "Let me choose", false),
                                    new Asker.Choice("no", "Not now", false)))
                    .orElse(chosen ? "choose" : "no");
            switch (answer) {
                case "all" -> {
                    return setup;
                }
                case "choose" -> choose();
                default -> throw new Asker.CancelledException();
            }
        }
    }

    /// From the first question to the last; a step back from the first one ends it, too.
    private void choose() {
        chosen = true;
        List<Step> steps = new ArrayList<>(List.of(this::agents, this::days));
        if (found.canBeService()) {
            steps.add(this::service);
        }
        if (found.olderBytes() > 0) {
            steps.add(this::adopt);
        }
        int at = 0;
        while (at >= 0 && at < steps.size()) {
            at += steps.get(at).isAnswered() ? 1 : -1;
        }
    }

    private boolean agents() {
        List<Asker.Choice> choices = found.agents().stream()
                .map(agent -> new Asker.Choice(
                        agent.name(),
                        agent.title() + state(agent),
                        setup.agents().contains(agent.name())))
                .toList();
        return asker.several("Which agents are recorded?", choices)
                .map(names -> setup = setup.withAgents(found.inOrder(names)))
                .isPresent();
    }

    private String state(Agent agent) {
        if (found.attached().contains(agent.name())) {
            return " · attached";
        }
        return agent.isDetected() ? " · detected" : " · not seen here";
    }

    private boolean days() {
        TreeSet<Long> all = new TreeSet<>(DAYS);
        all.add(setup.days());
        List<Asker.Choice> choices = all.stream()
                .sorted((one, other) -> Long.compareUnsigned(one - 1, other - 1))
                .map(days -> new Asker.Choice(Long.toString(days), Setup.kept(days), days == setup.days()))
                .toList();
        return asker.one("How long is what they say kept?", choices)
                .map(days -> setup = setup.withDays(Long.parseLong(days)))
                .isPresent();
    }

    private boolean service() {
        return asker.one(
                        "How does the recorder run?",
                        List.of(
                                new Asker.Choice(
                                        "service", "As a service, which starts with your session", setup.service()),
                                new Asker.Choice(
                                        "now", "In the background, until this machine restarts", !setup.service())))
                .map(answer -> setup = setup.withService(answer.equals("service")))
                .isPresent();
    }

    private boolean adopt() {
        return asker.one(
                        "There is a cache of HypAware for Node (" + StatusText.size(found.olderBytes())
                                + "). Take its rows over now?",
                        List.of(
                                new Asker.Choice("yes", "Yes; the old files go a day later", setup.adopt()),
                                new Asker.Choice("no", "Not now", !setup.adopt())))
                .map(answer -> setup = setup.withAdopt(answer.equals("yes")))
                .isPresent();
    }
}
