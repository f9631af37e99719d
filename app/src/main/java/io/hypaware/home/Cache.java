package io.hypaware.home;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// The folder of what is recorded, and where things are in it. No name of a file in it is said anywhere else.
///
/// @param folder `hypaware/cache` of the home, or where the config places it
/// @param own what is ours in the home, wherever the cache is
public record Cache(Path folder, Path own) {

    public Cache {
        requireNonNull(folder, "folder is null");
        requireNonNull(own, "own is null");
        folder = folder.toAbsolutePath().normalize();
        own = own.toAbsolutePath().normalize();
    }

    /// A cache in its home.
    public Cache(Path folder) {
        this(folder, folder.toAbsolutePath().normalize().resolveSibling(""));
    }

    /// Why nothing may be written to a place: it is in here, whatever links lead there, and what was recorded would be
    /// destroyed. Empty if it is elsewhere.
    public Optional<String> refusal(Path place) throws IOException {
        Path there = place.toAbsolutePath().normalize();
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        return Files.exists(folder) && there.toRealPath().startsWith(folder.toRealPath())
                ? Optional.of(place + " is where this program keeps what it records; name a place elsewhere")
                : Optional.empty();
    }

    /// Makes the folder, for its owner only.
    public Cache make() {
        HypHome.privateFolder(folder);
        return this;
    }

    /// The journal's database. A file only once something was recorded.
    public Path journal() {
        return folder.resolve("journal.db");
    }

    public boolean hasJournal() {
        return Files.exists(journal());
    }

    /// The lake's catalog, a database.
    public Path catalog() {
        return folder.resolve("catalog.db");
    }

    /// The lake's tables, a folder each.
    public Path tables() {
        return folder.resolve("tables");
    }

    /// What HypAware for Node recorded.
    public Path olderDatasets() {
        return folder.resolve("datasets");
    }

    /// Where engines spill to, made if need be.
    public Path spill() {
        return HypHome.privateFolder(spillFolder());
    }

    /// The same, made or not.
    public Path spillFolder() {
        return folder.resolve("spill");
    }

    /// Copies of files of a team's bucket.
    public Path copies() {
        return folder.resolve("copies");
    }

    /// The index of what was said; made again where it is lost.
    public Path search() {
        return folder.resolve("search");
    }

    /// Which files of messages have rows of which sessions; made again where it is lost.
    public Path sessionIndex() {
        return folder.resolve("sessions.db");
    }

    /// What agents' hooks say of where sessions work.
    public Path sessionHooks() {
        return own.resolve("hooks/sessions.tsv");
    }

    /// Where Claude Code writes what it sends and gets, where it is attached by telemetry.
    public Path claudeBodies() {
        return own.resolve("bodies/claude");
    }

    /// What the user has said of folders, agents and sessions. Not part of what is recorded: it outlives that.
    public Path privacyList() {
        return own.resolve("privacy.json");
    }

    /// Held by whoever projects, or forgets payloads that what is projected may need.
    public Path projectionLock() {
        return folder.resolve("settle.lock");
    }

    /// Held by whoever changes the lake.
    public Path maintenanceLock() {
        return folder.resolve("maintain.lock");
    }

    /// Held by whoever sends what is to leave the machine.
    public Path sinkLock() {
        return folder.resolve("sink.lock");
    }

    /// Held by whoever forwards to a team's lake.
    public Path teamLock() {
        return folder.resolve("team.lock");
    }

    @Override
    public String toString() {
        return folder.toString();
    }
}
