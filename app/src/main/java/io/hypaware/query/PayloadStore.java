package io.hypaware.query;

import io.hypaware.payload.Part;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Payloads as they are stored, looked up by their hash.
interface PayloadStore extends AutoCloseable {

    /// A payload as far as it is known without its bytes.
    ///
    /// @param parts empty for one that is stored whole
    record Shape(long size, Optional<List<Part>> parts) {}

    /// Bytes of payloads that are stored whole; those that there are.
    Map<String, byte[]> elements(Collection<String> hashes) throws SQLException;

    /// How large payloads are and what they are made of; those that there are.
    Map<String, Shape> shapes(Collection<String> hashes) throws SQLException;

    @Override
    void close() throws SQLException;
}
