/// Large values as elements: where a body is cut, how elements are grouped, and what stands for the whole. Pure
/// functions over bytes; knows no other room but datasets' hashes.
@NullMarked
package io.hypaware.payload;

import org.jspecify.annotations.NullMarked;
