package io.hypaware.maintain;

import io.hypaware.secret.Redactor;

/// How rows are written in a home.
///
/// @param gatewayId what their column of that name says
/// @param redactor leaves secrets out of them, where the user wants none stored (`privacy.redact_stored`)
public record Writing(String gatewayId, Redactor redactor) {

    /// With all that was said.
    public static Writing whole(String gatewayId) {
        return new Writing(gatewayId, Redactor.NONE);
    }
}
