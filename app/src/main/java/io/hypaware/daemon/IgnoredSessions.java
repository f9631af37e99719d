package io.hypaware.daemon;

import io.hypaware.gateway.SessionSwitch;
import io.hypaware.privacy.PrivacyList;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;

/// Sessions that are not recorded, as the list of the home has them: what the gateway and a command say is one thing.
public final class IgnoredSessions implements SessionSwitch {

    private final Path list;
    private final Clock clock;

    public IgnoredSessions(Path list, Clock clock) {
        this.list = list;
        this.clock = clock;
    }

    @Override
    public boolean isIgnored(String session) throws IOException {
        return PrivacyList.read(list).sessions().containsKey(session);
    }

    @Override
    public void ignore(String session, boolean ignored) throws IOException, InterruptedException {
        PrivacyList.update(
                list,
                before -> ignored ? before.withSession(session, clock.instant()) : before.withoutSession(session));
    }
}
