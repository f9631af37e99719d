package io.hypaware.gateway;

import java.io.EOFException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Says in words for users why an upstream could not be reached.
final class UpstreamFault {

    static String describe(Throwable cause, Upstream upstream) {
        @Nullable Throwable certificate = find(cause, CertificateException.class);
        if (certificate != null || mentions(cause, "PKIX")) {
            return "its TLS certificate is not trusted (" + deepest(cause)
                    + "). If a proxy of your network signs it, set ca_file of the upstream \"" + upstream.name()
                    + "\" to the PEM file of its certificate authority";
        }
        if (find(cause, SSLException.class) != null) {
            return "TLS failed (" + deepest(cause) + "). If a proxy of your network stands between, see ca_file and"
                    + " upstream_proxy in the config";
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    private static @Nullable Throwable find(Throwable cause, Class<? extends Throwable> type) {
        @Nullable Throwable at = cause;
        for (int depth = 0; at != null && depth < 20; depth++) {
            if (type.isInstance(at)) {
                return at;
            }
            at = at.getCause();
        }
        return null;
    }

    private static boolean mentions(Throwable cause, String word) {
        @Nullable Throwable at = cause;
        for (int depth = 0; at != null && depth < 20; depth++) {
            if (at.getMessage() != null && at.getMessage().contains(word)) {
                return true;
            }
            at = at.getCause();
        }
        return false;
    }

    private static String deepest(Throwable cause) {
        Throwable at = cause;
        for (int depth = 0; at.getCause() != null && depth < 20; depth++) {
            at = at.getCause();
        }
        return at instanceof EOFException || at.getMessage() == null
                ? at.getClass().getSimpleName()
                : at.getMessage();
    }

    private UpstreamFault() {}
}
