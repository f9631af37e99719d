# Runs the gateway, and starts it again when it dies: at once the first times, later if it goes on dying.
#
#   sh -c SCRIPT hypaware RUN-FOLDER COMMAND...
#
# The standard input is the socket that the gateway listens on. It is held here, so that connections wait while there is
# no gateway, and are not refused. USR1 starts another gateway, which takes over from the one that runs; where that
# fails, the one that runs goes on. It ends with the gateway where that was told to stop, or could not start the first
# time. A shell, because it takes a megabyte.
run=$1; shift
cd "$run/../logs" 2>/dev/null
HYP_SUPERVISOR=$$; export HYP_SUPERVISOR
trap '' HUP
exec 3<&0 0</dev/null
say() { echo "$(date '+%Y-%m-%dT%H:%M:%S') $*"; }
start() {
  HYP_PREDECESSOR=$before; export HYP_PREDECESSOR
  began=$(date +%s)
  "$@" <&3 3<&- &
  child=$!
}
took_over() { grep -q '"pid":'"$1"',' "$run/successor.json" 2>/dev/null; }
# child: the newest gateway. before: the one that it is to take over from; until it has, that one serves.
before=; again=; stopping=; failed=0; ran=no
trap 'stopping=yes; kill -TERM "$child" 2>/dev/null' TERM INT
trap 'again=yes' USR1
start "$@"
while :; do
  if [ -z "$again" ]; then
    wait "$child"; code=$?
    while kill -0 "$child" 2>/dev/null && [ -z "$again" ]; do wait "$child"; code=$?; done
  fi
  if [ -n "$again" ]; then
    # First it is to be decided what becomes of the one that was started last.
    while kill -0 "$child" 2>/dev/null && [ -n "$before" ] && kill -0 "$before" 2>/dev/null && ! took_over "$child"; do
      sleep 0.2
    done
    if kill -0 "$child" 2>/dev/null; then
      again=
      if [ -z "$stopping" ]; then before=$child; ran=yes; start "$@"; fi
      continue
    fi
    wait "$child"; code=$?
  fi
  if [ -n "$before" ] && kill -0 "$before" 2>/dev/null && ! took_over "$child"; then
    say "the new gateway ended with $code; the one before goes on"
    child=$before; before=
    [ -n "$stopping" ] && kill -TERM "$child" 2>/dev/null
    continue
  fi
  before=
  case $code in
    69) [ "$ran" = no ] && exit "$code" ;;
    # Who connects now is refused, while those that handed over let their last calls end.
    0 | 130 | 143) exec 3<&-; wait; exit "$code" ;;
  esac
  lived=$(( $(date +%s) - began ))
  if [ "$ran" = no ] && [ "$code" -lt 70 ] && [ "$code" -ne 3 ] && [ "$lived" -lt 30 ]; then exit "$code"; fi
  ran=yes
  again=
  if [ "$lived" -ge 10 ]; then failed=0; fi
  failed=$(( failed + 1 ))
  say "the gateway ended with $code; it is started again"
  if [ "$failed" -gt 10 ]; then sleep $(( failed < 40 ? failed - 10 : 30 )); fi
  start "$@"
done
