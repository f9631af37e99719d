package io.hypaware.cli;

import io.hypaware.home.Progress;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Progress of what mostly is done at once: shown when it has taken a while, and only to somebody at a terminal.
///
/// Who works calls it on one thread; a second one waits until it is time to show it.
final class LateProgress implements Progress, AutoCloseable {

    private static final Duration UNSEEN = Duration.ofSeconds(1);

    private final Supplier<Optional<Progress>> line;
    private final Thread waiting;
    private Optional<Consumer<Progress>> begun = Optional.empty();
    private long filesDone;
    private long bytesDone;
    private Optional<Progress> shown = Optional.empty();
    private boolean isClosed;

    /// @param line made when it is time; nothing where nobody looks
    LateProgress(Supplier<Optional<Progress>> line, Duration unseen) {
        this.line = line;
        this.waiting = Thread.ofPlatform().daemon().name("late-progress").start(() -> {
            try {
                Thread.sleep(unseen);
                show();
            } catch (InterruptedException e) {
                // it was done before
            }
        });
    }

    /// Shown where errors go, if that is a terminal.
    static LateProgress onTerminal(PrintWriter err) {
        return new LateProgress(
                () -> Optional.of(Terminal.widthOfErrors())
                        .filter(width -> width > 0)
                        .map(width -> new ProgressLine(err, width)),
                UNSEEN);
    }

    private synchronized void show() {
        if (isClosed) {
            return;
        }
        shown = line.get();
        shown.ifPresent(now -> begun.ifPresent(begin -> {
            begin.accept(now);
            now.advance(filesDone, bytesDone);
        }));
    }

    private synchronized void begin(Consumer<Progress> begin) {
        begun = Optional.of(begin);
        filesDone = 0;
        bytesDone = 0;
        shown.ifPresent(begin);
    }

    @Override
    public void begin(String what, long files, long bytes) {
        begin(to -> to.begin(what, files, bytes));
    }

    @Override
    public void begin(String what, String unit, long all) {
        begin(to -> to.begin(what, unit, all));
    }

    @Override
    public synchronized void advance(long files, long bytes) {
        filesDone += files;
        bytesDone += bytes;
        shown.ifPresent(now -> now.advance(files, bytes));
    }

    @Override
    public synchronized void end() {
        begun = Optional.empty();
        shown.ifPresent(Progress::end);
    }

    @Override
    public synchronized void close() {
        isClosed = true;
        waiting.interrupt();
        end();
    }
}
