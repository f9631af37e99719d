/// What the worker does, in the order of [io.hypaware.maintain.Maintenance]: settle, flush, adopt, expire,
/// compact, retain, sweep, prune; and the check and repair of what is kept. Brings journal, projection, lake and
/// older caches together; holds no socket.
@NullMarked
package io.hypaware.maintain;

import org.jspecify.annotations.NullMarked;
