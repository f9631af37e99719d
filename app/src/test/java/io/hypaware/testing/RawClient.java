package io.hypaware.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/// A client that writes and reads bare bytes.
public final class RawClient implements AutoCloseable {

    private final Socket socket;

    public RawClient(int port) throws IOException {
        this.socket = new Socket("127.0.0.1", port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(10_000);
    }

    public void write(String text) throws IOException {
        write(text.getBytes(StandardCharsets.UTF_8));
    }

    public void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    /// Sends no more, and goes on reading.
    public void endOutput() throws IOException {
        socket.shutdownOutput();
    }

    /// Reads until a text has come.
    public String readUntil(String text) throws IOException {
        StringBuilder read = new StringBuilder();
        while (!read.toString().contains(text)) {
            int c = socket.getInputStream().read();
            if (c < 0) {
                throw new IOException("the connection ended after: " + read);
            }
            read.append((char) c);
        }
        return read.toString();
    }

    /// Reads that many bytes, as characters.
    public String read(int length) throws IOException {
        byte[] bytes = socket.getInputStream().readNBytes(length);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /// Reads to the end and counts.
    public long countAll() throws IOException {
        return socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    }

    /// Reads until the connection ends, cleanly or not.
    public String readAll() throws IOException {
        StringBuilder read = new StringBuilder();
        InputStream in = socket.getInputStream();
        try {
            for (int c = in.read(); c >= 0; c = in.read()) {
                read.append((char) c);
            }
        } catch (SocketException e) {
            read.append("<reset>");
        }
        return read.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
