package io.hypaware.payload;

import io.hypaware.dataset.Hashes;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.zip.CRC32;

/// Stores one value as its elements: large pieces become payloads of their own, small ones stand between them.
///
/// Parts are gathered in groups that end where the content says, so that a value that is another one with something
/// added, changed or left out shares all groups but those at that place; a history of a thousand messages costs a
/// few hashes more with each turn, not a thousand. Memory is bounded by one group, and a hash for each.
public final class ValueBuilder {

    /// Takes payloads: elements before the values that are made of them.
    @FunctionalInterface
    public interface Store {

        /// Keeps a payload unless it is kept already.
        ///
        /// @param payload asked only if it is not
        void put(String hash, Supplier<Payload> payload);

        /// What need not be computed again.
        default HashCache hashes() {
            return new HashCache(0);
        }
    }

    /// Shorter pieces stand in the list of parts itself.
    static final int ELEMENT_BYTES = 512;

    /// What separates elements says nothing, and ends no group.
    private static final int SEPARATOR_BYTES = 32;

    /// One piece in so many ends its group.
    private static final int GROUP_PIECES = 16;

    private static final int MOST_GROUP_PARTS = 256;
    private static final int MOST_GROUP_LITERALS = 16 * 1024;

    /// Pieces of a group are held until it ends, unless they are more: its hash may be known.
    private static final int MOST_HELD_BYTES = 1 << 20;

    private final Store store;
    private final HashCache hashes;
    private final MessageDigest whole = Hashes.sha256();
    private final List<Part> root = new ArrayList<>();
    private Optional<Group> pending = Optional.empty();
    private Group group = new Group();
    private long size;

    public ValueBuilder(Store store) {
        this.store = store;
        this.hashes = store.hashes();
    }

    /// Stores a value that is at hand in pieces.
    ///
    /// @return what a column holds for it: the value itself if it is small, else its hash
    public static String keep(List<String> pieces, Store store) {
        List<byte[]> encoded = pieces.stream()
                .map(piece -> piece.getBytes(StandardCharsets.UTF_8))
                .toList();
        if (!Payload.isLarge(encoded.stream().mapToLong(bytes -> bytes.length).sum())) {
            String small = String.join("", pieces);
            if (!Payload.isHash(small)) {
                return small;
            }
        }
        ValueBuilder builder = new ValueBuilder(store);
        encoded.forEach(builder::add);
        return builder.finish();
    }

    /// Adds the next bytes of the value.
    public void add(byte[] piece) {
        whole.update(piece);
        size += piece.length;
        group.hold(piece);
        Optional<String> literal = piece.length < ELEMENT_BYTES ? Payload.text(piece) : Optional.empty();
        if (literal.isPresent()) {
            group.literal(literal.get());
            if (piece.length >= SEPARATOR_BYTES && checksum(piece) % GROUP_PIECES == 0) {
                group.ended = true;
            }
        } else {
            String hash = hashes.ofPiece(piece);
            store.put(hash, () -> Payload.of(hash, piece));
            group.add(new Part.Ref(hash));
            group.ended = Integer.parseInt(hash, 0, 4, 16) % GROUP_PIECES == 0;
        }
        if (group.ended || group.isFull()) {
            endGroup();
        }
    }

    /// Stores what stands for the whole.
    ///
    /// @return its hash
    public String finish() {
        endGroup();
        List<Part> parts;
        if (root.isEmpty()) {
            parts = pending.map(g -> g.parts).orElse(List.of());
        } else {
            pending.ifPresent(this::closeGroup);
            parts = root;
        }
        String hash = HexFormat.of().formatHex(whole.digest());
        if (parts.size() == 1 && parts.getFirst() instanceof Part.Ref(String only) && only.equals(hash)) {
            return hash;
        }
        store.put(hash, () -> new Payload(hash, size, content(parts)));
        return hash;
    }

    /// Parts that are all text are stored as a text.
    private static Payload.Content content(List<Part> parts) {
        StringBuilder text = new StringBuilder();
        for (Part part : parts) {
            switch (part) {
                case Part.Literal(String literal) -> text.append(literal);
                case Part.Ref _ -> {
                    return new Payload.Content.Parts(List.copyOf(parts));
                }
            }
        }
        return new Payload.Content.Text(text.toString());
    }

    /// The first group stays pending: if no second follows, its parts are those of the whole.
    private void endGroup() {
        if (group.parts.isEmpty()) {
            return;
        }
        pending.ifPresent(this::closeGroup);
        pending = Optional.of(group);
        group = new Group();
    }

    private void closeGroup(Group closed) {
        pending = Optional.empty();
        if (closed.parts.size() == 1) {
            root.add(closed.parts.getFirst());
            return;
        }
        String hash = hashes.ofParts(closed.parts).orElseGet(() -> {
            String computed = closed.hash();
            hashes.put(closed.parts, computed);
            return computed;
        });
        store.put(hash, () -> new Payload(hash, closed.size, content(closed.parts)));
        root.add(new Part.Ref(hash));
    }

    private static long checksum(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return crc.getValue();
    }

    private static final class Group {

        private final List<Part> parts = new ArrayList<>();
        private final List<byte[]> held = new ArrayList<>();
        private Optional<MessageDigest> digest = Optional.empty();
        private long size;
        private int literals;
        private boolean ended;

        private void hold(byte[] piece) {
            size += piece.length;
            held.add(piece);
            if (size > MOST_HELD_BYTES) {
                digest();
            }
        }

        private MessageDigest digest() {
            MessageDigest begun = digest.orElseGet(Hashes::sha256);
            digest = Optional.of(begun);
            held.forEach(begun::update);
            held.clear();
            return begun;
        }

        private String hash() {
            return HexFormat.of().formatHex(digest().digest());
        }

        private void add(Part part) {
            parts.add(part);
        }

        /// Texts that follow one another are one part.
        private void literal(String text) {
            literals += text.length();
            if (!parts.isEmpty() && parts.getLast() instanceof Part.Literal(String before)) {
                parts.set(parts.size() - 1, new Part.Literal(before + text));
            } else {
                parts.add(new Part.Literal(text));
            }
        }

        private boolean isFull() {
            return parts.size() >= MOST_GROUP_PARTS || literals >= MOST_GROUP_LITERALS;
        }
    }
}
