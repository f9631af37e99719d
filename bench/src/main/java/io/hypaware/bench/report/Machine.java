package io.hypaware.bench.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What figures were measured on, and the state of the sources.
public final class Machine {

    private static final Pattern MODEL = Pattern.compile("(?m)^model name\\s*:\\s*(.+)$");
    private static final Pattern MEMORY = Pattern.compile("(?m)^MemTotal:\\s*(\\d+) kB$");

    /// Processor, memory, kernel, JDK, and the version of nginx where it is installed.
    public static String describe(Optional<Path> nginx) {
        List<String> parts = new ArrayList<>();
        parts.add(Runtime.getRuntime().availableProcessors() + " cores"
                + found("/proc/cpuinfo", MODEL, model -> " of " + model.strip()));
        String memory = found(
                "/proc/meminfo",
                MEMORY,
                kilobytes -> String.format(Locale.ROOT, "%.1f GB", Long.parseLong(kilobytes) * 1_024 / 1e9));
        if (!memory.isEmpty()) {
            parts.add(memory);
        }
        parts.add(System.getProperty("os.name") + " " + System.getProperty("os.version"));
        parts.add("JDK " + System.getProperty("java.runtime.version"));
        parts.add(nginx.map(program ->
                        said(Path.of("."), program.toString(), "-v").replaceAll("(?s).*?nginx/([\\w.]+).*", "nginx $1"))
                .orElse("no nginx"));
        return String.join(", ", parts);
    }

    private static String found(String file, Pattern pattern, Function<String, String> said) {
        try {
            Matcher matcher = pattern.matcher(Files.readString(Path.of(file)));
            return matcher.find() ? said.apply(matcher.group(1)) : "";
        } catch (IOException e) {
            // another system than Linux
            return "";
        }
    }

    /// The commit, and whether anything but a document that the benches write was changed since.
    public static String revision(Path root, Path document) {
        String commit = said(root, "git", "rev-parse", "--short=12", "HEAD").strip();
        if (!commit.matches("[0-9a-f]+")) {
            return "no commit";
        }
        String changed = said(
                root,
                "git",
                "status",
                "--porcelain",
                "--",
                ".",
                ":(exclude)" + root.toAbsolutePath().relativize(document.toAbsolutePath()));
        return "commit " + commit + (changed.isBlank() ? "" : " and what was changed since");
    }

    /// What a command says, at both outputs; nothing if it cannot be run.
    private static String said(Path folder, String... command) {
        try {
            Process process = new ProcessBuilder(Arrays.asList(command))
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    private Machine() {}
}
