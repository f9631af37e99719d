package io.hypaware.mcp;

import io.hypaware.home.Cache;
import io.hypaware.journal.Journal;
import io.hypaware.journal.SessionClasses;
import io.hypaware.privacy.PrivacyClass;
import io.hypaware.privacy.PrivacyRules;
import io.hypaware.query.QueryException;
import io.hypaware.query.Scope;
import io.hypaware.read.LocalSessions;
import io.hypaware.read.Recorded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Sessions of which agents are not told: they stay on this machine, and what an agent is told goes to its model's
/// provider. Asked by one question at a time.
final class Withheld {

    /// For which what rows say of folders is taken to be the same; a session that is recorded meanwhile is known by its
    /// class at once.
    private static final Duration FRESH = Duration.ofMinutes(1);

    private static final FileTime NO_LIST = FileTime.fromMillis(0);

    private final Cache cache;
    private final long memoryBytes;
    private Set<String> found = Set.of();
    private FileTime listed = NO_LIST;
    private Optional<Long> foundAt = Optional.empty();

    Withheld(Cache cache, long memoryBytes) {
        this.cache = cache;
        this.memoryBytes = memoryBytes;
    }

    Scope scope() throws QueryException, SQLException, IOException {
        FileTime list = Files.exists(cache.privacyList()) ? Files.getLastModifiedTime(cache.privacyList()) : NO_LIST;
        long now = System.nanoTime();
        boolean isFresh = foundAt.filter(at -> now - at < FRESH.toNanos()).isPresent() && list.equals(listed);
        if (!isFresh) {
            found = new LocalSessions(new Recorded(cache, memoryBytes), PrivacyRules.of(cache.privacyList())).find();
            listed = list;
            foundAt = Optional.of(now);
        }
        Set<String> all = new HashSet<>(found);
        Optional<Journal> opened = Journal.openExisting(cache.journal());
        if (opened.isPresent()) {
            try (Journal journal = opened.get()) {
                for (PrivacyClass stays : List.of(PrivacyClass.LOCAL_ONLY, PrivacyClass.IGNORE)) {
                    journal.sessionClasses().all(stays.word()).stream()
                            .map(SessionClasses.Decided::session)
                            .forEach(all::add);
                }
            }
        }
        return new Scope(Optional.empty(), all, false);
    }
}
