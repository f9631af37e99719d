package io.hypaware.cli;

import io.hypaware.home.Progress;
import java.io.PrintWriter;
import java.util.Optional;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/// On a terminal a bar with bytes, files, rate and time left; elsewhere a line for each piece of work.
final class ProgressLine implements Progress, AutoCloseable {

    private static final int UPDATE_MILLIS = 100;
    /// The bar itself needs the room.
    private static final int MOST_NAME = 28;

    private static final long MEGABYTE = 1_000_000;

    private final PrintWriter err;
    private final int width;
    private Optional<ProgressBar> bar = Optional.empty();
    private long files;
    private long filesDone;
    private long bytes;
    private long bytesDone;

    ProgressLine(PrintWriter err) {
        this(err, Terminal.width());
    }

    /// @param width columns of the terminal; 0 if it is none
    ProgressLine(PrintWriter err, int width) {
        this.err = err;
        this.width = width;
    }

    @Override
    public void begin(String what, long allFiles, long allBytes) {
        end();
        files = allFiles;
        filesDone = 0;
        bytes = Math.max(allBytes, 1);
        bytesDone = 0;
        if (width == 0) {
            err.printf("%s: %d files, %s%n", what, allFiles, StatusText.size(allBytes));
            err.flush();
            return;
        }
        bar = Optional.of(bar(what).setUnit(" MB", MEGABYTE).build());
    }

    @Override
    public void begin(String what, String unit, long all) {
        end();
        files = 0;
        bytes = Math.max(all, 1);
        if (width == 0) {
            err.printf("%s: %,d %s%n", what, all, unit);
            err.flush();
            return;
        }
        bar = Optional.of(bar(what).setUnit(" " + unit, 1).build());
    }

    private ProgressBarBuilder bar(String what) {
        return new ProgressBarBuilder()
                .setTaskName(what.length() > MOST_NAME ? what.substring(0, MOST_NAME - 1) + "…" : what)
                .setInitialMax(bytes)
                .showSpeed()
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(UPDATE_MILLIS)
                .setConsumer(new ConsoleProgressBarConsumer(System.err, width));
    }

    @Override
    public void advance(long doneFiles, long doneBytes) {
        filesDone += doneFiles;
        bytesDone += doneBytes;
        // Many files are read together, column by column: until they are done, their share of the bytes counts.
        long shown = Math.clamp((long) ((double) files * bytesDone / bytes), filesDone, Math.max(files, filesDone));
        bar.ifPresent(b -> {
            b.stepBy(doneBytes);
            if (files > 0) {
                b.setExtraMessage(" %,d of %,d files".formatted(shown, files));
            }
        });
    }

    @Override
    public void end() {
        bar.ifPresent(ProgressBar::close);
        bar = Optional.empty();
    }

    @Override
    public void close() {
        end();
    }
}
