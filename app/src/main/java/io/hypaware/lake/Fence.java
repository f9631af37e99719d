package io.hypaware.lake;

import java.util.Optional;

/// Up to where the list of forgotten payloads of a team's lake goes. Each table of rows has one, as a property: rows
/// come into it only from whoever has read the list that far. So none of them refers to a payload that was forgotten
/// before, unless that was sent again.
///
/// @param list which table that is: one that takes the place of a lost one is another
/// @param sequence in that table's own count of commits
public record Fence(String list, long sequence) {

    /// The property of a table.
    static final String PROPERTY = "hypaware.fence";

    /// Whether who has read so far has read up to another fence.
    public boolean covers(Fence other) {
        return list.equals(other.list) && sequence >= other.sequence;
    }

    public String text() {
        return list + " " + sequence;
    }

    /// @throws LakeException if it is none of ours
    public static Fence parse(String text) {
        String[] parts = text.split(" ", -1);
        if (parts.length == 2 && parts[1].matches("[0-9]{1,18}")) {
            return new Fence(parts[0], Long.parseLong(parts[1]));
        }
        throw new LakeException("a table of the team's lake says \"" + PROPERTY + "\" in a way that this version does"
                + " not know; nothing was sent");
    }

    /// Whether rows of who has read so far may come into a table.
    static boolean isPassed(Optional<Fence> read, Optional<Fence> needed) {
        return needed.isEmpty()
                || read.filter(fence -> fence.covers(needed.get())).isPresent();
    }
}
