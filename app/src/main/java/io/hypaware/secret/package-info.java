/// What looks like a secret in a text, and the text without it. The rules are a file of their own (`rules.txt`).
/// Pure: knows no rows, no files of the user, no other room.
@NullMarked
package io.hypaware.secret;

import org.jspecify.annotations.NullMarked;
