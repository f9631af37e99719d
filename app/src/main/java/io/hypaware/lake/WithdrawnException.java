package io.hypaware.lake;

/// What may leave changed while rows were on their way: they were not committed.
public final class WithdrawnException extends RuntimeException {

    private static final long serialVersionUID = 1;

    WithdrawnException(String table) {
        super("what may leave changed while rows went to " + table);
    }
}
