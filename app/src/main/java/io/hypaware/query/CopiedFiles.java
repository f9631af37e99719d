package io.hypaware.query;

import io.hypaware.lake.LocalFiles;
import java.nio.file.Path;
import java.util.function.Function;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;

/// Opens copies of files on this machine by the locations that the files have in their table.
final class CopiedFiles implements FileIO {

    private static final long serialVersionUID = 1;

    private final transient Function<String, Path> copies;

    CopiedFiles(Function<String, Path> copies) {
        this.copies = copies;
    }

    @Override
    public InputFile newInputFile(String location) {
        return new LocalFiles().newInputFile(copies.apply(location).toString());
    }

    @Override
    public OutputFile newOutputFile(String location) {
        throw new UnsupportedOperationException("copies are not written to");
    }

    @Override
    public void deleteFile(String location) {
        throw new UnsupportedOperationException("copies are not deleted by their location");
    }
}
