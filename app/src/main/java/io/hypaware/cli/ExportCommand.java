package io.hypaware.cli;

import io.hypaware.config.OtlpSinkConfig;
import io.hypaware.dataset.Dataset;
import io.hypaware.home.ProcessLock;
import io.hypaware.home.Progress;
import io.hypaware.journal.SinkLedger;
import io.hypaware.query.QueryException;
import io.hypaware.query.RowExport;
import io.hypaware.read.LeavingRows;
import io.hypaware.read.Moment;
import io.hypaware.read.Sessions;
import io.hypaware.sink.iceberg.TableExport;
import io.hypaware.sink.otlp.OtlpSink;
import io.hypaware.sink.otlp.OtlpSink.Wanted;
import io.hypaware.sink.rows.DatasetExport;
import io.hypaware.store.Destination;
import io.hypaware.store.LocalFolder;
import io.hypaware.store.ObjectKey;
import io.hypaware.store.S3Bucket;
import java.io.IOException;
import java.io.Writer;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "export",
        description = {
            "Write a dataset to a file or a folder, or, with --otel, send sessions as traces to a tool that reads OpenTelemetry.",
            "Of traces, what was sent there before is not sent again, and what was said is sent with --content alone. Sessions that stay on this machine do."
        },
        mixinStandardHelpOptions = true)
