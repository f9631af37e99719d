package io.hypaware.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/// The tables of `journal.db`. The version is SQLite's `user_version`; a newer file is refused, not guessed at.
final class JournalSchema {

    static final int VERSION = 18;

    private static final String[] TABLES = {
        // One HTTP exchange. state: 0 open, 1 closed, 2 projected, 3 projection failed.
        """
        CREATE TABLE IF NOT EXISTS exchange (
          seq INTEGER PRIMARY KEY,
          id TEXT NOT NULL UNIQUE,
          run TEXT NOT NULL,
          state INTEGER NOT NULL,
          closed_order INTEGER,
          started_us INTEGER NOT NULL,
          ended_us INTEGER,
          upstream TEXT NOT NULL,
          provider TEXT NOT NULL,
          method TEXT NOT NULL,
          path TEXT NOT NULL,
          request_headers TEXT NOT NULL,
          status INTEGER,
          response_headers TEXT,
          ttfb_us INTEGER,
          outcome TEXT,
          closed_by TEXT,
          request_bytes INTEGER NOT NULL DEFAULT 0,
          response_bytes INTEGER NOT NULL DEFAULT 0,
          error TEXT,
          connection TEXT)""",
        "CREATE INDEX IF NOT EXISTS exchange_state ON exchange (state, closed_order)",
        // A piece of a body. id = exchange.seq << 24 | direction << 23 | number, so that one body is one key
        // range.
        "CREATE TABLE IF NOT EXISTS frame (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)",
        // A projected row that is not known to be in the lake yet.
        """
        CREATE TABLE IF NOT EXISTS hot_row (
          seq INTEGER PRIMARY KEY AUTOINCREMENT,
          dataset TEXT NOT NULL,
          row_id TEXT NOT NULL,
          row BLOB NOT NULL)""",
        "CREATE INDEX IF NOT EXISTS hot_row_dataset ON hot_row (dataset, seq)",
        // Payloads are asked for by their hash (since version 3).
        "CREATE INDEX IF NOT EXISTS hot_payload ON hot_row (row_id) WHERE dataset = 'payloads'",
        // Payloads that nothing referred to, no longer known here and about to leave the lake (since version 3): rows
        // of it at or under the position go.
        "CREATE TABLE IF NOT EXISTS collected (hash TEXT PRIMARY KEY, up_to_seq INTEGER NOT NULL) WITHOUT ROWID",
        // Every row id ever projected, pending or committed; pruned with retention.
        """
        CREATE TABLE IF NOT EXISTS seen (
          dataset TEXT NOT NULL,
          row_id TEXT NOT NULL,
          day INTEGER NOT NULL,
          PRIMARY KEY (dataset, row_id)) WITHOUT ROWID""",
        // When a payload was last seen again (since version 5); the lake knows when its row was written.
        """
        CREATE TABLE IF NOT EXISTS sighting (
          hash TEXT PRIMARY KEY,
          last_us INTEGER NOT NULL) WITHOUT ROWID""",
        // What is known of a conversation: one branch per history that later calls may extend. A history begins
        // with the keys of its blocks (since version 6); a branch says whether it is of a side call (since 16).
        """
        CREATE TABLE IF NOT EXISTS branch (
          id INTEGER PRIMARY KEY,
          session TEXT NOT NULL,
          conversation TEXT NOT NULL,
          first_print TEXT NOT NULL,
          tip_print TEXT NOT NULL,
          used_order INTEGER NOT NULL,
          history BLOB NOT NULL,
          agent TEXT NOT NULL DEFAULT '',
          side INTEGER NOT NULL DEFAULT 0)""",
        "CREATE INDEX IF NOT EXISTS branch_session ON branch (session, used_order)",
        // The last number given to a conversation of a session (since version 4): branches are pruned, numbers never
        // given twice.
        """
        CREATE TABLE IF NOT EXISTS conversation_number (
          session TEXT PRIMARY KEY,
          last INTEGER NOT NULL,
          day INTEGER NOT NULL) WITHOUT ROWID""",
        // The latest row of some datasets by what it is about, for who asks how things stand (since version 7).
        """
        CREATE TABLE IF NOT EXISTS latest (
          dataset TEXT NOT NULL,
          name TEXT NOT NULL,
          row BLOB NOT NULL,
          PRIMARY KEY (dataset, name)) WITHOUT ROWID""",
        // Where a history stood after an answer that a later call may go on from by its id (since version 7).
        """
        CREATE TABLE IF NOT EXISTS answered (
          session TEXT NOT NULL,
          id TEXT NOT NULL,
          branch INTEGER NOT NULL,
          size INTEGER NOT NULL,
          day INTEGER NOT NULL,
          PRIMARY KEY (session, id)) WITHOUT ROWID""",
        // How many turns of a connection have been projected that may be open still (since version 7).
        // And how far its frames were read when that was all (since version 8).
        "CREATE TABLE IF NOT EXISTS connection (seq INTEGER PRIMARY KEY, turns INTEGER NOT NULL, read_to INTEGER)",
        // What a recording of a connection leaves to the one that follows (since version 7): what each side was
        // unpacked to last, and calls that are not answered (since version 9).
        """
        CREATE TABLE IF NOT EXISTS connection_window (
          id TEXT PRIMARY KEY,
          request BLOB NOT NULL,
          response BLOB NOT NULL,
          day INTEGER NOT NULL,
          pending BLOB) WITHOUT ROWID""",
        // Agents' own files that were read (since version 10), each as it was then.
        """
        CREATE TABLE IF NOT EXISTS transcript (
          path TEXT PRIMARY KEY,
          client TEXT NOT NULL,
          size INTEGER NOT NULL,
          modified_us INTEGER NOT NULL,
          head TEXT NOT NULL,
          root TEXT NOT NULL,
          session TEXT NOT NULL,
          left_out_us INTEGER NOT NULL) WITHOUT ROWID""",
        // Sessions of which there are rows that no call has said (since version 10).
        "CREATE TABLE IF NOT EXISTS told (session TEXT PRIMARY KEY, day INTEGER NOT NULL) WITHOUT ROWID",
        "CREATE INDEX IF NOT EXISTS branch_first ON branch (first_print, used_order)",
        "CREATE INDEX IF NOT EXISTS branch_tip ON branch (tip_print, used_order)",
        // The newest is asked for with each exchange; the others begin with another column.
        "CREATE INDEX IF NOT EXISTS branch_used ON branch (used_order)",
        // What was decided of sessions (since version 11): whether they are recorded, and may leave the machine.
        """
        CREATE TABLE IF NOT EXISTS session_class (
          session TEXT PRIMARY KEY,
          class TEXT NOT NULL,
          folder TEXT NOT NULL,
          client TEXT NOT NULL,
          why TEXT NOT NULL,
          since_us INTEGER NOT NULL,
          day INTEGER NOT NULL) WITHOUT ROWID""",
        // What is to be purged (since version 11), until not one byte of it is left.
        """
        CREATE TABLE IF NOT EXISTS purge (
          id INTEGER PRIMARY KEY,
          kind TEXT NOT NULL,
          argument TEXT NOT NULL,
          ordered_us INTEGER NOT NULL,
          up_to_seq INTEGER)""",
        // How many were ordered, ever (since version 14).
        """
        CREATE TABLE IF NOT EXISTS purge_count (
          only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
          orders INTEGER NOT NULL)""",
        // The sessions of a purge, which go whole (since version 11).
        """
        CREATE TABLE IF NOT EXISTS purge_session (
          purge INTEGER NOT NULL,
          session TEXT NOT NULL,
          PRIMARY KEY (purge, session)) WITHOUT ROWID""",
        // What no transcript brings back (since version 11): a session, by a hash of its id, or what was said before a
        // time, under the hash ''.
        """
        CREATE TABLE IF NOT EXISTS purged (
          hash TEXT PRIMARY KEY,
          before_us INTEGER NOT NULL) WITHOUT ROWID""",
        // Where secrets were found (since version 11): a part of a message, or a payload. The secrets themselves stand
        // nowhere.
        """
        CREATE TABLE IF NOT EXISTS secret_sighting (
          fingerprint TEXT NOT NULL,
          place TEXT NOT NULL,
          rule TEXT NOT NULL,
          origin TEXT NOT NULL,
          times INTEGER NOT NULL,
          at_us INTEGER NOT NULL,
          session TEXT NOT NULL,
          conversation TEXT NOT NULL,
          exchange TEXT NOT NULL,
          tool TEXT NOT NULL,
          file TEXT NOT NULL,
          PRIMARY KEY (fingerprint, place)) WITHOUT ROWID""",
        // How far rows were looked through (since version 11), and in what scope: those of positions under '', those
        // that were adopted under their partition's number.
        """
        CREATE TABLE IF NOT EXISTS secret_scan (
          part TEXT PRIMARY KEY,
          scope TEXT NOT NULL,
          position INTEGER NOT NULL) WITHOUT ROWID""",
        // Secrets that the user has dealt with (since version 11), by their fingerprints.
        "CREATE TABLE IF NOT EXISTS secret_accepted (fingerprint TEXT PRIMARY KEY, at_us INTEGER NOT NULL) WITHOUT ROWID",
        // What OpenTelemetry exporters sent (since version 12): a request whole, as it was sent, until its rows are
        // written. state: 1 pending, 3 projection failed. records_read: how many of its records are done with.
        """
        CREATE TABLE IF NOT EXISTS telemetry_request (
          seq INTEGER PRIMARY KEY AUTOINCREMENT,
          signal TEXT NOT NULL,
          content_type TEXT NOT NULL,
          content_encoding TEXT NOT NULL,
          received_us INTEGER NOT NULL,
          state INTEGER NOT NULL,
          records_read INTEGER NOT NULL DEFAULT 0,
          body BLOB NOT NULL)""",
        // What clients report of their own calls (since version 13), until it is an exchange.
        """
        CREATE TABLE IF NOT EXISTS call_event (
          row_id TEXT PRIMARY KEY,
          kind TEXT NOT NULL,
          session TEXT NOT NULL,
          prompt TEXT NOT NULL,
          source TEXT NOT NULL,
          at_us INTEGER NOT NULL,
          sequence INTEGER NOT NULL,
          file TEXT NOT NULL,
          body BLOB NOT NULL,
          length INTEGER NOT NULL,
          request_id TEXT,
          duration_us INTEGER,
          status INTEGER,
          error TEXT,
          client_version TEXT)""",
        "CREATE INDEX IF NOT EXISTS telemetry_request_state ON telemetry_request (state, seq)",
        // Where exports go (since version 12): how far each has come, and when it is to run next. A pass looks at all
        // that changed up to a position, session by session, and goes on behind the one that it has come to.
        """
        CREATE TABLE IF NOT EXISTS sink (
          name TEXT PRIMARY KEY,
          position INTEGER NOT NULL DEFAULT 0,
          adopted INTEGER NOT NULL DEFAULT 0,
          pass_to INTEGER NOT NULL DEFAULT 0,
          pass_session TEXT NOT NULL DEFAULT '',
          next_us INTEGER NOT NULL DEFAULT 0,
          failures INTEGER NOT NULL DEFAULT 0,
          error TEXT NOT NULL DEFAULT '',
          run_us INTEGER NOT NULL DEFAULT 0,
          done_us INTEGER NOT NULL DEFAULT 0,
          sent INTEGER NOT NULL DEFAULT 0,
          refused INTEGER NOT NULL DEFAULT 0,
          refused_lately INTEGER NOT NULL DEFAULT 0,
          refusal TEXT NOT NULL DEFAULT '') WITHOUT ROWID""",
        // Sessions that something of was sent (since version 12), and when to look again at one that is not over.
        """
        CREATE TABLE IF NOT EXISTS sink_session (
          id INTEGER PRIMARY KEY,
          sink TEXT NOT NULL,
          session TEXT NOT NULL,
          last_us INTEGER NOT NULL,
          look_us INTEGER,
          UNIQUE (sink, session))""",
        "CREATE INDEX IF NOT EXISTS sink_session_look ON sink_session (sink, look_us) WHERE look_us IS NOT NULL",
        // The spans that were sent of each (since version 12).
        """
        CREATE TABLE IF NOT EXISTS sink_span (
          session INTEGER NOT NULL,
          span INTEGER NOT NULL,
          PRIMARY KEY (session, span)) WITHOUT ROWID""",
        // Who this journal is to receivers of rows (since version 15): its positions mean nothing beside another's.
        "CREATE TABLE IF NOT EXISTS row_origin (only_one INTEGER PRIMARY KEY CHECK (only_one = 1), id TEXT NOT NULL)",
        // How far the rows of a dataset have gone to a receiver (since version 15): all up to the position, and how
        // many batches that took.
        """
        CREATE TABLE IF NOT EXISTS row_cursor (
          sink TEXT NOT NULL,
          dataset TEXT NOT NULL,
          position INTEGER NOT NULL DEFAULT 0,
          batches INTEGER NOT NULL DEFAULT 0,
          PRIMARY KEY (sink, dataset)) WITHOUT ROWID""",
        // How far those of adopted partitions have gone (since version 15), by day; all, once is_done.
        """
        CREATE TABLE IF NOT EXISTS row_adopted (
          sink TEXT NOT NULL,
          dataset TEXT NOT NULL,
          number INTEGER NOT NULL,
          day INTEGER NOT NULL,
          is_done INTEGER NOT NULL DEFAULT 0,
          PRIMARY KEY (sink, dataset, number)) WITHOUT ROWID""",
        // The batch that is to go next, from its planning until the receiver has it (since version 15), and under which
        // names it goes.
        """
        CREATE TABLE IF NOT EXISTS row_batch (
          sink TEXT NOT NULL,
          dataset TEXT NOT NULL,
          number INTEGER NOT NULL,
          kind TEXT NOT NULL,
          after_seq INTEGER NOT NULL,
          last_seq INTEGER NOT NULL,
          day INTEGER,
          keys TEXT NOT NULL DEFAULT '',
          PRIMARY KEY (sink, dataset)) WITHOUT ROWID""",
        // Rows that were left out, as their session stays on this machine (since version 15), or a batch that they go
        // with now.
        """
        CREATE TABLE IF NOT EXISTS row_withheld (
          sink TEXT NOT NULL,
          dataset TEXT NOT NULL,
          session TEXT NOT NULL,
          after_seq INTEGER NOT NULL,
          last_seq INTEGER NOT NULL,
          day INTEGER NOT NULL,
          batch INTEGER,
          PRIMARY KEY (sink, dataset, session, last_seq, day)) WITHOUT ROWID""",
        // Team lakes that the user agreed to send to (since version 17).
        "CREATE TABLE IF NOT EXISTS team_consent (lake TEXT PRIMARY KEY, at_us INTEGER NOT NULL) WITHOUT ROWID",
        // Payloads that a team lake has (since version 17), or that go with a batch, which is not 0 then.
        """
        CREATE TABLE IF NOT EXISTS team_payload (
          lake TEXT NOT NULL,
          hash BLOB NOT NULL,
          batch INTEGER NOT NULL,
          PRIMARY KEY (lake, hash)) WITHOUT ROWID""",
        "CREATE INDEX IF NOT EXISTS team_payload_batch ON team_payload (lake, batch) WHERE batch > 0",
        // What team lakes have forgotten of this machine's payloads (since version 18), as far as it was read: a run
        // of a collection forgets a payload once.
        """
        CREATE TABLE IF NOT EXISTS team_forgotten (
          lake TEXT NOT NULL,
          hash BLOB NOT NULL,
          run TEXT NOT NULL,
          PRIMARY KEY (lake, hash, run)) WITHOUT ROWID""",
        // How far that was read (since version 18).
        "CREATE TABLE IF NOT EXISTS team_fence (lake TEXT PRIMARY KEY, fence TEXT NOT NULL) WITHOUT ROWID",
        // What maintenance is at (since version 2), and how many processes have died at it.
        "CREATE TABLE IF NOT EXISTS attempt (place TEXT PRIMARY KEY, running INTEGER NOT NULL, deaths INTEGER NOT NULL)",
        "CREATE TABLE IF NOT EXISTS problem (at_us INTEGER NOT NULL, place TEXT NOT NULL, message TEXT NOT NULL)",
    };

