/// Full text: which parts of messages hold some words. An index beside the lake, which can be lost and made again.
@NullMarked
package io.hypaware.search;

import org.jspecify.annotations.NullMarked;
