# shellcheck shell=sh
# Sourced by the programs of sbin: the best Java of those installed, without starting one to ask it.
#   in:  $program, $dist
#   out: $java, $options
# As few processes as can be: people type ipsecifctl.

oldest_java=17
newest_tested_java=25
jvm_dirs=${IPSECIF_JVM_DIRS:-/usr/lib/jvm/*:/usr/local/openjdk*}

# version_of HOME: in $version its major version by its release file; empty if that does not say
version_of() {
  version=
  [ -f "$1/release" ] && [ -r "$1/release" ] || return 0
  while IFS='=' read -r key value; do
    [ "$key" = JAVA_VERSION ] || continue
    value=${value#\"}
    version=${value%%[!0-9]*}
    break
  done <"$1/release"
  [ "${#version}" -le 4 ] || version=
}

# has_java HOME
has_java() { [ -f "$1/bin/java" ] && [ -x "$1/bin/java" ]; }

# is_better VERSION: than the best so far: the highest of those tested, else the lowest above
is_better() {
  if [ -z "$best" ]; then return 0; fi
  if [ "$best" -le "$newest_tested_java" ]; then [ "$1" -le "$newest_tested_java" ] && [ "$1" -gt "$best" ]; else [ "$1" -lt "$best" ]; fi
}

# consider HOME: is it the best so far?
consider() {
  has_java "$1" || return 0
  version_of "$1"
  if [ -z "$version" ]; then
    [ -n "$unknown" ] || unknown=$1/bin/java
  elif [ "$version" -lt "$oldest_java" ]; then
    old="$1 is of version $version"
  elif is_better "$version"; then
    best=$version
    java=$1/bin/java
  fi
}

# consider_path: the java on PATH, which often is a link; one that is a script belongs to no home that could be asked
consider_path() {
  found=$(command -v java) || return 0
  real=$(readlink -f "$found") || return 0
  case $real in
    */bin/java) consider "${real%/bin/java}" ;;
    *) [ -n "$unknown" ] || unknown=$found ;;
  esac
}

consider_directories() {
  before=$IFS
  IFS=:
  # shellcheck disable=SC2086 # split at colons, and patterns
  set -- $jvm_dirs
  IFS=$before
  for each in "$@"; do consider "$each"; done
}

refuse() {
  echo "${program:-ipsecif}: $*" >&2
  exit 1
}

java='' best='' unknown='' old=''
if [ -n "${IPSECIF_JAVA_HOME:-}" ]; then
  has_java "$IPSECIF_JAVA_HOME" || refuse "IPSECIF_JAVA_HOME: $IPSECIF_JAVA_HOME has no bin/java"
  consider "$IPSECIF_JAVA_HOME"
  [ -z "$old" ] || refuse "IPSECIF_JAVA_HOME: $old; $oldest_java or later is needed"
else
  [ -z "${JAVA_HOME:-}" ] || consider "$JAVA_HOME"
  consider_path
  consider_directories
fi
: "${java:=$unknown}"
[ -n "$java" ] ||
  refuse "no Java found${old:+ but $old}; install one of $oldest_java or later, or set IPSECIF_JAVA_HOME"

# HotSpot suspends threads by SIGUSR2, as its profilers do; ours means something else. 29 is SIGIO, on FreeBSD SIGINFO.
export _JAVA_SR_SIGNUM=29
options="-XX:+UseSerialGC -Xshare:auto"
# One that is newer than those tested may not know an option of theirs any more.
[ "${best:-$oldest_java}" -le "$newest_tested_java" ] || options="$options -XX:+IgnoreUnrecognizedVMOptions"
if [ "${best:-$oldest_java}" -ge 24 ]; then
  options="$options --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
fi