    static void ensure(Connection connection) throws SQLException {
        if (version(connection) == VERSION) {
            return;
        }
        Sqlite.execute(connection, "BEGIN IMMEDIATE");
        // Asked again: whoever was here first has made the tables.
        int found = version(connection);
        if (found > VERSION) {
            Sqlite.execute(connection, "ROLLBACK");
            throw new SQLException("journal.db has version " + found + ", this program knows " + VERSION
                    + "; start the newer HypAware that wrote it");
        }
        for (String table : TABLES) {
            Sqlite.execute(connection, table);
        }
        if (found > 0 && found < 4) {
            // Who speaks in a branch: the session itself, or one of its agents.
            Sqlite.execute(connection, "ALTER TABLE branch ADD COLUMN agent TEXT NOT NULL DEFAULT ''");
            Sqlite.execute(connection, """
                    INSERT INTO conversation_number (session, last, day)
                    SELECT session, count(DISTINCT conversation), unixepoch() / 86400 FROM branch
                    WHERE session <> '' GROUP BY session""");
        }
        if (found > 0 && found < 7 && !hasColumn(connection, "exchange", "connection")) {
            // The exchange that began the connection which this one goes on recording.
            Sqlite.execute(connection, "ALTER TABLE exchange ADD COLUMN connection TEXT");
        }
        if (found == 7 && !hasColumn(connection, "connection", "read_to")) {
            Sqlite.execute(connection, "ALTER TABLE connection ADD COLUMN read_to INTEGER");
        }
        if ((found == 7 || found == 8) && !hasColumn(connection, "connection_window", "pending")) {
            Sqlite.execute(connection, "ALTER TABLE connection_window ADD COLUMN pending BLOB");
        }
        if (found > 0 && found < 14 && !hasColumn(connection, "sink", "refused_lately")) {
            Sqlite.execute(connection, "ALTER TABLE sink ADD COLUMN refused_lately INTEGER NOT NULL DEFAULT 0");
            Sqlite.execute(connection, "ALTER TABLE sink ADD COLUMN refusal TEXT NOT NULL DEFAULT ''");
        }
        if (found > 0 && found < 16 && !hasColumn(connection, "branch", "side")) {
            Sqlite.execute(connection, "ALTER TABLE branch ADD COLUMN side INTEGER NOT NULL DEFAULT 0");
        }
        Sqlite.execute(connection, "PRAGMA user_version = " + VERSION);
        Sqlite.execute(connection, "COMMIT");
    }

    private static boolean hasColumn(Connection connection, String table, String column) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT 1 FROM pragma_table_info(?) WHERE name = ?")) {
            statement.setString(1, table);
            statement.setString(2, column);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    private static int version(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("PRAGMA user_version")) {
            return result.getInt(1);
        }
    }

    private JournalSchema() {}
}
