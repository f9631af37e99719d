package io.hypaware.search;

import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.apache.lucene.analysis.miscellaneous.LengthFilter;
import org.apache.lucene.analysis.miscellaneous.WordDelimiterFilter;
import org.apache.lucene.analysis.miscellaneous.WordDelimiterGraphFilter;
import org.apache.lucene.analysis.standard.StandardTokenizer;

/// Words of prose and of code. An identifier is the words that it is made of, one after the other: `parseHeader`,
/// `parse_header` and `parse.header` are found by `header`, by `parse header` and by each other. In the index it stands
/// as one word, too, so that `parseheader` and `parsehe*` find it.
final class CodeAnalyzer extends Analyzer {

    /// What is longer is no word: keys, hashes of hashes, pictures.
    private static final int LONGEST = 64;

    private static final int PARTS = WordDelimiterGraphFilter.GENERATE_WORD_PARTS
            | WordDelimiterGraphFilter.GENERATE_NUMBER_PARTS
            | WordDelimiterGraphFilter.SPLIT_ON_CASE_CHANGE;

    private final boolean indexes;

    private CodeAnalyzer(boolean indexes) {
        this.indexes = indexes;
    }

    /// For what is put into the index.
    static CodeAnalyzer ofIndex() {
        return new CodeAnalyzer(true);
    }

    /// For what is looked for.
    static CodeAnalyzer ofQuery() {
        return new CodeAnalyzer(false);
    }

    @Override
    protected Reader initReader(String field, Reader text) {
        return new Parted(text);
    }

    @Override
    protected TokenStreamComponents createComponents(String field) {
        StandardTokenizer words = new StandardTokenizer();
        TokenStream parts = indexes ? flat(words) : new WordDelimiterGraphFilter(words, PARTS, null);
        return new TokenStreamComponents(words, new LengthFilter(normalize(field, parts), 1, LONGEST));
    }

    /// An index takes no graph; what flattens one costs as much as all else.
    @SuppressWarnings("deprecation")
    private static TokenStream flat(TokenStream words) {
        return new WordDelimiterFilter(words, PARTS | WordDelimiterFilter.CATENATE_ALL, null);
    }

    @Override
    protected TokenStream normalize(String field, TokenStream words) {
        return new ASCIIFoldingFilter(new LowerCaseFilter(words));
    }

    /// A text in which dots and colons part words, which the tokenizer takes for parts of one. Characters stay where
    /// they are.
    private static final class Parted extends FilterReader {

        Parted(Reader text) {
            super(text);
        }

        @Override
        public int read(char[] buffer, int offset, int length) throws IOException {
            int count = in.read(buffer, offset, length);
            for (int i = offset; i < offset + count; i++) {
                if (buffer[i] == '.' || buffer[i] == ':') {
                    buffer[i] = ' ';
                }
            }
            return count;
        }

        @Override
        public int read() throws IOException {
            int c = in.read();
            return c == '.' || c == ':' ? ' ' : c;
        }
    }
}
