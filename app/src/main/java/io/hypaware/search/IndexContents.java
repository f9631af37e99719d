package io.hypaware.search;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.IndexableField;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.store.NIOFSDirectory;
import org.apache.lucene.util.BytesRef;

/// Everything that stands in the index, of deleted documents, too.
public final class IndexContents {

    /// Hands over each term of names, and each stored value. Words of texts are single ones, and no text.
    ///
    /// @return how many documents are marked as deleted
    public static long read(Path folder, Consumer<byte[]> taker) throws IOException {
        try (NIOFSDirectory directory = new NIOFSDirectory(folder);
                DirectoryReader reader = DirectoryReader.open(directory)) {
            for (LeafReaderContext leaf : reader.leaves()) {
                stored(leaf.reader(), taker);
                for (FieldInfo field : leaf.reader().getFieldInfos()) {
                    Terms terms = leaf.reader().terms(field.name);
                    if (terms != null) {
                        terms(terms, taker);
                    }
                }
            }
            return reader.numDeletedDocs();
        }
    }

    private static void stored(LeafReader reader, Consumer<byte[]> taker) throws IOException {
        var documents = reader.storedFields();
        for (int i = 0; i < reader.maxDoc(); i++) {
            for (IndexableField field : documents.document(i)) {
                String value = field.stringValue();
                if (value != null) {
                    taker.accept(value.getBytes(StandardCharsets.UTF_8));
                }
            }
        }
    }

    private static void terms(Terms terms, Consumer<byte[]> taker) throws IOException {
        TermsEnum each = terms.iterator();
        for (BytesRef term = each.next(); term != null; term = each.next()) {
            taker.accept(BytesRef.deepCopyOf(term).bytes);
        }
    }

    private IndexContents() {}
}
