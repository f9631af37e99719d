package io.hypaware.sink.iceberg;

import com.github.f4b6a3.ulid.UlidCreator;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Hashes;
import io.hypaware.home.Cache;
import io.hypaware.home.Folders;
import io.hypaware.home.Progress;
import io.hypaware.lake.stored.TableCommits;
import io.hypaware.query.QueryException;
import io.hypaware.query.RowExport;
import io.hypaware.read.LeavingRows;
import io.hypaware.sink.rows.DatasetExport.Result;
import io.hypaware.sink.rows.DatasetExport.Wanted;
import io.hypaware.sink.rows.ExportedFolder;
import io.hypaware.sink.rows.Staging;
import io.hypaware.store.Destination;
import io.hypaware.store.ObjectKey;
import io.hypaware.store.StoreException;
import io.hypaware.store.StoreException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.OverwriteFiles;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.Transactions;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.expressions.Expressions;

/// Writes a dataset, or some rows of it, as an Iceberg table in a destination. Its first version has all rows: whoever
/// opens it before finds no table.
public final class TableExport {

    private final Cache cache;
    private final LeavingRows rows;
    private final Progress progress;

    /// @param memoryBytes most memory of a query
    public TableExport(Cache cache, long memoryBytes, Progress progress) {
        this.cache = cache;
        this.rows = new LeavingRows(cache, memoryBytes);
        this.progress = progress;
    }

    /// Writes a table of the dataset's name into a folder.
    ///
    /// @param replace whether these rows take the place of those of such a table that is there, in one commit
    public Result write(Wanted wanted, Destination to, ObjectKey folder, boolean replace)
            throws QueryException, SQLException, IOException {
        List<Destination.StoredFile> before = to.list(folder);
        if (!before.isEmpty() && !replace) {
            throw new QueryException(
                    "there are files already in " + to.location(folder) + "; name another folder, or say --force");
        }
        TableShape shape = new TableShape(wanted.dataset());
        TableCommits commits = new TableCommits(to, folder, _ -> {});
        if (!shape.isOurs(commits)) {
            throw new QueryException(to.location(folder) + " has other columns or partitions than "
                    + wanted.dataset().name() + ", and stays as it is; name another folder");
        }
        boolean isNew = commits.current() == null;
        if (isNew) {
            ExportedFolder.requireOurs(
                    to.location(folder), before.stream().map(file -> file.key().below(folder)));
        }
        Put put = new Put(wanted, to, commits, begin(shape, commits, isNew));
        Result result = put.all();
        if (isNew) {
            // Nothing of a table: files of another form, or of an export that died.
            for (Destination.StoredFile file : before) {
                if (!put.keys.contains(file.key())) {
                    to.delete(file.key());
                }
            }
        }
        return result;
    }

    private static Transaction begin(TableShape shape, TableCommits commits, boolean isNew) {
        return isNew
                ? Transactions.createTableTransaction(commits.folder().name(), commits, shape.empty(commits.location()))
                : shape.prepared(commits).newTransaction();
    }

    /// One table on its way.
    private final class Put {

        private final Wanted wanted;
        private final Destination to;
        private final TableCommits commits;
        private final Transaction transaction;
        private final Set<ObjectKey> keys = new HashSet<>();

        private Put(Wanted wanted, Destination to, TableCommits commits, Transaction transaction) {
            this.wanted = wanted;
            this.to = to;
            this.commits = commits;
            this.transaction = transaction;
        }

        private Result all() throws QueryException, SQLException, IOException {
            Path staging = Staging.folder(cache);
            Dataset dataset = wanted.dataset();
            try (LeavingRows.Leaving leaving = rows.take(dataset, wanted.condition(), wanted.where(), staging)) {
                long count = leaving.count();
                progress.begin("writing " + dataset.name(), "rows", count);
                OverwriteFiles all = transaction.newOverwrite().overwriteByRowFilter(Expressions.alwaysTrue());
                RowExport.Form form = form();
                String stem = "export." + UlidCreator.getUlid().toString().toLowerCase(Locale.ROOT) + ".";
                for (RowExport.Day day : leaving.days()) {
                    Path file = staging.resolve("rows.parquet");
                    leaving.write(day.date(), day.date(), form, file);
                    all.addFile(put(
                            stem,
                            new DayFile(
                                    day.date(),
                                    file,
                                    Hashes.sha256(file),
                                    leaving.stored().facts(file))));
                    Files.delete(file);
                    progress.advance(0, day.rows());
                }
                all.commit();
                transaction.commitTransaction();
                return new Result(
                        to.location(commits.folder()),
                        count,
                        keys.size(),
                        leaving.leftOut().size());
            } catch (CommitStateUnknownException e) {
                throw failed(e);
            } catch (QueryException | SQLException | IOException e) {
                takeBack();
                throw e;
            } catch (RuntimeException e) {
                takeBack();
                throw failed(e);
            } finally {
                progress.end();
                Folders.deleteIfThere(staging);
            }
        }

        private RowExport.Form form() {
            return new RowExport.Form(
                    RowExport.Format.PARQUET,
                    wanted.form().compression(),
                    TableShape.fieldIds(wanted.dataset(), transaction.table().schema()));
        }

        private DataFile put(String stem, DayFile file) throws IOException {
            ObjectKey key = file.key(commits.folder(), stem);
            keys.add(key);
            return file.put(transaction.table(), to, key);
        }

        /// Nothing was committed, and nothing names what was put.
        private void takeBack() throws StoreException {
            for (ObjectKey key : keys) {
                to.delete(key);
            }
        }

        private StoreException failed(RuntimeException e) {
            Kind kind = e instanceof CommitFailedException || e instanceof CommitStateUnknownException
                    ? Kind.TABLE_COMMIT_FAILED
                    : Kind.TABLE_UNREADABLE;
            return StoreException.within(
                    e,
                    () -> new StoreException(
                            kind, "the table " + commits.location() + " was not written: " + e.getMessage(), e));
        }
    }
}
