package io.hypaware.privacy;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What happens to what is said somewhere, from the most to the least.
public enum PrivacyClass {

    /// Recorded, and may leave the machine where the user has that set up.
    SYNC,

    /// Recorded, and stays on this machine.
    LOCAL_ONLY,

    /// Not recorded; the call goes through as always.
    IGNORE;

    /// As people write it: `local-only`.
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// The class of that word, if there is one.
    public static Optional<PrivacyClass> of(String word) {
        return Arrays.stream(values()).filter(one -> one.word().equals(word)).findFirst();
    }

    /// All words.
    public static List<String> words() {
        return Arrays.stream(values()).map(PrivacyClass::word).toList();
    }

    PrivacyClass strictest(PrivacyClass other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
