/// Flows from end to end in a home of their own, with a provider on loopback: what `hyp smoke` runs. They use commands
/// as a person does, each in a process, and know nothing of what is inside.
@NullMarked
package io.hypaware.smoke;

import org.jspecify.annotations.NullMarked;
