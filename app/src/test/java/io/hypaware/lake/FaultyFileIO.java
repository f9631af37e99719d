package io.hypaware.lake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;

/// Local files of which the n-th that is written goes wrong.
final class FaultyFileIO implements FileIO {

    private static final long serialVersionUID = 1;

    /// What goes wrong.
    enum Fault {
        /// The file cannot be made.
        FAILS,
        /// Half of it is written, then the disk fails.
        TEARS,
        /// The disk is full when it is closed.
        FILLS_UP,
        /// Half of it is written, and the process is gone.
        DIES
    }

    private final LocalFiles files = new LocalFiles();
    private final Fault fault;
    private final AtomicInteger left;

    /// @param left how many files are still to be written, the one that goes wrong included
    FaultyFileIO(Fault fault, AtomicInteger left) {
        this.fault = fault;
        this.left = left;
    }

    @Override
    public InputFile newInputFile(String location) {
        return files.newInputFile(location);
    }

    @Override
    public void deleteFile(String location) {
        files.deleteFile(location);
    }

    @Override
    public OutputFile newOutputFile(String location) {
        OutputFile file = files.newOutputFile(location);
        return new OutputFile() {
            @Override
            public PositionOutputStream create() {
                return faulty(file.create());
            }

            @Override
            public PositionOutputStream createOrOverwrite() {
                return faulty(file.createOrOverwrite());
            }

            @Override
            public String location() {
                return location;
            }

            @Override
            public InputFile toInputFile() {
                return file.toInputFile();
            }
        };
    }

    private PositionOutputStream faulty(PositionOutputStream out) {
        if (left.decrementAndGet() != 0) {
            return out;
        }
        if (fault == Fault.FAILS) {
            throw new UncheckedIOException(new IOException("the disk fails"));
        }
        return new FaultyStream(out, fault);
    }

    private static final class FaultyStream extends PositionOutputStream {

        private final PositionOutputStream out;
        private final Fault fault;

        private FaultyStream(PositionOutputStream out, Fault fault) {
            this.out = out;
            this.fault = fault;
        }

        @Override
        public long getPos() throws IOException {
            return out.getPos();
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (fault == Fault.FILLS_UP) {
                out.write(bytes, offset, length);
                return;
            }
            out.write(bytes, offset, length / 2);
            out.flush();
            if (fault == Fault.DIES) {
                Runtime.getRuntime().halt(137);
            }
            throw new IOException("the disk fails");
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }

        @Override
        public void close() throws IOException {
            out.close();
            if (fault == Fault.FILLS_UP) {
                throw new IOException("No space left on device");
            }
        }
    }
}
