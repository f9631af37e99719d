package io.hypaware.bench;

import io.hypaware.lake.LocalFiles;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SeekableInputStream;

/// A folder that answers as late as an object store does, and counts what it was asked.
final class FleetStore implements FileIO {

    private static final long serialVersionUID = 1;

    /// What a store takes: for each request, and for each megabyte.
    ///
    /// @param putMillis until a small object is stored
    /// @param getMillis until the first byte comes
    /// @param megabyteMillis for each megabyte of it
    record Pace(String name, long putMillis, long getMillis, long megabyteMillis) {

        static final Pace FOLDER = new Pace("folder", 0, 0, 0);

        /// About what S3 Standard shows to a client in its region.
        static final Pace OBJECTS = new Pace("objects", 40, 20, 12);

        private void await(long firstMillis, long bytes) {
            try {
                TimeUnit.MICROSECONDS.sleep(1000 * firstMillis + megabyteMillis * bytes / 1000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// What was asked of the store since it was made.
    static final class Traffic {
        private final LongAdder puts = new LongAdder();
        private final LongAdder gets = new LongAdder();
        private final LongAdder putBytes = new LongAdder();
        private final LongAdder attempts = new LongAdder();

        long puts() {
            return puts.sum();
        }

        long gets() {
            return gets.sum();
        }

        long putBytes() {
            return putBytes.sum();
        }

        /// Commits that were tried: each writes the table's metadata.
        long attempts() {
            return attempts.sum();
        }

        private void put(String location, long bytes) {
            puts.increment();
            putBytes.add(bytes);
            if (location.endsWith(".metadata.json")) {
                attempts.increment();
            }
        }
    }

    private final transient LocalFiles files = new LocalFiles();
    private final transient Pace pace;
    private final transient Traffic traffic;

    FleetStore(Pace pace, Traffic traffic) {
        this.pace = pace;
        this.traffic = traffic;
    }

    @Override
    public InputFile newInputFile(String location) {
        return new Input(files.newInputFile(location));
    }

    @Override
    public OutputFile newOutputFile(String location) {
        return new Output(files.newOutputFile(location));
    }

    @Override
    public void deleteFile(String location) {
        files.deleteFile(location);
    }

    private final class Input implements InputFile {
        private final InputFile file;

        private Input(InputFile file) {
            this.file = file;
        }

        @Override
        public long getLength() {
            return file.getLength();
        }

        @Override
        public SeekableInputStream newStream() {
            traffic.gets.increment();
            pace.await(pace.getMillis(), file.getLength());
            return file.newStream();
        }

        @Override
        public String location() {
            return file.location();
        }

        @Override
        public boolean exists() {
            return file.exists();
        }
    }

    private final class Output implements OutputFile {
        private final OutputFile file;

        private Output(OutputFile file) {
            this.file = file;
        }

        @Override
        public PositionOutputStream create() {
            return new Stream(file.location(), file.create());
        }

        @Override
        public PositionOutputStream createOrOverwrite() {
            return new Stream(file.location(), file.createOrOverwrite());
        }

        @Override
        public String location() {
            return file.location();
        }

        @Override
        public InputFile toInputFile() {
            return new Input(file.toInputFile());
        }
    }

    private final class Stream extends PositionOutputStream {
        private final String location;
        private final PositionOutputStream out;
        private boolean closed;

        private Stream(String location, PositionOutputStream out) {
            this.location = location;
            this.out = out;
        }

        @Override
        public long getPos() throws IOException {
            return out.getPos();
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            if (closed) {
                return;
            }
            closed = true;
            long bytes = out.getPos();
            out.close();
            pace.await(pace.putMillis(), bytes);
            traffic.put(location, bytes);
        }
    }
}