final class ExportCommand implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final String ICEBERG = "iceberg";

    private static final String BUCKET = "s3://";

    @Parameters(paramLabel = "<dataset>", arity = "0..1", description = "Which one; see: hyp query status")
    private Optional<String> dataset = Optional.empty();

    @Option(names = "--otel", description = "As OpenTelemetry's traces.")
    private boolean otel;

    @Option(
            names = "--format",
            paramLabel = "<format>",
            description =
                    "parquet, jsonl or csv; else what the file's name ends with says, and parquet for a folder. iceberg is a table in a folder.")
    private Optional<String> format = Optional.empty();

    @Option(
            names = "--where",
            paramLabel = "<sql>",
            description = "Only rows for which that is true, such as \"model like 'gpt%%'\".")
    private Optional<String> where = Optional.empty();

    @Option(names = "--force", description = "Replace what is there already.")
    private boolean force;

    @Option(
            names = "--to",
            paramLabel = "<place>",
            description =
                    "A file, or a folder that ends with a slash or exists, here or in a bucket (s3://bucket/folder/). Of traces the endpoint, such as http://127.0.0.1:14318; else what OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT says.")
    private Optional<String> to = Optional.empty();

    @Option(names = "--file", paramLabel = "<file>", description = "Write lines of OTLP's JSON to a new file instead.")
    private Optional<Path> file = Optional.empty();

    @Option(
            names = "--since",
            paramLabel = "<time>",
            converter = MomentConverter.class,
            description = "Only rows, or sessions that something was said in, since, such as 7d or 2026-03-01.")
    private Optional<Moment> since = Optional.empty();

    @Option(names = "--session", paramLabel = "<id>", description = "Only this one; its id or the beginning of it.")
    private Optional<String> session = Optional.empty();

    @Option(names = "--content", description = "What was said, too, without what looks like a secret.")
    private boolean content;

    @Option(
            names = "--quiet",
            paramLabel = "<minutes>",
            description = "A session that says nothing for so long is over, and sent whole; default 30.")
    private int quiet = 30;

    @Option(names = "--dry-run", description = "Say how many spans there are, and send nothing.")
    private boolean dryRun;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (otel == dataset.isPresent()) {
            throw new ParameterException(spec.commandLine(), "name a dataset, or say --otel");
        }
        return otel ? traces() : rows(dataset.orElseThrow());
    }

    private int rows(String name) throws Exception {
        if (file.isPresent() || session.isPresent() || content || dryRun) {
            throw new ParameterException(
                    spec.commandLine(), "--file, --session, --content and --dry-run are of traces: --otel");
        }
        Dataset wanted = LeavingRows.datasets().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(),
                        "there is no dataset " + name + " to export; there are: "
                                + LeavingRows.datasets().stream()
                                        .map(Dataset::name)
                                        .collect(Collectors.joining(", "))));
        String place = to.orElseThrow(
                () -> new ParameterException(spec.commandLine(), "say where to: --to <file> or --to <folder>/"));
        boolean isBucket = place.startsWith(BUCKET);
        boolean isTable = format.filter(ICEBERG::equals).isPresent();
        boolean isFolder = isTable || place.endsWith("/") || (!isBucket && Files.isDirectory(Path.of(place)));
        RowExport.Form form = form(isFolder ? "" : place);
        Environment environment = Environment.load();
        Optional<String> refusal =
                isBucket ? Optional.empty() : environment.cache().refusal(Path.of(place));
        if (refusal.isPresent()) {
            throw new QueryException(refusal.get());
        }
        environment.settle();
        try (ProgressLine progress = new ProgressLine(spec.commandLine().getErr())) {
            DatasetExport export = new DatasetExport(
                    environment.cache(), environment.config().query().memoryBytes(), progress);
            var some = new DatasetExport.Wanted(wanted, where, since.map(Moment::instant), form);
            DatasetExport.Result result = isTable
                    ? toTable(some, environment, place, progress)
                    : isBucket
                            ? toBucket(export, some, environment, place)
                            : isFolder
                                    ? export.toFolder(some, Path.of(place), force)
                                    : export.toFile(some, Path.of(place), force);
            spec.commandLine()
                    .getOut()
                    .printf(
                            "%s in %s%s%n",
                            Results.count(result.rows(), "row"),
                            result.to(),
                            result.withheld() > 0
                                    ? "; " + Results.count(result.withheld(), "session")
                                            + (result.withheld() == 1 ? " stays" : " stay") + " on this machine"
                                    : "");
            spec.commandLine().getOut().flush();
            return 0;
        }
    }

    private DatasetExport.Result toTable(
            DatasetExport.Wanted wanted, Environment environment, String place, Progress progress)
            throws QueryException, SQLException, IOException {
        TableExport export = new TableExport(
                environment.cache(), environment.config().query().memoryBytes(), progress);
        String name = wanted.dataset().name();
        if (!place.startsWith(BUCKET)) {
            Path folder =
                    Files.createDirectories(Path.of(place).toAbsolutePath().normalize());
            try (Destination to = new LocalFolder(folder, Clock.systemUTC())) {
                return export.write(wanted, to, new ObjectKey(name), force);
            }
        }
        return inBucket(environment, place, (to, key) -> {
            String folder = key.isEmpty() || key.endsWith("/") ? key : key + "/";
            return export.write(wanted, to, new ObjectKey(folder + name), force);
        });
    }

    private DatasetExport.Result toBucket(
            DatasetExport export, DatasetExport.Wanted wanted, Environment environment, String place)
            throws QueryException, SQLException, IOException {
        return inBucket(
                environment,
                place,
                (to, key) -> key.isEmpty() || key.endsWith("/")
                        ? export.toFolder(
                                wanted, to, new ObjectKey(key + wanted.dataset().name()), force)
                        : export.toFile(wanted, to, new ObjectKey(key), force));
    }

    @FunctionalInterface
    private interface BucketExport {
        DatasetExport.Result write(Destination to, String key) throws QueryException, SQLException, IOException;
    }

    /// How the bucket is reached, the plugin of the config says.
    private DatasetExport.Result inBucket(Environment environment, String place, BucketExport export)
            throws QueryException, SQLException, IOException {
        String path = place.substring(BUCKET.length());
        int end = path.indexOf('/');
        if (end <= 0) {
            throw new ParameterException(spec.commandLine(), "say where in the bucket: --to " + place + "/");
        }
        try (Destination to = S3Bucket.open(environment.config().bucket(path.substring(0, end)))) {
            return export.write(to, path.substring(end + 1));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    /// The form that an option says, or the name of a file.
    private RowExport.Form form(String place) {
        String compression = place.endsWith(".gz") ? "gzip" : place.endsWith(".zst") ? "zstd" : "none";
        String bare = place.replaceFirst("\\.(gz|zst)$", "");
        String ends = bare.substring(bare.lastIndexOf('.') + 1);
        String said = format.orElse(place.isEmpty() ? "parquet" : ends);
        return switch (said) {
            case "parquet", ICEBERG -> new RowExport.Form(RowExport.Format.PARQUET, "zstd");
            case "jsonl" -> new RowExport.Form(RowExport.Format.JSONL, place.isEmpty() ? "gzip" : compression);
            case "csv" -> new RowExport.Form(RowExport.Format.CSV, place.isEmpty() ? "gzip" : compression);
            default ->
                throw new ParameterException(
                        spec.commandLine(),
                        "say in what form: --format parquet, jsonl, csv or iceberg; \"" + said + "\" is none");
        };
    }

    private int traces() throws Exception {
        if (where.isPresent() || format.isPresent() || force) {
            throw new ParameterException(spec.commandLine(), "--where, --format and --force are of datasets");
        }
        if (quiet < 0 || (to.isPresent() && file.isPresent())) {
            throw new ParameterException(spec.commandLine(), "--to or --file, one of them; --quiet is a number from 0");
        }
        Optional<OtlpSinkConfig> endpoint = dryRun || file.isPresent() ? Optional.empty() : Optional.of(endpoint());
        Environment environment = Environment.load();
        Wanted wanted = wanted(environment);
        OtlpSink sink = new OtlpSink(
                SinkCommand.otlp(environment, environment.config().query().memoryBytes()),
                new OtlpSink.Telling(content, Duration.ofMinutes(quiet)));
        OtlpSink.Outcome outcome;
        if (endpoint.isPresent()) {
            outcome = send(environment, sink, endpoint.get(), wanted);
        } else if (dryRun) {
            outcome = sink.count(wanted);
        } else {
            outcome = write(sink, wanted, file.orElseThrow());
        }
        spec.commandLine().getOut().println((dryRun ? "there are: " : "") + outcome.text());
        spec.commandLine().getOut().flush();
        return 0;
    }

    private Wanted wanted(Environment environment)
            throws QueryException, SQLException, IOException, InterruptedException {
        var recorded = ExchangeCommand.settled(environment);
        if (session.isPresent()) {
            return new Wanted.Named(List.of(new Sessions(recorded).named(session.get())));
        }
        return since.isPresent() ? new Wanted.Since(since.map(Moment::instant)) : new Wanted.Changed();
    }

    private static OtlpSink.Outcome send(Environment environment, OtlpSink sink, OtlpSinkConfig endpoint, Wanted wanted)
            throws QueryException, SQLException, IOException, InterruptedException {
        SinkLedger ledger =
                SinkLedger.openExisting(environment.cache().journal()).orElseThrow(environment::nothingRecorded);
        try (ledger;
                ProcessLock _ = ProcessLock.take(environment.cache().sinkLock(), "export", PATIENCE)) {
            String name = "to " + OtlpSinkConfig.shown(OtlpSinkConfig.traces(endpoint.endpoint()));
            return sink.send(endpoint, wanted, name, ledger, Optional.empty());
        }
    }

    private static OtlpSink.Outcome write(OtlpSink sink, Wanted wanted, Path to)
            throws QueryException, SQLException, IOException {
        Path target = to.toAbsolutePath();
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new QueryException(target + " is there already; name another");
        }
        Path aside = Files.createTempFile(
                Optional.ofNullable(target.getParent()).orElse(target),
                ".export-",
                ".part",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            OtlpSink.Outcome outcome;
            try (Writer out = Files.newBufferedWriter(aside, StandardCharsets.UTF_8)) {
                outcome = sink.write(out, wanted);
            }
            Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
            return outcome;
        } finally {
            Files.deleteIfExists(aside);
        }
    }

    private OtlpSinkConfig endpoint() {
        String url = Stream.of(
                        to,
                        variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"),
                        variable("OTEL_EXPORTER_OTLP_ENDPOINT").map(ExportCommand::withPath))
                .flatMap(Optional::stream)
                .findFirst()
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(), "say where to: --to <url>, such as http://127.0.0.1:14318, or --file"));
        OtlpSinkConfig.problem(url).ifPresent(why -> {
            throw new ParameterException(
                    spec.commandLine(),
                    url + " is no endpoint for --to: " + why + "; expected one such as http://127.0.0.1:14318");
        });
        return new OtlpSinkConfig(
                url, headers(), content, "gzip", 10_000, Math.max(1, quiet), OtlpSinkConfig.EACH_MINUTE);
    }

    /// The general endpoint is that of all signals.
    private static String withPath(String base) {
        return base.replaceFirst("/+$", "") + "/v1/traces";
    }

    private static Optional<String> variable(String name) {
        return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isBlank());
    }

    /// As the variables of OpenTelemetry's SDKs say them: `name=value,name=value`, values encoded as in URLs.
    private static Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        for (String name : List.of("OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS")) {
            for (String pair : variable(name).orElse("").split(",", -1)) {
                int at = pair.indexOf('=');
                if (at > 0) {
                    headers.put(
                            pair.substring(0, at).strip(),
                            URLDecoder.decode(
                                    pair.substring(at + 1).strip().replace("+", "%2B"), StandardCharsets.UTF_8));
                }
            }
        }
        return headers;
    }
}
