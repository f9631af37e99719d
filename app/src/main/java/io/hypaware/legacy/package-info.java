/// Caches written by HypAware for Node, under `datasets/`: what is there, which copy lives, and how it becomes
/// rows of the lake. Reads only; the one thing it writes there is the mark of a copy that was adopted.
@NullMarked
package io.hypaware.legacy;

import org.jspecify.annotations.NullMarked;
