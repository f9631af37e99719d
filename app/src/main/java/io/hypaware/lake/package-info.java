/// Iceberg tables on local disk: catalog, generations, append, scan. Knows datasets and the engine; never the
/// journal or the gateway.
@NullMarked
package io.hypaware.lake;

import org.jspecify.annotations.NullMarked;
