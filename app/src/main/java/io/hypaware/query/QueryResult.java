package io.hypaware.query;

import io.hypaware.engine.JavaHeap;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One statement's result, row by row. Payloads that are only shown are read here, one at a time: the engine
/// sorted, filtered and joined without them.
public final class QueryResult {

    private static final Pattern WITHOUT_SECONDS = Pattern.compile("^((?:.*T)?\\d\\d:\\d\\d)((?:Z|[+-].*)?)$");

    private final ResultSet rows;
    private final ResultSetMetaData columns;
    private final PayloadReader payloads;
    private final String marker;
    private final byte[] markerBytes;

    /// @param marker what the hash of a payload stands behind; no one else knows it
    QueryResult(ResultSet rows, PayloadReader payloads, String marker) throws SQLException {
        this.rows = rows;
        this.columns = rows.getMetaData();
        this.payloads = payloads;
        this.marker = marker;
        this.markerBytes = marker.getBytes(StandardCharsets.UTF_8);
    }

    public ResultSetMetaData getMetaData() {
        return columns;
    }

    public boolean next() throws SQLException {
        JavaHeap.keepSmall();
        return rows.next();
    }

    /// A value as text; what is binary as the text it is, or with escapes if it is none.
    ///
    /// @param column from 1
    public @Nullable String getString(int column) throws SQLException {
        int type = columns.getColumnType(column);
        if (type == Types.BLOB) {
            byte[] bytes = getBytes(column);
            return bytes == null ? null : text(bytes);
        }
        String value = rows.getString(column);
        if (value == null) {
            return null;
        }
        if (type == Types.TIMESTAMP_WITH_TIMEZONE || type == Types.TIME) {
            return withSeconds(value);
        }
        if (!value.startsWith(marker)) {
            return value;
        }
        String hash = value.substring(marker.length());
        return payload(hash)
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .orElse(hash);
    }

    /// A value that was small enough to stay in its row, as text; nothing for one that is a payload.
    public Optional<String> inRow(int column) throws SQLException {
        return Optional.ofNullable(rows.getString(column)).filter(value -> !value.startsWith(marker));
    }

    /// The same by the column's name.
    public @Nullable String getString(String column) throws SQLException {
        return getString(rows.findColumn(column));
    }

    /// A binary value.
    public byte @Nullable [] getBytes(int column) throws SQLException {
        byte[] bytes = rows.getBytes(column);
        if (bytes == null || !startsWithMarker(bytes)) {
            return bytes;
        }
        byte[] hash = Arrays.copyOfRange(bytes, markerBytes.length, bytes.length);
        return payload(new String(hash, StandardCharsets.US_ASCII)).orElse(hash);
    }

    /// Writes a binary value in pieces, so that memory does not grow with it; nothing if there is none.
    public void copyBytes(int column, OutputStream out) throws SQLException, IOException {
        byte[] bytes = rows.getBytes(column);
        if (bytes == null) {
            return;
        }
        if (startsWithMarker(bytes)) {
            String hash =
                    new String(bytes, markerBytes.length, bytes.length - markerBytes.length, StandardCharsets.US_ASCII);
            try {
                if (!payloads.copy(hash, out)) {
                    out.write(hash.getBytes(StandardCharsets.US_ASCII));
                }
            } catch (QueryException e) {
                throw new SQLException(e.getMessage(), e);
            }
        } else {
            out.write(bytes);
        }
    }

    /// A value as the engine has it.
    public @Nullable Object getObject(int column) throws SQLException {
        return isBinary(column) ? getString(column) : rows.getObject(column);
    }

    /// A time as it is read by all: Java leaves out seconds that are zero.
    static String withSeconds(String time) {
        return WITHOUT_SECONDS.matcher(time).replaceFirst("$1:00$2");
    }

    private boolean isBinary(int column) throws SQLException {
        return columns.getColumnType(column) == Types.BLOB;
    }

    private boolean startsWithMarker(byte[] bytes) {
        return bytes.length > markerBytes.length
                && Arrays.equals(bytes, 0, markerBytes.length, markerBytes, 0, markerBytes.length);
    }

    private Optional<byte[]> payload(String hash) throws SQLException {
        try {
            return payloads.value(hash);
        } catch (QueryException e) {
            throw new SQLException(e.getMessage(), e);
        }
    }

    private static String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            StringBuilder out = new StringBuilder(2 * bytes.length);
            for (byte b : bytes) {
                if (b >= ' ' && b < 0x7f && b != '\\') {
                    out.append((char) b);
                } else {
                    out.append("\\x%02X".formatted(b & 0xff));
                }
            }
            return out.toString();
        }
    }
}
