/// What runs within Spark's own process, on any Java from 17 on: nothing here may use another package.
package io.hypaware.spark.console;
