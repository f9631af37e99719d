package io.hypaware.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Reader;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.core.WhitespaceTokenizer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Documents are added on two threads, all of them, and what goes wrong on the other one is not lost.
class SharedIndexingTest {

    private static final int DOCUMENTS = 20_000;
    private static final int SMALL = 1_000;
    private static final int LARGE = 64 << 20;

    private final Set<Thread> at = ConcurrentHashMap.newKeySet();
    private final Directory directory = new ByteBuffersDirectory();
    private IndexWriter writer;

    @BeforeEach
    void opened() throws Exception {
        writer = new IndexWriter(directory, new IndexWriterConfig(new Noting()));
    }

    @AfterEach
    void closed() throws Exception {
        writer.rollback();
        directory.close();
    }

    @Test
    void allIsThereOnceItIsWaitedFor() throws Exception {
        try (SharedIndexing indexing = new SharedIndexing(writer)) {
            for (int i = 0; i < DOCUMENTS; i++) {
                indexing.add(document("text " + i), SMALL);
            }
            indexing.await();
            assertThat(writer.getDocStats().numDocs).isEqualTo(DOCUMENTS);
        }
        assertThat(at).hasSize(2).contains(Thread.currentThread());
    }

    @Test
    void whatIsLargerThanAllRoomIsAddedByTheCaller() throws Exception {
        try (SharedIndexing indexing = new SharedIndexing(writer)) {
            indexing.add(document("large"), LARGE);
        }
        assertThat(at).containsExactly(Thread.currentThread());
        assertThat(writer.getDocStats().numDocs).isEqualTo(1);
    }

    @Test
    void whatFailsOnTheOtherThreadIsToldToTheCaller() throws Exception {
        try (SharedIndexing indexing = new SharedIndexing(writer)) {
            Document refused = document("text");
            refused.add(new StringField("name", "x".repeat(IndexWriter.MAX_TERM_LENGTH + 1), Field.Store.NO));
            indexing.add(refused, SMALL);
            assertThatThrownBy(indexing::await).hasMessageContaining("immense term");
            assertThatThrownBy(() -> indexing.add(document("later"), LARGE)).hasMessageContaining("immense term");
        }
    }

    private static Document document(String text) {
        Document document = new Document();
        document.add(Fields.text(text));
        return document;
    }

    /// Notes on which thread a text is taken apart.
    private final class Noting extends Analyzer {

        @Override
        protected Reader initReader(String field, Reader text) {
            at.add(Thread.currentThread());
            return text;
        }

        @Override
        protected TokenStreamComponents createComponents(String field) {
            return new TokenStreamComponents(new WhitespaceTokenizer());
        }
    }
}
