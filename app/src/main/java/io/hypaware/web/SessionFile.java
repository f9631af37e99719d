package io.hypaware.web;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.query.QueryException;
import io.hypaware.read.PartTexts;
import io.hypaware.read.PartTexts.Content;
import io.hypaware.read.SessionCall;
import io.hypaware.read.SessionList;
import io.hypaware.read.SessionOutline.Entry;
import io.hypaware.read.SessionOutline.Part;
import io.hypaware.read.WholeSession;
import io.hypaware.secret.Redactor;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Gatherers;

/// A session as one file that stands alone: the page without its scripts, Markdown, or a line of JSON for each part.
/// It holds what the session says, and nothing else of this machine.
public final class SessionFile {

    /// How it is written.
    public enum Format {
        HTML,
        MD,
        JSONL
    }

    private static final int LONGEST_TITLE = 200;

    /// Entries that are read at a time.
    private static final int STEP = 20;

    /// Characters of one text; a longer one says how long it is.
    private static final int LONGEST_TEXT = 1_000_000;

    /// Stands in a template where parts are written, a few at a time.
    private static final String SLOT = "<!--parts-->";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Site site;
    private final SessionView.Reader reader;
    private final PartTexts texts;
    private final Redactor redactor;
    private final Writer out;

    /// @param redactor of every text
    public SessionFile(Site site, Redactor redactor, Writer out) {
        this.site = site;
        this.reader = new SessionView.Reader(site, new Fresh(site.cache(), site.settle()));
        this.texts = new PartTexts(site.recorded());
        this.redactor = redactor;
        this.out = out;
    }

    /// What stands at the top of the page.
    public record Head(String title, String client, SessionList.Entry entry, CallBars bars, Look look) {}

    /// @param style the page's own
    public record Look(String style, ZoneId zone) {}

    /// Some parts, one after the other.
    public record Piece(List<PartView> parts, Links links, ZoneId zone) {}

    /// @param session its id, whole
    public void write(String session, Format format) throws Exception {
        WholeSession known = reader.known(session);
        SessionList.Entry entry = known.entry();
        String title = title(entry);
        String end = "";
        switch (format) {
            case HTML ->
                end = begin(Templates.render(
                        "exportPage",
                        new Head(
                                title,
                                said(entry.client()),
                                entry,
                                CallBars.of(session, known.calls()),
                                new Look(style(), site.zone()))));
            case MD -> markdownHead(title, entry);
            case JSONL -> {}
        }
        Map<String, List<Entry>> left = new LinkedHashMap<>(known.outline().branches());
        conversation(known, known.outline().entries(), left, format);
        for (Map.Entry<String, List<Entry>> branch : left.entrySet()) {
            piece(known, branch.getKey(), branch.getValue(), format);
        }
        out.write(end);
        out.flush();
    }

