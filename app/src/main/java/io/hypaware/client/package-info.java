/// Agents on this machine: how one is attached to the gateway and detached again, in its own settings file. A file
/// belongs
/// to its user: what is not ours keeps every byte. May not know the journal, the lake or the gateway; who calls says
/// where the gateway is.
@NullMarked
package io.hypaware.client;

import org.jspecify.annotations.NullMarked;
