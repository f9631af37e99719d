/// Where files go to and come from: a folder or a bucket, by keys. Knows no rows and no tables; what a file
/// holds is its writer's affair.
@org.jspecify.annotations.NullMarked
package io.hypaware.store;
