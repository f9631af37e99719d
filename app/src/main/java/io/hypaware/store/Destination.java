package io.hypaware.store;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A place for whole files by key. A file is there completely or not at all, whatever dies when: nobody sees a part
/// of one. What throws has changed nothing that can be seen, or the whole; the same call made again is right.
///
/// Used by one thread at a time, but for [#get].
public interface Destination extends AutoCloseable {

    /// More than that no listing holds.
    int MOST_LISTED = 100_000;

    /// A file that is there.
    ///
    /// @param modified when it was last put, as the place says
    record StoredFile(ObjectKey key, long size, Instant modified) {}

    /// Puts a file in place of what may be there.
    ///
    /// @throws StoreException if it could not
    void put(ObjectKey key, Content content) throws StoreException;

    /// Puts a file where none is, decided by the place itself: of several who try, one does.
    ///
    /// @return false if there is one, which stays as it is
    /// @throws StoreException if it could not; then the file may be there all the same, as an answer can be lost
    boolean putIfAbsent(ObjectKey key, Content content) throws StoreException;

    /// The bytes of a file, empty if there is none. What reading throws besides is an IOException of the stream.
    ///
    /// @throws StoreException if that cannot be told
    Optional<InputStream> get(ObjectKey key) throws StoreException;

    /// How long a file is, empty if there is none.
    ///
    /// @throws StoreException if that cannot be told
    Optional<StoredFile> stat(ObjectKey key) throws StoreException;

    /// All files below a folder, however deep, in the order of their keys.
    ///
    /// @throws StoreException if they are more than [#MOST_LISTED], or cannot be listed
    List<StoredFile> list(ObjectKey folder) throws StoreException;

    /// Deletes a file; nothing if there is none.
    ///
    /// @throws StoreException if it could not
    void delete(ObjectKey key) throws StoreException;

    /// The address under which others find the file: a `file:` or `s3:` URI.
    String location(ObjectKey key);

    /// A short file as a whole, empty if there is none.
    ///
    /// @throws StoreException if it is longer than `most`, or cannot be read
    default Optional<byte[]> read(ObjectKey key, int most) throws StoreException {
        Optional<InputStream> opened = get(key);
        if (opened.isEmpty()) {
            return Optional.empty();
        }
        try (InputStream in = opened.get()) {
            byte[] bytes = in.readNBytes(most);
            if (in.read() >= 0) {
                throw new StoreException(
                        StoreException.Kind.TOO_LARGE, location(key) + " is longer than " + most + " bytes");
            }
            return Optional.of(bytes);
        } catch (StoreException e) {
            throw e;
        } catch (IOException e) {
            throw new StoreException(StoreException.Kind.GET_FAILED, location(key) + " cannot be read", e);
        }
    }

    @Override
    void close();
}
