package io.hypaware.search;

import io.hypaware.journal.Micros;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.LongPoint;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.IndexNotFoundException;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.index.SortedDocValues;
import org.apache.lucene.index.SortedNumericDocValues;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.ConstantScoreQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.search.SortedNumericSortField;
import org.apache.lucene.search.TermInSetQuery;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.BytesRef;

/// The index as it is read, as it was when this was opened.
public final class PartSearch implements AutoCloseable {

    private static final Set<String> SHOWN = Set.of(Fields.ROW, Fields.CONVERSATION);

    private static final Sort BEST =
            new Sort(SortField.FIELD_SCORE, new SortedNumericSortField(Fields.AT, SortField.Type.LONG, true));

    /// Texts that fit best, of those that are said several times.
    private static final int MOST_REPEATED = 200;

    private final FSDirectory directory;
    private final DirectoryReader reader;
    private final IndexSearcher searcher;

    private PartSearch(FSDirectory directory, DirectoryReader reader) {
        this.directory = directory;
        this.reader = reader;
        this.searcher = new IndexSearcher(reader);
    }

    /// @return nothing where there is no index yet
    public static Optional<PartSearch> open(Path folder) throws IOException {
        FSDirectory directory = FSDirectory.open(folder);
        try {
            return Optional.of(new PartSearch(directory, DirectoryReader.open(directory)));
        } catch (IndexNotFoundException e) {
            directory.close();
            return Optional.empty();
        } catch (IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    /// How many parts are in it.
    public int parts() {
        return reader.numDocs();
    }

    /// How far it has come.
    public Position position() throws IOException {
        return Position.of(reader.getIndexCommit().getUserData());
    }

    /// What fits, the best first; of what fits alike, the newest.
    public List<Hit> find(Search search) throws IOException {
        Optional<Query> words = Words.of(search.words());
        if (words.isEmpty()) {
            return List.of();
        }
        List<Hit> hits = new ArrayList<>();
        for (ScoreDoc doc : best(filtered(words.get(), search), search.limit())) {
            hits.add(hit(doc.doc, doc.score));
        }
        // What is asked for may only repeat what was said elsewhere.
        if (search.isFiltered()) {
            hits.addAll(repeats(words.get(), search));
        }
        hits.sort(Comparator.comparingDouble(Hit::score)
                .reversed()
                .thenComparing(Comparator.comparing(Hit::at).reversed()));
        return List.copyOf(hits.subList(0, Math.min(search.limit(), hits.size())));
    }

    private ScoreDoc[] best(Query query, int limit) throws IOException {
        return searcher.search(query, limit, BEST, true).scoreDocs;
    }

    private List<Hit> repeats(Query words, Search search) throws IOException {
        List<BytesRef> repeated = repeated();
        if (repeated.isEmpty()) {
            return List.of();
        }
        Query originals = new BooleanQuery.Builder()
                .add(words, Occur.MUST)
                .add(new TermInSetQuery(Fields.ORIGINAL, repeated), Occur.FILTER)
                .build();
        Map<String, Float> scores = new HashMap<>();
        for (ScoreDoc doc : searcher.search(originals, MOST_REPEATED).scoreDocs) {
            Optional<String> hash = original(doc.doc);
            hash.ifPresent(name -> scores.merge(name, doc.score, Math::max));
        }
        List<Hit> hits = new ArrayList<>();
        for (Map.Entry<String, Float> text : scores.entrySet()) {
            Query repeats = new ConstantScoreQuery(new TermQuery(new Term(Fields.REPEATS, text.getKey())));
            for (ScoreDoc doc : best(filtered(repeats, search), search.limit())) {
                hits.add(hit(doc.doc, text.getValue()));
            }
        }
        return hits;
    }

    /// Of the texts that are said several times.
    private List<BytesRef> repeated() throws IOException {
        List<BytesRef> hashes = new ArrayList<>();
        for (LeafReaderContext leaf : reader.leaves()) {
            Terms terms = leaf.reader().terms(Fields.REPEATS);
            if (terms != null) {
                TermsEnum each = terms.iterator();
                for (BytesRef term = each.next(); term != null; term = each.next()) {
                    hashes.add(BytesRef.deepCopyOf(term));
                }
            }
        }
        return hashes;
    }

    private Optional<String> original(int doc) throws IOException {
        LeafReaderContext leaf = leaf(doc);
        SortedDocValues values = DocValues.getSorted(leaf.reader(), Fields.ORIGINAL);
        return values.advanceExact(doc - leaf.docBase)
                ? Optional.of(values.lookupOrd(values.ordValue()).utf8ToString())
                : Optional.empty();
    }

    private static Query filtered(Query words, Search search) {
        BooleanQuery.Builder query = new BooleanQuery.Builder().add(words, Occur.MUST);
        search.session().ifPresent(value -> keyword(query, Fields.SESSION, value));
        search.role().ifPresent(value -> keyword(query, Fields.ROLE, value));
        search.tool().ifPresent(value -> keyword(query, Fields.TOOL, value));
        search.client().ifPresent(value -> keyword(query, Fields.CLIENT, value));
        search.since()
                .ifPresent(since ->
                        query.add(LongPoint.newRangeQuery(Fields.AT, Micros.of(since), Long.MAX_VALUE), Occur.FILTER));
        return query.build();
    }

    private static void keyword(BooleanQuery.Builder query, String field, String value) {
        query.add(new TermQuery(new Term(field, Fields.term(value))), Occur.FILTER);
    }

    private Hit hit(int doc, float score) throws IOException {
        Document document = searcher.storedFields().document(doc, SHOWN);
        return new Hit(document.get(Fields.ROW), document.get(Fields.CONVERSATION), at(doc), score);
    }

    private Instant at(int doc) throws IOException {
        LeafReaderContext leaf = leaf(doc);
        SortedNumericDocValues values = DocValues.getSortedNumeric(leaf.reader(), Fields.AT);
        return values.advanceExact(doc - leaf.docBase) ? Micros.toInstant(values.nextValue()) : Instant.EPOCH;
    }

    private LeafReaderContext leaf(int doc) {
        return reader.leaves().get(ReaderUtil.subIndex(doc, reader.leaves()));
    }

    @Override
    public void close() throws IOException {
        try {
            reader.close();
        } finally {
            directory.close();
        }
    }
}
