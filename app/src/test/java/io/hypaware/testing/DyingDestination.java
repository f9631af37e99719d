package io.hypaware.testing;

import io.hypaware.store.Content;
import io.hypaware.store.Destination;
import io.hypaware.store.ObjectKey;
import io.hypaware.store.StoreException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/// Fails at one of its operations, and at all after that.
public final class DyingDestination implements Destination {

    private final Destination to;
    private final int at;
    private final boolean isDone;
    private int came;
    private boolean isDead;

    /// @param at which operation
    /// @param isDone whether it is done, and only its answer is lost
    public DyingDestination(Destination to, int at, boolean isDone) {
        this.to = to;
        this.at = at;
        this.isDone = isDone;
    }

    public boolean isDead() {
        return isDead;
    }

    private interface Operation<T> {
        T done() throws StoreException;
    }

    private <T> T living(Operation<T> operation) throws StoreException {
        came++;
        if (came < at) {
            return operation.done();
        }
        if (came == at && isDone) {
            operation.done();
        }
        isDead = true;
        throw new StoreException(StoreException.Kind.S3_PUT_FAILED, "dead");
    }

    @Override
    public void put(ObjectKey key, Content content) throws StoreException {
        living(() -> {
            to.put(key, content);
            return true;
        });
    }

    @Override
    public boolean putIfAbsent(ObjectKey key, Content content) throws StoreException {
        return living(() -> to.putIfAbsent(key, content));
    }

    @Override
    public Optional<InputStream> get(ObjectKey key) throws StoreException {
        return living(() -> to.get(key));
    }

    @Override
    public Optional<StoredFile> stat(ObjectKey key) throws StoreException {
        return living(() -> to.stat(key));
    }

    @Override
    public List<StoredFile> list(ObjectKey below) throws StoreException {
        return living(() -> to.list(below));
    }

    @Override
    public void delete(ObjectKey key) throws StoreException {
        living(() -> {
            to.delete(key);
            return true;
        });
    }

    @Override
    public String location(ObjectKey key) {
        return to.location(key);
    }

    @Override
    public void close() {}
}
