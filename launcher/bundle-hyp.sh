#!/bin/sh
# Starts HypAware out of a bundle: its own Java, its own libraries. The first start makes the JVM's caches for fast starts,
# beside the command that it was made for.
set -u

self=$0
while [ -L "$self" ]; do
  link=$(readlink "$self")
  case $link in /*) self=$link ;; *) self=$(dirname "$self")/$link ;; esac
done

# Before all that takes time.
if [ "$#" -eq 1 ] && [ "$1" = statusline ]; then
  case $self in */*) script=${self%/*}/../launcher/statusline.sh ;; *) script=../launcher/statusline.sh ;; esac
  if command -v bash > /dev/null 2>&1; then exec bash "$script"; fi
  . "$script"
fi

root=$(cd "$(dirname "$self")/.." && pwd -P)
# By its link, if there is one, which a later version takes over.
called=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
java=$root/runtime/bin/java

if [ "$#" -eq 1 ] && { [ "$1" = "--version" ] || [ "$1" = "-V" ]; }; then
  read -r version < "$root/version" || true
  echo "hyp $version"
  exit 0
fi

# What is made at the first start; elsewhere, if the bundle is not ours to write in.
state=$root
[ -w "$root" ] || state=${XDG_CACHE_HOME:-$HOME/.cache}/hypaware/$(cat "$root/version")
mkdir -p "$state" 2>/dev/null || state=$(mktemp -d)

arguments() {
  # The first line says whose paths these are: the folder may be moved.
  { echo "# $root"; sh "$root/launcher/jvm-args.sh" "$root" "$state"; } > "$state/jvm.args.$$" \
    && grep -q '\.jar' "$state/jvm.args.$$" && mv "$state/jvm.args.$$" "$state/jvm.args" && return 0
  rm -f "$state/jvm.args.$$"
  echo "hyp: what starts it could not be written into $state" >&2
  return 1
}

if ! read -r whose 2>/dev/null < "$state/jvm.args" || [ "$whose" != "# $root" ]; then
  rm -f "$state"/*.aot
  arguments || exit 1
fi
# One that was killed, or failed, leaves its folder, and is tried again later.
find "$state/training" -maxdepth 0 -mmin +10 -exec rm -rf {} + 2>/dev/null

. "$root/launcher/caches.sh"
if ! caches_are_made "$state" && mkdir "$state/training" 2>/dev/null; then
  # Meanwhile this start goes on without them.
  (
    nice -n 10 sh -c '. "$0"; make_caches "$@"' "$root/launcher/caches.sh" "$java" "$state/jvm.args" "$state" "$state/training" \
      && rm -rf "$state/training"
  ) > /dev/null 2>&1 < /dev/null &
fi

export MALLOC_ARENA_MAX=2
case ${LC_ALL:-${LC_CTYPE:-${LANG:-}}} in
  *[Uu][Tt][Ff]-8* | *[Uu][Tt][Ff]8*) ;;
  *) export LC_ALL=C.UTF-8 ;;
esac
umask 077
# What a service starts, or tells an agent to.
: "${HYP_BIN:=$called}"
export HYP_BIN

if [ "${1:-} ${2:-}" = "daemon run" ]; then
  exec "$java" -XX:AOTCache="$state/gateway.aot" @"$state/jvm.args" @"$root/gateway.args" io.hypaware.cli.Hyp "$@"
fi
cache_of "${1:-}"
# The page stays for hours beside others.
heap=
if [ "${1:-}" = web ]; then heap=-Xmx128m; fi
exec "$java" -XX:AOTCache="$state/$cache.aot" @"$state/jvm.args" $heap io.hypaware.cli.Hyp "$@"
