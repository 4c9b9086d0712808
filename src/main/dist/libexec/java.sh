# shellcheck shell=sh
# Sourced by the programs of sbin: finds the tree they stand in and a Java of 17 or later.
#   in:  $0, $program
#   out: $dist, $java, $options

self=$0
while [ -L "$self" ]; do
  target=$(readlink "$self")
  case $target in
    /*) self=$target ;;
    *) self=$(dirname "$self")/$target ;;
  esac
done
dist=$(cd "$(dirname "$self")/.." && pwd) || exit 1

java=
for home in "${IPSECIF_JAVA_HOME:-}" "${JAVA_HOME:-}"; do
  if [ -z "$java" ] && [ -n "$home" ] && [ -x "$home/bin/java" ]; then java=$home/bin/java; fi
done
[ -n "$java" ] || java=$(command -v java) || {
  echo "$program: no Java found; install one of 17 or later, or set IPSECIF_JAVA_HOME" >&2
  exit 1
}

# The release file of the Java's home says its version without starting it.
java_real=$(readlink -f "$java" 2>/dev/null || echo "$java")
release=$(dirname "$(dirname "$java_real")")/release
major=17
if [ -r "$release" ]; then
  major=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$release")
fi
if [ "${major:-17}" -lt 17 ]; then
  echo "$program: $java is of version $major; 17 or later is needed (IPSECIF_JAVA_HOME)" >&2
  exit 1
fi
# HotSpot suspends threads by SIGUSR2, as its profilers do; ours means something else. 29 is SIGIO, on FreeBSD SIGINFO.
export _JAVA_SR_SIGNUM=29
options="-XX:+UseSerialGC -Xshare:auto"
if [ "${major:-17}" -ge 24 ]; then
  options="$options --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
fi
