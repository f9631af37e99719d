/// The page: what [io.hypaware.read] knows, for a browser on this machine. It renders and decides nothing; it knows no
/// SQL but what a user types, and no gateway.
@NullMarked
package io.hypaware.web;

import org.jspecify.annotations.NullMarked;
