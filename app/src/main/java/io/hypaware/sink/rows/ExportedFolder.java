package io.hypaware.sink.rows;

import io.hypaware.query.QueryException;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A folder that an export is to replace. What no export wrote nobody may be able to write again: files of a sink,
/// which writes each row once, and those of other people.
public final class ExportedFolder {

    private static final Pattern OURS =
            Pattern.compile("date=\\d{4}-\\d\\d-\\d\\d/rows\\.[a-z.]+|data/.*?export\\.[^/]+|metadata/[^/]+");

    /// @param shown the folder, for people
    /// @param names of its files, below it
    /// @throws QueryException if one is of somebody else
    public static void requireOurs(String shown, Stream<String> names) throws QueryException {
        var theirs = names.filter(name -> !OURS.matcher(name).matches()).findFirst();
        if (theirs.isPresent()) {
            throw new QueryException(shown + " has files that no export wrote, such as " + theirs.get()
                    + ", and stays as it is; name another folder");
        }
    }

    private ExportedFolder() {}
}
