/// The tasks of maintenance, one class each that says where there is work, and beside it what does the
/// work. No task knows another one; their order is in `Tasks`.
@NullMarked
package io.hypaware.maintain.task;

import org.jspecify.annotations.NullMarked;
