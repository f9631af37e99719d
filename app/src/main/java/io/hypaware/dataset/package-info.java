/// What a dataset is: its columns, types, row identity and primary time. Knows no other room.
@NullMarked
package io.hypaware.dataset;

import org.jspecify.annotations.NullMarked;
