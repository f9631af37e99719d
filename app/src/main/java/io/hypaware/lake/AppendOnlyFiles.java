package io.hypaware.lake;

import java.util.Map;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;

/// The files of a warehouse that others use, too, of which none is deleted. Iceberg would delete what a commit wrote
/// that failed; but where the catalog did not answer, such a commit may have been made. What is left over goes with the
/// maintenance of the warehouse. Iceberg makes it by its name.
public final class AppendOnlyFiles implements FileIO {

    private static final long serialVersionUID = 1;

    private transient Map<String, String> properties = Map.of();

    @Override
    public void initialize(Map<String, String> settings) {
        properties = Map.copyOf(settings);
    }

    @Override
    public Map<String, String> properties() {
        return properties;
    }

    @Override
    public InputFile newInputFile(String location) {
        return folder(location).newInputFile(location);
    }

    @Override
    public OutputFile newOutputFile(String location) {
        return SharedFolder.output(folder(location).newOutputFile(location));
    }

    @Override
    public void deleteFile(String location) {
        // See the class.
    }

    private static LocalFiles folder(String location) {
        if (location.startsWith("/") || location.startsWith("file:")) {
            return new LocalFiles();
        }
        throw new LakeException(location + " is in no folder; this version reaches no other store");
    }
}
