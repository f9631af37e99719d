package io.hypaware.receiver;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Writes `google.rpc.Status`, in which OTLP says what went wrong. Three fields of it are all that is needed, so that
/// the
/// gateway loads no library for them.
final class RpcStatus {

    // Fields of the messages: number << 3 | wire type, 0 a varint and 2 bytes with their length.
    private static final int STATUS_CODE = 1 << 3;
    private static final int STATUS_MESSAGE = (2 << 3) | 2;
    private static final int STATUS_DETAILS = (3 << 3) | 2;
    private static final int ANY_TYPE_URL = (1 << 3) | 2;
    private static final int ANY_VALUE = (2 << 3) | 2;
    private static final int RETRY_INFO_DELAY = (1 << 3) | 2;
    private static final int DURATION_SECONDS = 1 << 3;

    /// With `google.rpc.RetryInfo` where it is worth coming again.
    static byte[] of(Refusal refusal) {
        ByteArrayOutputStream status = new ByteArrayOutputStream();
        number(status, STATUS_CODE, refusal.code());
        bytes(status, STATUS_MESSAGE, refusal.message().getBytes(StandardCharsets.UTF_8));
        if (refusal.retrySeconds() > 0) {
            bytes(status, STATUS_DETAILS, retryInfo(refusal.retrySeconds()));
        }
        return status.toByteArray();
    }

    private static byte[] retryInfo(int seconds) {
        ByteArrayOutputStream duration = new ByteArrayOutputStream();
        number(duration, DURATION_SECONDS, seconds);
        ByteArrayOutputStream retryInfo = new ByteArrayOutputStream();
        bytes(retryInfo, RETRY_INFO_DELAY, duration.toByteArray());
        ByteArrayOutputStream any = new ByteArrayOutputStream();
        bytes(any, ANY_TYPE_URL, "type.googleapis.com/google.rpc.RetryInfo".getBytes(StandardCharsets.US_ASCII));
        bytes(any, ANY_VALUE, retryInfo.toByteArray());
        return any.toByteArray();
    }

    private static void number(ByteArrayOutputStream out, int tag, int value) {
        out.write(tag);
        varint(out, value);
    }

    private static void bytes(ByteArrayOutputStream out, int tag, byte[] value) {
        out.write(tag);
        varint(out, value.length);
        out.writeBytes(value);
    }

    private static void varint(ByteArrayOutputStream out, int value) {
        int rest = value;
        while (rest > 0x7f) {
            out.write((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
    }

    private RpcStatus() {}
}
