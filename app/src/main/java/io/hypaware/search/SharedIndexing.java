package io.hypaware.search;

import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.IndexWriter;
import org.jspecify.annotations.Nullable;

/// Adds documents to an index on two threads, as taking texts apart is most of the work: on one of its own, and on the
/// caller's where that one has enough before it.
///
/// Of one caller's thread.
final class SharedIndexing implements AutoCloseable {

    /// What waits for the other thread, at most.
    private static final int MOST_WAITING_BYTES = 1 << 20;

    private final IndexWriter writer;
    private final ExecutorService other = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("search-index").daemon().factory());
    private final Semaphore room = new Semaphore(MOST_WAITING_BYTES);
    private volatile boolean stopped;
    private volatile @Nullable Throwable failure;

    SharedIndexing(IndexWriter writer) {
        this.writer = writer;
    }

    /// @param bytes that the document takes
    void add(Document document, long bytes) throws IOException {
        refuseAfterFailure();
        if (bytes <= MOST_WAITING_BYTES && room.tryAcquire((int) bytes)) {
            handOver(document, (int) bytes);
        } else {
            writer.addDocument(document);
        }
    }

    private void handOver(Document document, int bytes) {
        try {
            other.execute(() -> {
                addThere(document);
                room.release(bytes);
            });
        } catch (RuntimeException | Error e) {
            // Where there can be no thread; whoever waits for all room would wait for ever.
            room.release(bytes);
            throw e;
        }
    }

    private void addThere(Document document) {
        if (!stopped) {
            try {
                writer.addDocument(document);
            } catch (IOException | RuntimeException | Error e) {
                failure = e;
                stopped = true;
            }
        }
    }

    /// Waits until all that was handed over is added.
    ///
    /// @throws IOException why one could not be
    void await() throws IOException {
        room.acquireUninterruptibly(MOST_WAITING_BYTES);
        room.release(MOST_WAITING_BYTES);
        refuseAfterFailure();
    }

    private void refuseAfterFailure() throws IOException {
        switch (failure) {
            case null -> {}
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IOException(e);
        }
    }

    /// What waits is left out. The thread is never interrupted at work, which would close the index's files.
    @Override
    public void close() {
        stopped = true;
        other.shutdown();
        room.acquireUninterruptibly(MOST_WAITING_BYTES);
    }
}
