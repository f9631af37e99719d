package io.hypaware.web;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import java.util.Map;

/// The templates, which became classes when the program was built.
final class Templates {

    private static final TemplateEngine ENGINE = TemplateEngine.createPrecompiled(ContentType.Html);

    /// @param name its file under `src/main/jte`, without `.jte`
    /// @param view the template's one parameter
    static String render(String name, Object view) {
        StringOutput out = new StringOutput();
        ENGINE.render(name + ".jte", Map.of("view", view), out);
        return out.toString();
    }

    private Templates() {}
}
