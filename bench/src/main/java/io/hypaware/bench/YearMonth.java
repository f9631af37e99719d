package io.hypaware.bench;

import com.sun.management.OperatingSystemMXBean;
import io.hypaware.config.ConfigFile;
import io.hypaware.config.HypConfig;
import io.hypaware.home.HypHome;
import io.hypaware.journal.Header;
import io.hypaware.journal.JournalWriter;
import io.hypaware.maintain.Report;
import io.hypaware.maintain.Settle;
import io.hypaware.maintain.Worker;
import io.hypaware.maintain.Writing;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/// Some days of a year, in a process with the limits of a worker: what the gateway would have recorded is written into
/// the journal, and the worker's round is run with the clock of that day.
///
/// The days are ahead of the machine's clock, because snapshots carry that one's times and would never expire behind
/// it.
final class YearMonth {

    /// Say much of each tick; held here, or their level would be forgotten.
    private static final List<Logger> TALKATIVE = Stream.of("org.apache.iceberg", "org.apache.lucene", "io.hypaware")
            .map(Logger::getLogger)
            .toList();

    static final long SEED = 5;
    static final int SESSION_CALLS = 40;

    /// One session in so many goes on with an older one.
    private static final int RESUMES = 10;

    /// As many calls wait in the recorder's queue without a loss.
    private static final int AT_A_TIME = 200;

    private static final int HOURS = 10;

    /// Number of the first session that is none of its day's own.
    private static final int OTHERS = 1_000;

    private final YearWords words = new YearWords(SEED);
    private final HypHome home;
    private final HypConfig config;
    private final OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private int settled;
    private long settleNanos;
    private int ticks;
    private long tickNanos;
    private long tickWallNanos;
    private final Rounds rounds = new Rounds();

    private YearMonth(Path home) {
        this.home = new HypHome(home);
        this.config = ConfigFile.read(this.home.configFile()).config();
    }

    /// @param arguments home, the year's beginning, first day, days, calls a day, ticks a day; without ticks, calls are
    ///     only recorded
    public static void main(String[] arguments) throws Exception {
        TALKATIVE.forEach(logger -> logger.setLevel(Level.SEVERE));
        YearMonth month = new YearMonth(Path.of(arguments[0]));
        Instant begin = Instant.parse(arguments[1]);
        int first = Integer.parseInt(arguments[2]);
        int days = Integer.parseInt(arguments[3]);
        int ticks = Integer.parseInt(arguments[5]);
        for (int day = ticks == 0 ? first : month.next(first); day < first + days; day++) {
            month.day(begin.plus(Duration.ofDays(day)), day, Integer.parseInt(arguments[4]), ticks);
            if (ticks > 0) {
                Files.writeString(month.nextDay(), Integer.toString(day + 1));
            }
        }
        System.out.printf(
                Locale.ROOT,
                "FIGURES %d %.3f %d %.1f %.1f %d %.0f%n",
                month.settled,
                month.settleNanos / 1e6 / Math.max(1, month.settled),
                month.ticks,
                month.tickNanos / 1e6 / Math.max(1, month.ticks),
                month.tickWallNanos / 1e6 / Math.max(1, month.ticks),
                month.rounds.rewritten(),
                Child.peakMb(ProcessHandle.current().pid()));
    }

    /// Says which day comes next, where a month was stopped.
    private Path nextDay() {
        return home.root().resolve("year.day");
    }

    private int next(int first) throws IOException {
        return Files.exists(nextDay()) ? Math.max(first, Integer.parseInt(Files.readString(nextDay()))) : first;
    }

    private void day(Instant begin, int day, int calls, int ticks) throws Exception {
        Instant work = begin.plus(Duration.ofHours(8));
        Duration gap = Duration.ofHours(HOURS).dividedBy(calls);
        if (ticks == 0) {
            record(calls(day, calls, OTHERS), work, gap);
            return;
        }
        List<YearSession> sent = calls(day, calls, 0);
        int at = 0;
        for (int tick = 1; tick <= ticks; tick++) {
            int to = calls * tick / ticks;
            record(sent.subList(at, to), work.plus(gap.multipliedBy(at)), gap);
            at = to;
            tick(work.plus(gap.multipliedBy(at)).plusSeconds(300));
        }
    }

    /// The session of each call of a day, several sessions at a time.
    private List<YearSession> calls(int day, int count, int firstNumber) {
        List<YearSession> calls = new ArrayList<>();
        int sessions = Math.ceilDiv(count, SESSION_CALLS);
        List<YearSession> open = new ArrayList<>();
        for (int number = 0; number < sessions; number++) {
            open.add(session(day, firstNumber + number));
        }
        for (int from = 0; calls.size() < count; from += 4) {
            for (int i = 0; i < 4 * SESSION_CALLS && calls.size() < count; i++) {
                calls.add(open.get(Math.min(sessions - 1, from + i % 4)));
            }
        }
        return calls;
    }

    private YearSession session(int day, int number) {
        int before = 1 + (day * 7 + number) % 45;
        if (number % RESUMES == 1 && before <= day) {
            YearSession older = new YearSession(words, SEED, day - before, number + 1);
            older.skip(SESSION_CALLS);
            return older;
        }
        return new YearSession(words, SEED, day, number);
    }

    private void record(List<YearSession> sent, Instant first, Duration gap) {
        Path journal = home.cache(config).make().journal();
        for (int from = 0; from < sent.size(); from += AT_A_TIME) {
            try (JournalWriter writer = JournalWriter.open(journal, 1 << 26, 1 << 26)) {
                for (int i = from; i < Math.min(sent.size(), from + AT_A_TIME); i++) {
                    YearSession session = sent.get(i);
                    record(writer, session.id(), session.next(), first.plus(gap.multipliedBy(i)));
                }
            }
        }
    }

    private static void record(JournalWriter writer, String session, YearSession.Call call, Instant at) {
        List<Header> headers = new ArrayList<>(
                List.of(new Header("x-claude-code-session-id", session), new Header("user-agent", "claude-cli/2.1")));
        call.agent().ifPresent(agent -> headers.add(new Header("x-claude-code-agent-id", agent)));
        new MessagesCall(
                        headers,
                        call.status(),
                        call.request(),
                        call.response(),
                        Duration.ofMillis(900),
                        Duration.ofMillis(2_500))
                .record(writer, at);
    }

    private void tick(Instant now) throws Exception {
        Clock clock = Clock.fixed(now, ZoneOffset.UTC);
        Writing writing = Writing.whole("bench");
        long processor = system.getProcessCpuTime();
        settled += new Settle(home.cache(config), writing, clock).run();
        settleNanos += system.getProcessCpuTime() - processor;
        long began = System.nanoTime();
        processor = system.getProcessCpuTime();
        Report report = new Worker(home.cache(config), config, writing, clock).run();
        tickNanos += system.getProcessCpuTime() - processor;
        tickWallNanos += System.nanoTime() - began;
        ticks++;
        rounds.add(report);
    }
}
