package io.hypaware.spark.console;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The main class of a Spark driver: reads settings, then SQL, and answers with rows as JSON until its input ends. It
/// and what is beside it is all that is ours on Spark's class path. Spark is called by name, so that no build needs it.
public final class Console {

    /// No statement and no row that is longer is passed on.
    private static final int MOST_BYTES = 64 << 20;

    /// A query whose rows are kept as they are now, as a view.
    private static final Pattern KEEP = Pattern.compile("KEEP (\\w+) AS (.*)", Pattern.DOTALL);

    private final DataInputStream in;
    private final DataOutputStream out;

    private Console(DataInputStream in, DataOutputStream out) {
        this.in = in;
        this.out = out;
    }

    public static void main(String[] arguments) throws IOException, ReflectiveOperationException {
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(System.out));
        // Whatever Spark says goes to the log.
        System.setOut(System.err);
        new Console(new DataInputStream(new BufferedInputStream(System.in)), out).run();
        // Spark may leave threads behind.
        System.exit(0);
    }

    private void run() throws IOException, ReflectiveOperationException {
        Class<?> sessions = Class.forName("org.apache.spark.sql.SparkSession");
        Object builder = sessions.getMethod("builder").invoke(null);
        for (int settings = in.readInt(); settings > 0; settings--) {
            builder = call(builder, "config", text(), text());
        }
        Object session = call(builder, "getOrCreate");
        JsonMerge.register(session);
        answer('D', "");
        while (true) {
            byte kind;
            String sql;
            try {
                kind = in.readByte();
                sql = text();
            } catch (EOFException e) {
                call(session, "stop");
                return;
            }
            try {
                if (kind == 'Q') {
                    Object rows = PlainQuery.of(session, sql).rows();
                    run(rows, PlainQuery.numbered(rows));
                } else {
                    statement(session, sql);
                }
            } catch (InvocationTargetException e) {
                answer('E', String.valueOf(e.getCause()));
            } catch (IllegalArgumentException e) {
                answer('E', String.valueOf(e.getMessage()));
            }
        }
    }

    private void statement(Object session, String sql) throws IOException, ReflectiveOperationException {
        Matcher kept = KEEP.matcher(sql);
        if (kept.matches()) {
            Object rows = call(call(session, "sql", kept.group(2)), "localCheckpoint");
            call(rows, "createOrReplaceTempView", kept.group(1));
            answer('D', "");
            return;
        }
        Object rows = call(session, "sql", sql);
        run(rows, rows);
    }

    /// @param described whose columns are told
    /// @param rows the same rows
    private void run(Object described, Object rows) throws IOException, ReflectiveOperationException {
        answer('S', String.valueOf(call(call(described, "schema"), "json")));
        Iterator<?> found = (Iterator<?>) call(rows, "toLocalIterator");
        while (hasNext(found)) {
            answer('R', String.valueOf(call(found.next(), "json")));
        }
        answer('D', "");
    }

    /// What a row costs may fail while it is asked for.
    private static boolean hasNext(Iterator<?> rows) throws InvocationTargetException {
        try {
            return rows.hasNext();
        } catch (RuntimeException e) {
            throw new InvocationTargetException(e);
        }
    }

    static Object call(Object target, String name, String... arguments) throws ReflectiveOperationException {
        Class<?>[] types = new Class<?>[arguments.length];
        java.util.Arrays.fill(types, String.class);
        Method method = target.getClass().getMethod(name, types);
        return method.invoke(target, (Object[]) arguments);
    }

    private String text() throws IOException {
        int bytes = in.readInt();
        if (bytes < 0 || bytes > MOST_BYTES) {
            throw new IOException(bytes + " bytes of text");
        }
        return new String(in.readNBytes(bytes), StandardCharsets.UTF_8);
    }

    private void answer(char kind, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MOST_BYTES) {
            bytes = "a row is larger than 64 MB".getBytes(StandardCharsets.UTF_8);
            kind = 'E';
        }
        out.writeByte(kind);
        out.writeInt(bytes.length);
        out.write(bytes);
        out.flush();
    }
}
