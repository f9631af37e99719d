/// Workloads and measurements. Each prints its figures beside a baseline of the same run; nothing here is shipped.
@NullMarked
package io.hypaware.bench;

import org.jspecify.annotations.NullMarked;
