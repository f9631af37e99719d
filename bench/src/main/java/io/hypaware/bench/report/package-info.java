/// What benches say of what they have measured, and the document that it goes into: figures with their budgets and
/// tables, as lines on the terminal, as lines of JSON for the runner of all sections, and as Markdown. Measures
/// nothing.
@NullMarked
package io.hypaware.bench.report;

import org.jspecify.annotations.NullMarked;
