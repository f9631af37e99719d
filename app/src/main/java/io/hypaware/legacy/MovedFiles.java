package io.hypaware.legacy;

import io.hypaware.lake.LocalFiles;
import java.nio.file.Path;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;

/// Files of a table whose folder is no longer where its metadata says: locations are mapped by the table's folder.
final class MovedFiles implements FileIO {

    private static final long serialVersionUID = 1;

    private final String location;
    private final String folder;

    /// @param location where the metadata says the table is
    MovedFiles(String location, Path folder) {
        this.location = location.endsWith("/") ? location : location + "/";
        this.folder = folder.toAbsolutePath().normalize().toString();
    }

    static Path path(FileIO io, String fileLocation) {
        return io instanceof MovedFiles moved ? moved.path(fileLocation) : Path.of(fileLocation);
    }

    @Override
    public InputFile newInputFile(String fileLocation) {
        return new LocalFiles().newInputFile(path(fileLocation).toString());
    }

    @Override
    public OutputFile newOutputFile(String fileLocation) {
        throw new UnsupportedOperationException("an older cache is not written to");
    }

    @Override
    public void deleteFile(String fileLocation) {
        throw new UnsupportedOperationException("an older cache is not deleted from file by file");
    }

    /// A location under the table's own, or else what follows its last `data` or `metadata` folder.
    private Path path(String fileLocation) {
        Path root = Path.of(folder);
        String inside;
        if (fileLocation.startsWith(location)) {
            inside = fileLocation.substring(location.length());
        } else {
            int data = Math.max(fileLocation.lastIndexOf("/data/"), fileLocation.lastIndexOf("/metadata/"));
            if (data < 0) {
                throw new IllegalArgumentException(fileLocation + " is not a file of the table in " + folder);
            }
            inside = fileLocation.substring(data + 1);
        }
        Path path = root.resolve(inside).normalize();
        if (!path.startsWith(root)) {
            throw new IllegalArgumentException(fileLocation + " lies outside of the table in " + folder);
        }
        return path;
    }
}
