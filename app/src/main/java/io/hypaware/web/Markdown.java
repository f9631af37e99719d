package io.hypaware.web;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.HtmlInline;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.node.Paragraph;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.NodeRenderer;
import org.commonmark.renderer.html.HtmlNodeRendererContext;
import org.commonmark.renderer.html.HtmlRenderer;
import org.commonmark.renderer.html.HtmlWriter;
import org.commonmark.renderer.html.UrlSanitizer;
import org.commonmark.renderer.markdown.MarkdownRenderer;

/// Markdown that somebody else wrote, as HTML that does nothing: markup in it is text, addresses lead to web pages or
/// nowhere, and images are named and not fetched.
final class Markdown {

    private static final int MOST_NESTED = 60;

    private static final List<TablesExtension> EXTENSIONS = List.of((TablesExtension) TablesExtension.create());

    private static final Parser PARSER = Parser.builder()
            .extensions(EXTENSIONS)
            .maxOpenBlockParsers(MOST_NESTED)
            .build();

    private static final HtmlRenderer RENDERER = HtmlRenderer.builder()
            .extensions(EXTENSIONS)
            .escapeHtml(true)
            .sanitizeUrls(true)
            .urlSanitizer(new WebAddresses())
            .percentEncodeUrls(true)
            .softbreak("<br>\n")
            .nodeRendererFactory(ImageNames::new)
            .attributeProviderFactory(_ -> (node, _, attributes) -> {
                if (node instanceof Link) {
                    attributes.put("rel", "noopener noreferrer nofollow");
                    attributes.put("target", "_blank");
                }
            })
            .build();

    private static final MarkdownRenderer WRITER =
            MarkdownRenderer.builder().extensions(EXTENSIONS).build();

    /// @param text as captured
    static String html(String text) {
        String visible = Html.visible(text);
        try {
            return RENDERER.render(PARSER.parse(visible));
        } catch (StackOverflowError e) {
            // Nested so that no one reads it as Markdown.
            Text plain = new Text(visible);
            return "<p>" + RENDERER.render(plain) + "</p>";
        }
    }

    /// The same Markdown, in which nothing is fetched and markup is text, whatever shows it.
    static String inert(String text) {
        Node document = PARSER.parse(Html.visible(text));
        document.accept(new AbstractVisitor() {
            @Override
            public void visit(Image image) {
                Link link = new Link(image.getDestination(), image.getTitle());
                for (Node child = image.getFirstChild(); child != null; child = image.getFirstChild()) {
                    link.appendChild(child);
                }
                image.insertAfter(link);
                image.unlink();
                visitChildren(link);
            }

            @Override
            public void visit(HtmlInline html) {
                html.insertAfter(new Text(html.getLiteral()));
                html.unlink();
            }

            @Override
            public void visit(HtmlBlock html) {
                Paragraph paragraph = new Paragraph();
                paragraph.appendChild(new Text(html.getLiteral()));
                html.insertAfter(paragraph);
                html.unlink();
            }
        });
        return WRITER.render(document);
    }

    /// Leads to web pages and mail, by whole addresses: what is relative would lead into this page.
    private record WebAddresses() implements UrlSanitizer {

        private static final Pattern WHOLE = Pattern.compile("(?i)(?:https?://|mailto:)\\S.*");

        @Override
        public String sanitizeLinkUrl(String url) {
            return WHOLE.matcher(url).matches() ? url : "";
        }

        @Override
        public String sanitizeImageUrl(String url) {
            return "";
        }
    }

    /// An image by its name and address.
    private record ImageNames(HtmlWriter out) implements NodeRenderer {

        ImageNames(HtmlNodeRendererContext context) {
            this(context.getWriter());
        }

        @Override
        public Set<Class<? extends Node>> getNodeTypes() {
            return Set.of(Image.class);
        }

        @Override
        public void render(Node node) {
            StringBuilder name = new StringBuilder();
            for (Node child = node.getFirstChild(); child != null; child = child.getNext()) {
                if (child instanceof Text text) {
                    name.append(text.getLiteral());
                }
            }
            out.tag("span", Map.of("class", "named-image"));
            out.text("image " + name + " " + ((Image) node).getDestination());
            out.tag("/span");
        }
    }

    private Markdown() {}
}
