package io.hypaware.lake;

import io.hypaware.store.StoreException;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NotAuthorizedException;

/// What went wrong with a team's lake.
final class Failures {

    private static final int MOST_CAUSES = 10;

    private static final String WAY_IN = ". Its key is read from lake.key_file, or else from HYPAWARE_CATALOG_TOKEN or"
            + " HYPAWARE_CATALOG_CREDENTIAL; is it there, still valid, and allowed to do this?";

    private static final String PASSWORD =
            ". Its password is read from ~/.pgpass, or from the file that PGPASSFILE names,"
                    + " which must be readable for you alone";

    /// Classes of SQL's states: a connection that was rejected, and an identification that is not valid.
    private static final String REJECTED = "08004";

    private static final String NOT_IDENTIFIED = "28";

    /// A database that takes no writes, one that there is not, a right that is missing.
    private static final Set<String> TERMINAL = Set.of("25006", "3D000", "42501");

    /// In one line: what a destination says that failed, else what lies at the bottom.
    static String told(Throwable thrown) {
        Throwable last = thrown;
        for (int depth = 0; depth < MOST_CAUSES; depth++) {
            if (last instanceof StoreException || last.getCause() == null) {
                break;
            }
            last = last.getCause();
        }
        String message = last.getMessage() == null ? last.toString() : last.getMessage();
        String line = message.lines().findFirst().orElse("");
        boolean isRefused = last instanceof NotAuthorizedException || last instanceof ForbiddenException;
        String way = isRefused ? WAY_IN : isUnidentified(last) ? PASSWORD : "";
        return way.isEmpty() ? line : line.replaceFirst("[.]$", "") + way;
    }

    private static boolean isUnidentified(Throwable thrown) {
        String state = sqlState(thrown);
        return state.startsWith(NOT_IDENTIFIED) || state.equals(REJECTED);
    }

    /// What a database says in the code of a failure; empty if it is of nobody's.
    private static String sqlState(Throwable thrown) {
        return thrown instanceof SQLException failed && failed.getSQLState() != null ? failed.getSQLState() : "";
    }

    /// Whether it fails the same way until somebody changes something.
    static boolean isTerminal(Throwable thrown) {
        Optional<Throwable> cause = Optional.of(thrown);
        for (int depth = 0; depth < MOST_CAUSES && cause.isPresent(); depth++) {
            if (isTerminalItself(cause.get())) {
                return true;
            }
            cause = cause.map(Throwable::getCause);
        }
        return false;
    }

    private static boolean isTerminalItself(Throwable thrown) {
        return thrown instanceof LakeException
                || thrown instanceof NotAuthorizedException
                || thrown instanceof ForbiddenException
                || isUnidentified(thrown)
                || TERMINAL.contains(sqlState(thrown))
                || (thrown instanceof StoreException store && store.isTerminal());
    }

    private Failures() {}
}