    private void conversation(WholeSession known, List<Entry> entries, Map<String, List<Entry>> left, Format format)
            throws QueryException, SQLException, IOException {
        List<Entry> together = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry instanceof Entry.Branch branch) {
                piece(known, "", together, format);
                together.clear();
                List<Entry> inside = left.remove(branch.conversation());
                if (inside != null) {
                    piece(known, branch.agent().isEmpty() ? "another conversation" : branch.agent(), inside, format);
                }
            } else {
                together.add(entry);
            }
        }
        piece(known, "", together, format);
    }

    private void piece(WholeSession known, String agent, List<Entry> entries, Format format)
            throws QueryException, SQLException, IOException {
        Map<String, SessionCall> calls = new HashMap<>();
        known.calls().forEach(call -> calls.put(call.exchangeId(), call));
        String end = agent.isEmpty() || format != Format.HTML
                ? ""
                : begin(Templates.render("exportBranch", Html.line(said(agent), 80)));
        for (List<Entry> some :
                entries.stream().gather(Gatherers.windowFixed(STEP)).toList()) {
            List<Entry.Said> said = some.stream()
                    .flatMap(entry -> entry instanceof Entry.Said one ? java.util.stream.Stream.of(one) : null)
                    .toList();
            List<Part> parts = new ArrayList<>();
            said.forEach(one -> {
                parts.add(one.part());
                parts.addAll(one.results());
            });
            Map<String, Content> contents = new HashMap<>();
            texts.of(parts, LONGEST_TEXT + Redactor.BEHIND)
                    .forEach((row, content) -> contents.put(
                            row, new Content(said(content.text()), said(content.arguments()), content.characters())));
            switch (format) {
                case HTML ->
                    out.write(Templates.render(
                            "exportPiece",
                            new Piece(
                                    said.stream()
                                            .map(one -> PartView.of(
                                                    "",
                                                    new Entry.Said(said(one.part()), one.results()),
                                                    contents,
                                                    calls))
                                            .toList(),
                                    new Links.OfFile(texts),
                                    site.zone())));
                case MD -> {
                    for (Entry.Said one : said) {
                        markdown(agent, new Entry.Said(said(one.part()), one.results()), contents);
                    }
                }
                case JSONL -> {
                    for (Part part : parts) {
                        json(said(part), contents.getOrDefault(part.rowId(), Content.NONE));
                    }
                }
            }
        }
        out.write(end);
    }

    private String said(String text) {
        return Html.visible(redactor.beginning(text, LONGEST_TEXT));
    }

    /// The same part, with whatever a model may have chosen.
    private Part said(Part part) {
        return new Part(
                part.rowId(),
                said(part.messageId()),
                said(part.conversation()),
                part.at(),
                said(part.role()),
                said(part.type()),
                said(part.tool()),
                said(part.callId()),
                said(part.resultFor()),
                part.error(),
                part.exchangeId(),
                part.carries(),
                part.summary(),
                said(part.agent()),
                said(part.mediaType()));
    }

    /// A title may be cut, and a key at its end with it: that one is left out.
    private String title(SessionList.Entry entry) {
        String text = entry.title().isEmpty() ? entry.prompt() : entry.title();
        boolean isCut = text.length() >= SessionList.LONGEST_TEXT;
        return Html.line(redactor.cut(text, false, isCut), LONGEST_TITLE);
    }

    /// Writes what stands before the parts; returns what comes after them.
    private String begin(String template) throws IOException {
        int at = template.indexOf(SLOT);
        out.write(template.substring(0, at));
        return template.substring(at + SLOT.length());
    }

    private void markdownHead(String title, SessionList.Entry entry) throws IOException {
        out.write("# " + title.replaceAll("[\\\\`*_<>\\[\\]#]", "\\\\$0") + "\n\n");
        out.write("%s, %s to %s (%s). %s, %s out, cost %s.\n"
                .formatted(
                        Html.line(entry.client().isEmpty() ? "an agent" : said(entry.client()), 60),
                        Html.full(entry.first(), site.zone()),
                        Html.full(entry.last(), site.zone()),
                        site.zone().getId(),
                        Html.plural(entry.calls(), "call", "calls"),
                        Html.brief(entry.spent().tokens().output()) + " tokens",
                        Html.dollars(
                                entry.spent().microDollars(),
                                !entry.spent().unpriced().isEmpty())));
    }

    private void markdown(String agent, Entry.Said said, Map<String, Content> contents) throws IOException {
        Part part = said.part();
        Content content = contents.getOrDefault(part.rowId(), Content.NONE);
        String who = agent.isEmpty() ? part.role() : "agent " + Html.line(said(agent), 60) + ", " + part.role();
        String clock = Html.clock(part.at(), site.zone());
        if (part.isCall()) {
            out.write("\n**%s** %s calls `%s`\n\n"
                    .formatted(who, clock, Html.line(part.tool(), 80).replace("`", "'")));
            fenced("json", content.arguments());
            for (Part result : said.results()) {
                out.write(result.error() ? "\nIt failed:\n\n" : "\nIt gives back:\n\n");
                fenced("", contents.getOrDefault(result.rowId(), Content.NONE).text());
            }
        } else if (part.type().equals("text") && !part.role().equals("system")) {
            out.write("\n**%s** %s\n\n%s\n".formatted(who, clock, Markdown.inert(content.text())));
        } else {
            out.write("\n**%s** %s %s\n\n".formatted(who, clock, Html.visible(part.type())));
            fenced("", content.text());
        }
    }

    /// A fence that is longer than any in the text.
    private void fenced(String language, String text) throws IOException {
        String fence = "```";
        while (text.contains(fence)) {
            fence += "`";
        }
        out.write(fence + language + "\n" + Html.visible(text) + "\n" + fence + "\n");
    }

    private void json(Part part, Content content) throws IOException {
        ObjectNode line = JSON.createObjectNode()
                .put("time", part.at().toString())
                .put("conversation", part.conversation())
                .put("message", part.messageId())
                .put("role", part.role())
                .put("type", part.type());
        if (!part.agent().isEmpty()) {
            line.put("agent", part.agent());
        }
        if (!part.tool().isEmpty()) {
            line.put("tool", part.tool());
        }
        if (!part.callId().isEmpty()) {
            line.put("call", part.callId());
        }
        if (!part.resultFor().isEmpty()) {
            line.put("result_for", part.resultFor()).put("error", part.error());
        }
        if (!content.text().isEmpty()) {
            line.put("text", content.text());
        }
        if (!content.arguments().isEmpty()) {
            line.put("arguments", content.arguments());
        }
        out.write(JSON.writeValueAsString(line) + "\n");
    }

    private static String style() throws IOException {
        try (InputStream in = SessionFile.class.getResourceAsStream("app.css")) {
            if (in == null) {
                throw new IOException("the program lacks its style sheet");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
