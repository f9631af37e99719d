/// SQL over lake and hot rows: consistent views, a sandbox, output formats. Reads; writes nothing but its own
/// spill files.
@NullMarked
package io.hypaware.query;

import org.jspecify.annotations.NullMarked;
