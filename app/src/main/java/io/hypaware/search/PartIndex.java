package io.hypaware.search;

import io.hypaware.home.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.LockObtainFailedException;
import org.apache.lucene.store.NIOFSDirectory;
import org.apache.lucene.util.BytesRef;

/// The index as it is written, by one process at a time. What was added counts with [#commit]: parts and position at
/// once, so that dying repeats and misses nothing.
///
/// Of one thread.
public final class PartIndex implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(PartIndex.class.getName());

    private static final double BUFFER_MB = 16;

    /// Of a look-up, in hashes that are read one after the other.
    private static final int LOOK_UP_COST = 40;

    private static final String VERSION = "hyp.version";

    private final FSDirectory directory;
    private final IndexWriter writer;
    private Optional<DirectoryReader> committed;
    /// Of long texts that were added since the last commit.
    private final Set<String> added = new HashSet<>();

    /// Of all long texts, once many were looked up.
    private Optional<KnownHashes> known = Optional.empty();

    private long lookedUp;

    private Position position;

    private PartIndex(FSDirectory directory, IndexWriter writer) throws IOException {
        this.directory = directory;
        this.writer = writer;
        Map<String, String> data = new HashMap<>();
        writer.getLiveCommitData().forEach(entry -> data.put(entry.getKey(), entry.getValue()));
        this.position = Position.of(data);
        this.committed = reader(directory);
        if (committed.isPresent() && !Fields.VERSION.equals(data.get(VERSION))) {
            clear();
        }
    }

    /// Opens the index, and makes an empty one where there is none, or none that can be read: it is made of rows that
    /// are all still there.
    ///
    /// @return nothing while another process writes it
    public static Optional<PartIndex> open(Path folder) throws IOException {
        try {
            return Optional.of(opened(folder));
        } catch (LockObtainFailedException e) {
            return Optional.empty();
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.WARNING, "the search index cannot be read, and is made again", e);
            drop(folder);
            return Optional.of(opened(folder));
        }
    }

    /// Forgets an index, which the next one is made in place of.
    private static void drop(Path folder) throws IOException {
        Folders.deleteIfThere(folder);
    }

    private static PartIndex opened(Path folder) throws IOException {
        Files.createDirectories(folder);
        // Mapped files would count as memory of this process.
        FSDirectory directory = new NIOFSDirectory(folder);
        try {
            IndexWriterConfig config = new IndexWriterConfig(CodeAnalyzer.ofIndex());
            config.setRAMBufferSizeMB(BUFFER_MB).setCommitOnClose(false);
            config.setMergeScheduler(new SerialMergeScheduler());
            IndexWriter writer = new IndexWriter(directory, config);
            try {
                return new PartIndex(directory, writer);
            } catch (IOException | RuntimeException e) {
                writer.rollback();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    private static Optional<DirectoryReader> reader(FSDirectory directory) throws IOException {
        return DirectoryReader.indexExists(directory) ? Optional.of(DirectoryReader.open(directory)) : Optional.empty();
    }

    /// How far it has come.
    public Position position() {
        return position;
    }

    /// Forgets everything, with the next commit.
    public void clear() throws IOException {
        writer.deleteAll();
        added.clear();
        position = Position.NONE;
        close(committed);
        committed = Optional.empty();
    }

    /// Forgets what was adopted under a number, to take it anew.
    public void forgetAdopted(long number) throws IOException {
        writer.deleteDocuments(new Term(Fields.ADOPTED, Long.toString(number)));
    }

    /// Forgets what is older than the first that is kept.
    public void forgetBefore(Instant first) throws IOException {
        writer.deleteDocuments(Fields.before(first));
    }

    public void add(IndexedPart part) throws IOException {
        Document document = Fields.document(part);
        // What was adopted may be taken anew, and would take its text along.
        if (part.text().length() >= Fields.LONG_TEXT && part.adopted() == 0) {
            String hash = Fields.hash(part);
            BytesRef bytes = new BytesRef(hash);
            if (added.contains(hash) || isCommitted(bytes)) {
                Fields.keyword(document, Fields.REPEATS, hash);
                writer.addDocument(document);
                return;
            }
            added.add(hash);
            known.ifPresent(all -> all.put(bytes));
            Fields.keyword(document, Fields.ORIGINAL, hash);
            document.add(Fields.value(Fields.ORIGINAL, hash));
        }
        document.add(Fields.text(part.text()));
        writer.addDocument(document);
    }

    private boolean isCommitted(BytesRef hash) throws IOException {
        if (committed.isEmpty() || !mayBeKnown(hash)) {
            return false;
        }
        for (LeafReaderContext leaf : committed.get().leaves()) {
            Terms terms = leaf.reader().terms(Fields.ORIGINAL);
            if (terms != null && terms.iterator().seekExact(hash)) {
                return true;
            }
        }
        return false;
    }

    /// Looking a hash up reads the disk for each segment, so that after many it pays to have read all of them once.
    private boolean mayBeKnown(BytesRef hash) throws IOException {
        if (known.isEmpty() && ++lookedUp * LOOK_UP_COST > originals()) {
            KnownHashes all = new KnownHashes();
            for (LeafReaderContext leaf : committed.orElseThrow().leaves()) {
                Terms terms = leaf.reader().terms(Fields.ORIGINAL);
                if (terms != null) {
                    TermsEnum each = terms.iterator();
                    for (BytesRef term = each.next(); term != null; term = each.next()) {
                        all.put(term);
                    }
                }
            }
            added.forEach(one -> all.put(new BytesRef(one)));
            known = Optional.of(all);
        }
        return known.isEmpty() || known.get().mayHave(hash);
    }

    private long originals() throws IOException {
        long originals = 0;
        for (LeafReaderContext leaf : committed.orElseThrow().leaves()) {
            Terms terms = leaf.reader().terms(Fields.ORIGINAL);
            originals += terms == null ? 0 : terms.size();
        }
        return originals;
    }

    /// From now on all that was added and forgotten is so, and the index has come as far as `to`.
    public void commit(Position to) throws IOException {
        Map<String, String> data = new HashMap<>(to.toMap());
        data.put(VERSION, Fields.VERSION);
        writer.setLiveCommitData(data.entrySet());
        writer.commit();
        position = to;
        added.clear();
        close(committed);
        committed = reader(directory);
    }

    /// What was forgotten since the last commit is so from now on.
    public void commitForgotten() throws IOException {
        if (writer.hasUncommittedChanges()) {
            commit(position);
        }
    }

    private static void close(Optional<DirectoryReader> reader) throws IOException {
        if (reader.isPresent()) {
            reader.get().close();
        }
    }

    /// Without a commit before, nothing has happened.
    @Override
    public void close() throws IOException {
        try {
            close(committed);
        } finally {
            writer.rollback();
            directory.close();
        }
    }
}
