# Fetches a JDK into ~/.local/share/hypaware/jdk, if the user says yes. Sourced by hyp where find_java_home found none.
#   fetch_jdk LAUNCHER-FOLDER YES
# HYP_JDK_SOURCE is another place for the same archive; it has to be the same to a byte.

jdk_folder() {
  echo "${HOME:-/nonexistent}/.local/share/hypaware/jdk"
}

fetch_jdk() {
  pins=$1/jdk.txt
  platform=$(uname -s | tr '[:upper:]' '[:lower:]')-$(uname -m)
  archive=$(sed -n "s/^$platform \([^ ]*\) .*/\1/p" "$pins")
  pinned=$(sed -n "s/^$platform [^ ]* \([0-9a-f]*\)$/\1/p" "$pins")
  [ -n "$archive" ] && [ -n "$pinned" ] || return 1
  from=${HYP_JDK_SOURCE:-$(sed -n 's/^source //p' "$pins")}
  if command -v sha256sum > /dev/null 2>&1; then sum=sha256sum; else sum='shasum -a 256'; fi
  if command -v curl > /dev/null 2>&1; then
    if [ -t 2 ]; then quiet=-#; else quiet=-sS; fi
    get="curl -fL $quiet --retry 2 --connect-timeout 15 -o"
  elif command -v wget > /dev/null 2>&1; then
    get='wget -nv -O'
  else
    echo "With curl or wget, hyp could fetch one." >&2
    return 1
  fi
  if [ "$2" != yes ]; then
    if [ ! -t 0 ] || [ ! -t 2 ]; then
      echo "Or let hyp fetch one, about 140 MB from $from, into $(jdk_folder): hyp --yes $3" >&2
      return 1
    fi
    printf 'Fetch one now, about 140 MB from %s, into %s? [y/N] ' "$from" "$(jdk_folder)" >&2
    read -r answer
    case $answer in y* | Y*) ;; *) return 1 ;; esac
  fi
  target=$(jdk_folder)
  work=$target.new.$$
  rm -rf "$work"
  mkdir -p "$work" || return 1
  trap 'rm -rf "$work"' EXIT
  if ! $get "$work/archive" "$from/$archive" >&2; then
    echo "$from/$archive could not be fetched; HYP_JDK_SOURCE names another place for it" >&2
    return 1
  fi
  found=$($sum "$work/archive" | cut -d' ' -f1)
  if [ "$found" != "$pinned" ]; then
    echo "$from/$archive is not what it should be: expected SHA-256 $pinned, found $found. Nothing of it was used" >&2
    return 1
  fi
  mkdir "$work/jdk" && tar -xzf "$work/archive" -C "$work/jdk" || return 1
  for home in "$work"/jdk/*/Contents/Home "$work"/jdk/*; do
    if is_jdk_25 "$home"; then
      rm -rf "$target"
      mv "$home" "$target" && JAVA_HOME=$target
      rm -rf "$work"
      trap - EXIT
      return 0
    fi
  done
  echo "$archive holds no JDK 25" >&2
  return 1
}
