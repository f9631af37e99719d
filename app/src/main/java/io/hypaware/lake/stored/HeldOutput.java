package io.hypaware.lake.stored;

import io.hypaware.store.Content;
import io.hypaware.store.StoreException;
import io.hypaware.store.StoreException.Kind;
import java.io.ByteArrayOutputStream;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;

/// A file of a table's metadata on its way to a destination: it is held until it is whole, and then put.
///
/// @param input the same file, to be read
public record HeldOutput(InputFile input, Put put) implements OutputFile {

    /// Puts the whole file.
    @FunctionalInterface
    public interface Put {
        void put(Content content) throws StoreException;
    }

    /// Names of such files are never given twice.
    @Override
    public PositionOutputStream create() {
        return new Gathered();
    }

    @Override
    public PositionOutputStream createOrOverwrite() {
        return new Gathered();
    }

    @Override
    public String location() {
        return input.location();
    }

    @Override
    public InputFile toInputFile() {
        return input;
    }

    private final class Gathered extends PositionOutputStream {

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private boolean isClosed;

        @Override
        public long getPos() {
            return bytes.size();
        }

        @Override
        public void write(int b) throws StoreException {
            requireRoom(1);
            bytes.write(b);
        }

        @Override
        public void write(byte[] some, int offset, int length) throws StoreException {
            requireRoom(length);
            bytes.write(some, offset, length);
        }

        private void requireRoom(int more) throws StoreException {
            if (bytes.size() + (long) more > HeldInput.MOST_BYTES) {
                // What is there of it is not to be put.
                isClosed = true;
                throw new StoreException(
                        Kind.TOO_LARGE, location() + " would be longer than " + HeldInput.MOST_BYTES + " bytes");
            }
        }

        @Override
        public void close() throws StoreException {
            if (!isClosed) {
                isClosed = true;
                put.put(Content.of(bytes.toByteArray()));
            }
        }
    }
}
