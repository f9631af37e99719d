# The JVM's caches of classes, for fast starts. Sourced by hyp, by that of a bundle, and by build.sh.

# Sets cache to the one that a command uses, by its first word. One of another command would do, only slower.
cache_of() {
  case $1 in
    '' | -* | attach | completion | config | daemon | detach | down | help | install | status | uninstall | up | upgrade) cache=plain ;;
    query | session | exchange) cache=query ;;
    *) cache=work ;;
  esac
}

# Whether all are there, in FOLDER.
caches_are_made() {
  for cache in gateway plain query work; do
    [ -f "$1/$cache.aot" ] || return 1
  done
}

# Makes those that are not there, one after another; each takes some seconds.
#   make_caches JAVA ARGUMENT-FILE FOLDER HOME-TO-BE-THROWN-AWAY
# What fails is tried again by whoever calls this again; the others are there all the same.
make_caches() {
  made=0
  # The gateway first: what it records is what the others look at.
  for cache in gateway work query plain; do
    [ ! -f "$3/$cache.aot" ] || continue
    new=$4/$cache.aot
    (
      export HYP_HOME="$4" HOME="$4"
      unset HYP_CONFIG
      if [ "$cache" = gateway ]; then
        exec "$1" @"$2" io.hypaware.daemon.GatewayTraining "$new"
      fi
      exec "$1" -XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining -XX:AOTCacheOutput="$new" @"$2" io.hypaware.cli.Training "$cache"
    ) < /dev/null
    # The JVM may have failed after its work was done.
    # In its place only once it is on the disk.
    if [ -s "$new" ]; then sync "$new" 2> /dev/null; mv "$new" "$3/$cache.aot"; else made=1; fi
  done
  return $made
}
