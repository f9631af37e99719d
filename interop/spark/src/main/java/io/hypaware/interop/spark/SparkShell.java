package io.hypaware.interop.spark;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.spark.sql.SparkSession;

/// A Spark that is sent a statement a line, and answers with its rows as JSON, a line each, and then `OK` or a line
/// that
/// begins with `FAILED`. Its arguments are settings.
public final class SparkShell {

    public static void main(String[] settings) throws IOException {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        SparkSession.Builder builder = SparkSession.builder().master("local[2]");
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            builder.config(setting.substring(0, equals), setting.substring(equals + 1));
        }
        try (SparkSession spark = builder.getOrCreate();
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            String statement = in.readLine();
            while (statement != null) {
                out.println(answer(spark, statement, out));
                statement = in.readLine();
            }
        }
    }

    // Whatever a statement throws is its answer.
    private static String answer(SparkSession spark, String statement, PrintStream out) {
        try {
            spark.sql(statement).toJSON().collectAsList().forEach(out::println);
            return "OK";
        } catch (Exception e) {
            return "FAILED " + e.toString().replace('\n', ' ');
        }
    }

    private SparkShell() {}
}
