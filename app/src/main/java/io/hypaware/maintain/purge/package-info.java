/// What is taken back: an order that is written down first, then everything that it means, wherever it is kept, and a
/// search through every byte that shows it.
@NullMarked
package io.hypaware.maintain.purge;

import org.jspecify.annotations.NullMarked;
