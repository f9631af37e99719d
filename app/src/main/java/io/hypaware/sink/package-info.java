/// What leaves this machine by itself: sinks of the config, each with a place that it has come to, and when it runs.
/// It reads what happened by the read model, behind one door: sessions that stay on this machine do not pass. It
/// changes nothing that is recorded.
@org.jspecify.annotations.NullMarked
package io.hypaware.sink;
