package io.hypaware.search;

import io.hypaware.dataset.Hashes;
import io.hypaware.journal.Micros;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.document.LongField;
import org.apache.lucene.document.LongPoint;
import org.apache.lucene.document.SortedDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.search.Query;
import org.apache.lucene.util.BytesRef;

/// The fields of the index's documents, one for each part.
final class Fields {

    /// Changes when what is in the index does: then it is made again.
    static final String VERSION = "1";

    static final String TEXT = "text";
    static final String ROW = "row";
    static final String SESSION = "session";
    static final String CONVERSATION = "conversation";
    static final String CLIENT = "client";
    static final String ROLE = "role";
    static final String TOOL = "tool";
    static final String AT = "at";
    static final String ADOPTED = "adopted";

    /// Of a text that may be said again: its hash.
    static final String ORIGINAL = "original";

    /// Of a part whose text stands on another one of the same day: that one's hash.
    static final String REPEATS = "repeats";

    /// A shorter text costs no more than to say that it is known.
    static final int LONG_TEXT = 200;

    private static final int HASH_BYTES = 12;

    private static final int LONGEST_KEYWORD = 256;

    private static final FieldType POSTINGS = new FieldType();

    static {
        POSTINGS.setTokenized(true);
        POSTINGS.setIndexOptions(IndexOptions.DOCS_AND_FREQS_AND_POSITIONS);
        POSTINGS.freeze();
    }

    /// The text's name within its day, as what is recorded is kept and dropped by days.
    static String hash(IndexedPart part) {
        MessageDigest digest = Hashes.sha256();
        digest.update(part.at().atZone(ZoneOffset.UTC).toLocalDate().toString().getBytes(StandardCharsets.UTF_8));
        digest.update(part.text().getBytes(StandardCharsets.UTF_8));
        byte[] hash = new byte[HASH_BYTES];
        System.arraycopy(digest.digest(), 0, hash, 0, HASH_BYTES);
        return Base64.getEncoder().encodeToString(hash);
    }

    /// Without its text.
    static Document document(IndexedPart part) {
        Document document = new Document();
        document.add(new StoredField(ROW, part.rowId()));
        document.add(new StoredField(CONVERSATION, part.conversation()));
        document.add(new LongField(AT, Micros.of(part.at()), Field.Store.NO));
        keyword(document, SESSION, part.session());
        keyword(document, CLIENT, part.client());
        keyword(document, ROLE, part.role());
        keyword(document, TOOL, part.tool());
        if (part.adopted() != 0) {
            keyword(document, ADOPTED, Long.toString(part.adopted()));
        }
        return document;
    }

    static void keyword(Document document, String name, String value) {
        if (!value.isEmpty()) {
            document.add(new StringField(name, term(value), Field.Store.NO));
        }
    }

    /// A keyword as the index has it, which takes none that is much longer.
    static String term(String value) {
        return value.length() > LONGEST_KEYWORD ? Hashes.shortHash(value) : value;
    }

    static Field text(String text) {
        return new Field(TEXT, text, POSTINGS);
    }

    static SortedDocValuesField value(String name, String value) {
        return new SortedDocValuesField(name, new BytesRef(value));
    }

    static Query before(Instant first) {
        return LongPoint.newRangeQuery(AT, Long.MIN_VALUE, Micros.of(first) - 1);
    }

    private Fields() {}
}
