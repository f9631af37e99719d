/// What docs/contributing.md says how to add, added: a provider, a dataset, a task of maintenance.
/// Nothing outside of this folder and the service files of the test tree knows of it.
@NullMarked
package io.hypaware.toy;

import org.jspecify.annotations.NullMarked;
