package io.hypaware.search;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.SortedDocValues;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.search.TermInSetQuery;
import org.apache.lucene.util.BytesRef;

/// Which texts of some documents others only repeat.
final class Repeated {

    private static final Set<String> SHOWN = Set.of(Fields.ROW);

    private final IndexSearcher searcher;

    Repeated(IndexSearcher searcher) {
        this.searcher = searcher;
    }

    /// Takes a document.
    @FunctionalInterface
    private interface Taker {
        void take(LeafReaderContext leaf, int doc) throws IOException;
    }

    /// Texts that stand on these documents, by their hashes.
    Set<String> originals(Query theirs) throws IOException {
        Set<String> hashes = new HashSet<>();
        each(theirs, (leaf, doc) -> {
            SortedDocValues values = DocValues.getSorted(leaf.reader(), Fields.ORIGINAL);
            if (values.advanceExact(doc)) {
                hashes.add(values.lookupOrd(values.ordValue()).utf8ToString());
            }
        });
        return hashes;
    }

    /// Rows of other documents that repeat some texts.
    List<String> repeating(Collection<String> hashes, Query theirs) throws IOException {
        List<String> rows = new ArrayList<>();
        Query others = new BooleanQuery.Builder()
                .add(
                        new TermInSetQuery(
                                Fields.REPEATS,
                                hashes.stream().map(BytesRef::new).toList()),
                        Occur.FILTER)
                .add(theirs, Occur.MUST_NOT)
                .build();
        each(others, (leaf, doc) -> {
            Document document = leaf.reader().storedFields().document(doc, SHOWN);
            rows.add(document.get(Fields.ROW));
        });
        return rows;
    }

    private void each(Query query, Taker taker) throws IOException {
        var weight = searcher.createWeight(searcher.rewrite(query), ScoreMode.COMPLETE_NO_SCORES, 1);
        for (LeafReaderContext leaf : searcher.getIndexReader().leaves()) {
            Scorer scorer = weight.scorer(leaf);
            if (scorer != null) {
                var live = leaf.reader().getLiveDocs();
                DocIdSetIterator docs = scorer.iterator();
                for (int doc = docs.nextDoc(); doc != DocIdSetIterator.NO_MORE_DOCS; doc = docs.nextDoc()) {
                    if (live == null || live.get(doc)) {
                        taker.take(leaf, doc);
                    }
                }
            }
        }
    }
}
