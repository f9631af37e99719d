# Where a session of Claude Code works: a line for each of its hooks, appended to sessions.tsv beside this file.
# What a hook prints becomes part of the prompt, and how it ends may stop the agent; so this prints nothing, and always
# succeeds. All that takes time, reading included, is done when the agent has gone on already.
#
# Read by the shell that the agent starts, which has set: here, the folder of this file.
#
# Fields, between tabs: version of this format, seconds since 1970, event, session, agent, folder, transcript, and of git the
# commit, branch, address of its origin without what logs in there, and the folder of the repository. The first five
# texts are as JSON has them, without the quotes.
umask 077
exec 3<&0

# The first of a name: what a tool was called with comes later.
field() {
  case $input in
    *"\"$1\":\""*) value=${input#*"\"$1\":\""} ;;
    *"\"$1\": \""*) value=${input#*"\"$1\": \""} ;;
    *) value=\" ;;
  esac
  value=${value%%\"*}
  # It ended at a quote that is part of it.
  case $value in *\\) value= ;; esac
}

(
  # What is wanted stands at the beginning; what a tool said may be very long.
  input=$(head -c 16384 <&3; cat <&3 > /dev/null)
  field session_id; session=$value
  [ -n "$session" ] || exit 0
  field hook_event_name; event=$value
  field agent_id; agent=$value
  field cwd; cwd=$value
  field transcript_path; transcript=$value
  commit= branch= remote= root=
  if [ -d "$cwd/" ]; then
    { IFS= read -r root; read -r commit; read -r branch; } <<GIT
$(git -C "$cwd" rev-parse --show-toplevel HEAD --abbrev-ref HEAD 2>/dev/null)
GIT
    case $commit in *[!0-9a-f]*) commit= ;; esac
    remote=$(git -C "$cwd" config --get remote.origin.url 2>/dev/null)
    # Only what surely holds no secret: neither what logs in, nor what stands behind the path.
    case $remote in
      *[[:cntrl:][:space:]]*) remote= ;;
      http://* | https://* | ssh://* | git://*)
        scheme=${remote%%://*}
        rest=${remote#*://}
        host=${rest%%[/?#]*}
        path=${rest#"$host"}
        path=${path%%[?#]*}
        remote=$scheme://${host##*@}$path ;;
      git@*:*) case ${remote#git@} in *@*) remote= ;; esac ;;
      *@* | *:*) remote= ;;
    esac
  fi
  for fact in "$event" "$session" "$agent" "$cwd" "$transcript" "$branch" "$root"; do
    case $fact in *[[:cntrl:]]*) exit 0 ;; esac
  done
  file=$here/sessions.tsv
  if [ "$event" = SessionStart ] && [ -n "$(find "$file" -size +16384k 2>/dev/null)" ]; then
    mv -f "$file" "$file.1"
  fi
  printf '1\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$(date +%s)" "$event" "$session" "$agent" "$cwd" "$transcript" \
    "$commit" "$branch" "$remote" "$root" >> "$file"
) < /dev/null > /dev/null 2>&1 &
exit 0
