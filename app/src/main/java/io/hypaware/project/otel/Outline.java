package io.hypaware.project.otel;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// What stands around the records of one request, known once all of it was looked through.
final class Outline {

    /// Most in sum, as it was sent.
    private static final int MOST_BYTES = 8 << 20;

    private final List<List<Origin>> origins = new ArrayList<>();
    private String hash = "";
    private long bytes;

    /// SHA-256 of the body in the clear.
    String hash() {
        return hash;
    }

    Origin origin(int resource, int scope) {
        return origins.get(resource).get(scope);
    }

    /// Counts what stands there.
    ///
    /// @param size as it was sent, in bytes or characters
    void takeRoom(long size) throws IOException {
        bytes += size;
        if (bytes > MOST_BYTES) {
            throw new IOException("its resources and scopes take more than " + (MOST_BYTES >> 20) + " MB");
        }
    }

    /// Adds the scopes of the next resource.
    void add(List<Origin> scopes) {
        origins.add(scopes);
    }

    /// Says that the body is whole.
    void end(String ofBody) {
        hash = ofBody;
    }
}
