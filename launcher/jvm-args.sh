#!/bin/sh
# Prints the JVM's arguments for a distribution, as an argument file.
#   jvm-args.sh DISTRIBUTION [FOLDER OF THE JVM'S CACHES]
# Which of the caches a process uses comes from who starts it: caches.sh, and JvmCache for processes that start others.
# Reflection by method handles makes classes at each start, and so does the engine's driver for a flight recorder.
# One language is spoken, for which the formats of all others need not be looked up. Iceberg's threads are for metadata
# that is far away.
dist=$1
caches=${2:-$dist}
cat <<ARGS
-Xlog:aot*=off
-Dhypaware.jvm.caches="$caches"
-XX:+UseSerialGC
-XX:TieredStopAtLevel=1
-Xmx256m
-Xms16m
-Xmn8m
-XX:MinHeapFreeRatio=10
-XX:MaxHeapFreeRatio=20
-XX:-ShrinkHeapInSteps
-XX:-UsePerfData
-Djdk.reflect.useNativeAccessorOnly=true
-Djfr.unsupported.vm=true
-Djava.locale.providers=FALLBACK
-Diceberg.scan.plan-in-worker-pool=false
--enable-native-access=ALL-UNNAMED
--sun-misc-unsafe-memory-access=allow
-Dorg.sqlite.lib.path="$dist/native"
-Dvertx.disableDnsResolver=true
-Dio.netty.noUnsafe=false
-Dfile.encoding=UTF-8
-Dstdout.encoding=UTF-8
-Dstderr.encoding=UTF-8
ARGS
# By the shell alone, which sorts what it finds.
LC_ALL=C
jars=
for jar in "$dist"/lib/*.jar; do jars=$jars${jars:+:}$jar; done
printf '%s\n' "-cp" "\"$jars\""
