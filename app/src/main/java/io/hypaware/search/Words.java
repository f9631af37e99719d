package io.hypaware.search;

import java.util.Map;
import java.util.Optional;
import org.apache.lucene.queryparser.simple.SimpleQueryParser;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.Query;

/// What people type, as a query. Nothing of it is an operator but quotes and a star at a word's end, since code and
/// command lines are full of the others.
final class Words {

    private static final int FLAGS = SimpleQueryParser.PHRASE_OPERATOR
            | SimpleQueryParser.PREFIX_OPERATOR
            | SimpleQueryParser.WHITESPACE_OPERATOR;

    /// @return nothing if there is no word in it
    static Optional<Query> of(String words) {
        Parser parser = new Parser();
        parser.setDefaultOperator(Occur.MUST);
        Query query = parser.parse(words);
        return query == null || query instanceof MatchNoDocsQuery || query instanceof MatchAllDocsQuery
                ? Optional.empty()
                : Optional.of(query);
    }

    /// An identifier or a path is the words that it is made of, one after the other.
    private static final class Parser extends SimpleQueryParser {

        Parser() {
            super(CodeAnalyzer.ofQuery(), Map.of(Fields.TEXT, 1f), FLAGS);
        }

        @Override
        protected Query newDefaultQuery(String text) {
            return createPhraseQuery(Fields.TEXT, text);
        }
    }

    private Words() {}
}
