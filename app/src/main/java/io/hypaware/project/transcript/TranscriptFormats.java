package io.hypaware.project.transcript;

import java.util.List;
import java.util.ServiceLoader;

/// The formats of transcripts that there are, as `META-INF/services` names them.
public final class TranscriptFormats {

    private static final List<TranscriptFormat> ALL =
            ServiceLoader.load(TranscriptFormat.class, TranscriptFormats.class.getClassLoader()).stream()
                    .map(ServiceLoader.Provider::get)
                    .toList();

    public static List<TranscriptFormat> all() {
        return ALL;
    }

    private TranscriptFormats() {}
}
