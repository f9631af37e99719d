package io.hypaware.search;

import io.hypaware.home.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
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
import org.apache.lucene.index.TieredMergePolicy;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.TermInSetQuery;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FileSwitchDirectory;
import org.apache.lucene.store.LockObtainFailedException;
import org.apache.lucene.store.MMapDirectory;
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

    /// Without its text.
    private static final int DOCUMENT_BYTES = 2_000;

    /// More are not added one by one.
    private static final int MOST_TORN = 20_000;

    private static final String VERSION = "hyp.version";

    /// Norms are read for each posting that is written, in no order that a buffer would hold.
    private static final Set<String> MAPPED = Set.of("nvd");

    private final Directory directory;
    private final IndexWriter writer;
    private final SharedIndexing indexing;
    private Optional<DirectoryReader> committed;
    /// Of long texts that were added since the last commit.
    private final Set<String> added = new HashSet<>();

    /// Of long texts that were forgotten since then.
    private final Set<String> forgotten = new HashSet<>();

    /// Of all long texts, once many were looked up.
    private Optional<KnownHashes> known = Optional.empty();

    private long lookedUp;

    private Position position;

    private PartIndex(Directory directory, IndexWriter writer) throws IOException {
        this.directory = directory;
        this.writer = writer;
        this.indexing = new SharedIndexing(writer);
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
        // Mapped files count as memory of this process.
        Directory directory =
                new FileSwitchDirectory(MAPPED, new MMapDirectory(folder), new NIOFSDirectory(folder), true);
        try {
            IndexWriterConfig config = new IndexWriterConfig(CodeAnalyzer.ofIndex());
            config.setRAMBufferSizeMB(BUFFER_MB).setCommitOnClose(false);
            config.setMergeScheduler(new SerialMergeScheduler());
            // What is purged is not to stay because it is little.
            config.setMergePolicy(new TieredMergePolicy().setForceMergeDeletesPctAllowed(0));
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

    private static Optional<DirectoryReader> reader(Directory directory) throws IOException {
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

    /// Forgets sessions, with [#commitPurged]. Other parts may only have said whose text they repeat, and that was one
    /// of theirs: they are forgotten, too, and have to be added again.
    ///
    /// @return their rows; nothing if they are too many, or if some were adopted: then all is to be made again
    public Optional<List<String>> forgetSessions(Collection<String> sessions) throws IOException {
        if (position.hasAdopted()) {
            return Optional.empty();
        }
        List<BytesRef> names = sessions.stream()
                .map(session -> new BytesRef(Fields.term(session)))
                .toList();
        TermInSetQuery theirs = new TermInSetQuery(Fields.SESSION, names);
        List<String> torn = List.of();
        if (committed.isPresent()) {
            Repeated repeated = new Repeated(new IndexSearcher(committed.get()));
            forgotten.addAll(repeated.originals(theirs));
            torn = repeated.repeating(forgotten, theirs);
        }
        if (torn.size() > MOST_TORN) {
            return Optional.empty();
        }
        writer.deleteDocuments(theirs);
        writer.deleteDocuments(new TermInSetQuery(
                Fields.REPEATS, forgotten.stream().map(BytesRef::new).toList()));
        return Optional.of(torn);
    }

    /// Makes what was forgotten so, and leaves nothing of it in any file.
    public void commitPurged() throws IOException {
        indexing.await();
        writer.forceMergeDeletes();
        commit(position);
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
            if (added.contains(hash) || (!forgotten.contains(hash) && isCommitted(bytes))) {
                Fields.keyword(document, Fields.REPEATS, hash);
                indexing.add(document, DOCUMENT_BYTES);
                return;
            }
            added.add(hash);
            known.ifPresent(all -> all.put(bytes));
            Fields.keyword(document, Fields.ORIGINAL, hash);
            document.add(Fields.value(Fields.ORIGINAL, hash));
        }
        document.add(Fields.text(part.text()));
        indexing.add(
                document, DOCUMENT_BYTES + (long) Character.BYTES * part.text().length());
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
        indexing.await();
        writer.setLiveCommitData(data.entrySet());
        writer.commit();
        position = to;
        added.clear();
        forgotten.clear();
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
            indexing.close();
            writer.rollback();
            directory.close();
        }
    }
}
