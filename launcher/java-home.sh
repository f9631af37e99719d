# Finds a JDK of version 25 or later and sets JAVA_HOME; says how to get one if there is none.
# Sourced by hyp and check. Reads the release file of a JDK instead of starting it, which would cost time at each start.

java_major() {
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null
}

is_jdk_25() {
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] || return 1
  major=$(java_major "$1")
  [ -n "$major" ] && [ "$major" -ge 25 ]
}

find_java_home() {
  if [ -n "${JAVA_HOME:-}" ] && is_jdk_25 "$JAVA_HOME"; then
    return 0
  fi
  on_path=$(command -v java 2>/dev/null)
  if [ -n "$on_path" ]; then
    real=$(readlink -f "$on_path" 2>/dev/null) || real=$on_path
    candidate=${real%/bin/java}
    if is_jdk_25 "$candidate"; then
      JAVA_HOME=$candidate
      return 0
    fi
  fi
  for candidate in \
      /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* /usr/local/java/* \
      "$HOME"/.local/share/hypaware/jdk "${SDKMAN_DIR:-$HOME/.sdkman}"/candidates/java/* "$HOME"/.jdks/* \
      /Library/Java/JavaVirtualMachines/*/Contents/Home "$HOME"/Library/Java/JavaVirtualMachines/*/Contents/Home \
      /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    if is_jdk_25 "$candidate"; then
      JAVA_HOME=$candidate
      return 0
    fi
  done
  cat >&2 <<'HELP'
HypAware needs a JDK 25 or later, and none was found in JAVA_HOME, on PATH or in the usual folders.
Get one:
  Debian, Ubuntu   apt install openjdk-25-jdk    (or temurin-25-jdk from Adoptium)
  macOS            brew install openjdk@25
  SDKMAN           sdk install java 25-tem
or set JAVA_HOME to one that you have.
HELP
  return 1
}
