/// What is recorded, as tools that an agent calls over the Model Context Protocol on standard input and output. Reads
/// through `read`, within bounds of bytes and time for each answer; no SQL, no printing.
@NullMarked
package io.hypaware.mcp;

import org.jspecify.annotations.NullMarked;
