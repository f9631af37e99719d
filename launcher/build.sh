#!/bin/sh
# Builds the distribution in app/target/dist and prepares it to start fast. Called by hyp; JAVA_HOME is set.
set -u
root=$1
dist=$root/app/target/dist
log=$root/app/target/build.log
mkdir -p "$root/app/target"

# Only one build at a time; a second caller waits for the first.
lock=$root/app/target/build.lock
tries=0
while ! mkdir "$lock" 2>/dev/null; do
  if ! kill -0 "$(cat "$lock/pid" 2>/dev/null)" 2>/dev/null; then
    tries=$((tries + 1))
    [ "$tries" -ge 5 ] && rm -rf "$lock"
  fi
  sleep 1
done
echo $$ > "$lock/pid"
trap 'rm -rf "$lock"' EXIT
trap 'exit 1' INT TERM

step() {
  if [ -t 2 ]; then printf '\r\033[K%s' "$1" >&2; else echo "$1" >&2; fi
}

rm -rf "$dist.new" "$dist.old"
started=$(date +%s)
(cd "$root" && exec ./mvnw -B -Pdist -pl app package -DskipTests -Dmaven.test.skip=true -Dspotless.check.skip=true) > "$log" 2>&1 &
maven=$!
while kill -0 $maven 2>/dev/null; do
  done_so_far=$(grep -c 'Downloaded from' "$log" 2>/dev/null)
  now=$(grep '^\[INFO\] --- ' "$log" 2>/dev/null | tail -n 1 | sed 's/^\[INFO\] --- \([a-z]*\):.*/\1/')
  [ -t 2 ] && step "Building HypAware, once: $(( $(date +%s) - started )) s, ${now:-starting}, $done_so_far files fetched"
  sleep 1
done
[ -t 2 ] || step "Building HypAware, once (log: $log)"
if ! wait $maven; then
  step ""
  grep '^\[ERROR\]' "$log" | sed '/Failed to execute goal/q' | head -n 20 >&2
  echo "The build failed; the whole log is $log" >&2
  exit 1
fi

# In place of the one before, which a gateway may be running on: its files stay for it until it ends. Written over,
# they would take it down with them.
[ -d "$dist" ] && mv "$dist" "$dist.old"
mv "$dist.new" "$dist"
rm -rf "$dist.old"

step "Building HypAware, once: preparing fast starts"
sh "$root/launcher/jvm-args.sh" "$dist" > "$dist/jvm.args"
echo "JAVA_HOME='$JAVA_HOME'" > "$dist/java.env"
training=$(mktemp -d)
. "$root/launcher/caches.sh"
make_caches "$JAVA_HOME/bin/java" "$dist/jvm.args" "$dist" "$training" >> "$log" 2>&1 || {
  step ""
  echo "Not all fast starts could be prepared, so that commands take a second longer; why is at the end of $log" >&2
}
rm -rf "$training"
"$JAVA_HOME/bin/java" @"$dist/jvm.args" io.hypaware.cli.Hyp daemon limits > "$dist/gateway.args" 2>> "$log" \
  || rm -f "$dist/gateway.args"
touch "$dist/built"
step "Built HypAware in $(( $(date +%s) - started )) s"
echo >&2
