# shellcheck shell=bash
# Shared by linux/demo, linux/test and the scripts below src/test: namespaces, daemons, checks. Sourced by bash.
#
# Everything happens in network namespaces that the script makes, named after its process, and is removed at its end.

set -u
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dist=${IPSECIF_DIST:-$top/target/dist}
passed=0
failed=0
skipped=0

say() { printf '%s\n' "$*"; }
heading() { printf '\n== %s\n' "$*"; }
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

ok() {
  passed=$((passed + 1))
  say "ok - $*"
}
not_ok() {
  failed=$((failed + 1))
  say "NOT OK - $*"
}
skip() {
  skipped=$((skipped + 1))
  say "skipped - $*"
}
# check DESCRIPTION COMMAND...: the command succeeds. It runs in this shell, so that it can set variables.
check() {
  local what=$1
  shift
  if "$@" >"$work/check.out" 2>&1; then ok "$what"; else
    not_ok "$what"
    show_output
  fi
}
# refute DESCRIPTION COMMAND...: the command fails
refute() {
  local what=$1
  shift
  if "$@" >"$work/check.out" 2>&1; then
    not_ok "$what"
    show_output
  else ok "$what"; fi
}
show_output() { sed 's/^/    | /' "$work/check.out" | head -n 40; }
# equal DESCRIPTION EXPECTED ACTUAL
equal() {
  if [ "$2" = "$3" ]; then ok "$1"; else
    not_ok "$1"
    printf '    | expected: %s\n    | actual:   %s\n' "$2" "$3"
  fi
}
# summary: the closing line, and the exit status
summary() {
  printf '%s%d passed, %d failed' "${1:+$1: }" "$passed" "$failed"
  [ "$skipped" = 0 ] || printf ', %d skipped' "$skipped"
  printf '\n'
  [ "$failed" = 0 ]
}

# until_true SECONDS COMMAND...: polls; fails when the time is over. It waits on a pipe that nobody writes to: no process a turn.
# A machine that stood still for a while, as virtual ones do, has not waited: four turns a second count too.
until_true() {
  local end=$((SECONDS + $1)) least=$((4 * $1)) silence result=0
  shift
  exec {silence}<> <(:)
  until "$@" >/dev/null 2>&1; do
    [ $((least -= 1)) -gt 0 ] || [ "$SECONDS" -le "$end" ] || { result=1 && break; }
    read -rt 0.05 -u "$silence" || :
  done
  exec {silence}<&-
  return "$result"
}

# as_root_or_userns ARGS...: goes on as root; otherwise starts the script again in namespaces where it is root
as_root_or_userns() {
  if [ "$(id -u)" = 0 ]; then
    [ -z "${IPSECIF_USERNS:-}" ] || mount -t tmpfs tmpfs /run || die "cannot mount /run in the user namespace"
    mkdir -p /run/netns
    return
  fi
  unshare -Urnm true 2>/dev/null ||
    die "needs root, or unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1)"
  [ -r /dev/net/tun ] && [ -w /dev/net/tun ] ||
    die "needs root, or a /dev/net/tun that $(id -un) may read and write"
  say "not root: going on in a user namespace of my own (unshare -Urnm)"
  IPSECIF_USERNS=1 exec unshare -Urnm "$0" "$@"
}

# need COMMAND PACKAGE [COMMAND PACKAGE]...: installs with apt what is missing, and says so
need() {
  local missing=()
  while [ $# -gt 1 ]; do
    PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null 2>&1 || missing+=("$2")
    shift 2
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ] || [ -n "${IPSECIF_USERNS:-}" ]; then
    die "missing, and only root can install them: apt-get install ${missing[*]}"
  fi
  say "installing with apt: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  # one at a time: what runs beside may be missing something too
  flock "$top" apt-get update -q >/dev/null &&
    flock "$top" apt-get install -q -y --no-install-recommends "${missing[@]}" >/dev/null ||
    die "apt could not install ${missing[*]}"
}

# has_ipsec_mb: whether it is there, in the version that ipsecifd uses
has_ipsec_mb() {
  local file
  file=$(ldconfig -p | awk '/libIPSec_MB\.so\.1 / {print $NF; exit}')
  [ -n "$file" ] && [[ $(readlink -f "$file") == *.so.1.3.* ]]
}

# want_ipsec_mb: installs libIPSec_MB, which makes AES-GCM several times faster, where there is a package of it; true if it is there
want_ipsec_mb() {
  local there=0
  has_ipsec_mb && return 0
  if [ "$(uname -m)" = x86_64 ] && [ "$(id -u)" = 0 ] && [ -z "${IPSECIF_USERNS:-}" ] && command -v apt-get >/dev/null; then
    say "installing with apt: libipsec-mb1"
    export DEBIAN_FRONTEND=noninteractive
    flock "$top" apt-get update -q >/dev/null &&
      flock "$top" apt-get install -q -y --no-install-recommends libipsec-mb1 >/dev/null || there=1
    [ $there = 0 ] && has_ipsec_mb && return 0
  fi
  say "without libIPSec_MB 1.3 (Debian 12: libipsec-mb1): AES-GCM is the JDK's, which is several times slower"
  return 1
}

# build: target/dist, by Maven
build() {
  need javac openjdk-17-jdk-headless mvn maven
  say "building with Maven (dependencies come into ~/.m2)"
  (cd "$top" && mvn -B -q -ntp -DskipTests package) || die "the build failed"
}

PATH=$PATH:/usr/sbin:/sbin
work=
namespaces=()
daemons=()

# scratch: a private directory, removed at the end with all that the script made
scratch() {
  work=$(mktemp -d) || die "mktemp failed"
  chmod 700 "$work"
  owner=$BASHPID
  trap cleanup EXIT
  trap 'exit 130' INT TERM
}
# A child that is killed before it has become another program still has the traps, but all this is not its own.
cleanup() {
  local each
  [ "$owner" = "$BASHPID" ] || return
  for each in ${daemons[@]+"${daemons[@]}"}; do kill "$each" 2>/dev/null; done
  for each in ${daemons[@]+"${daemons[@]}"}; do
    until_true 5 process_gone "$each" || kill -9 "$each" 2>/dev/null
  done
  for each in ${namespaces[@]+"${namespaces[@]}"}; do ip netns del "$each" 2>/dev/null; done
  [ -z "$work" ] || rm -rf "$work"
}
# process_gone PID: ended; a zombie that its parent has not waited for counts as ended, and one that is waited for this moment.
# The file is read at once: a process that becomes another program meanwhile gets a shorter name, and all that follows moves.
process_gone() {
  local status
  kill -0 "$1" 2>/dev/null || return 0
  { mapfile -t status <"/proc/$1/status"; } 2>/dev/null || ! kill -0 "$1" 2>/dev/null || return 1
  [[ "${status[*]}" =~ State:[[:space:]]*Z ]]
}

# netns NAME: makes a namespace; its real name is in the variable ns_NAME
netns() {
  local real="ipsecif-$$-$1"
  ip netns add "$real" || die "cannot make a network namespace"
  namespaces+=("$real")
  printf -v "ns_$1" %s "$real"
  declare -ga "in_$1=(nsenter --net=/run/netns/$real)"
  ip -n "$real" link set lo up
}
# within NAMESPACE COMMAND...; in the background use ${in_NAME[@]} instead, whose $! is the command's own
within() { nsenter --net="/run/netns/$1" "${@:2}"; }

# veth NAMESPACE1 DEVICE1 NAMESPACE2 DEVICE2
veth() {
  ip link add "$2" netns "$1" type veth peer name "$4" netns "$3" || die "cannot make a veth pair"
  ip -n "$1" link set "$2" up
  ip -n "$3" link set "$4" up
}
# address NAMESPACE DEVICE ADDRESS...
address() {
  local each
  for each in "${@:3}"; do
    case $each in
      *:*) ip -n "$1" address add "$each" dev "$2" nodad ;;
      *) ip -n "$1" address add "$each" dev "$2" ;;
    esac
  done
}

# daemon NAME NAMESPACE ARGS...: starts ipsecifd in the foreground of a background job, waits until it answers.
# A background job of a script ignores SIGINT, and a JVM leaves an ignored SIGINT ignored: hence env.
# Its socket is $work/NAME.sock, its log $work/NAME.log, its process id in pid_NAME.
daemon() {
  local name=$1 namespace=$2 pid
  shift 2
  : >"$work/$name.log" # now, lest a predecessor's be read
  local enter=(nsenter --net="/run/netns/$namespace")
  [ ! -d "/etc/netns/$namespace" ] || enter=(ip netns exec "$namespace") # with a hosts file of its own, see ip-netns(8)
  "${enter[@]}" env --default-signal=INT "$dist/sbin/ipsecifd" --foreground --socket "$work/$name.sock" \
    --state-dir "$work/$name.state" "$@" >"$work/$name.log" 2>&1 &
  pid=$!
  daemons+=("$pid")
  printf -v "pid_$name" %s "$pid"
  until_true "${IPSECIF_START_SECONDS:-60}" answers_or_ended "$name" "$pid"
  ready "$name" && ! process_gone "$pid" && return
  cat "$work/$name.log"
  return 1
}
answers_or_ended() { ready "$1" || process_gone "$2"; }
# ready NAME: the socket's being there would not do, it may be a dead daemon's
ready() {
  local line
  while read -r line; do
    [[ $line != *ipsecifd\ *\ ready* ]] || return 0
  done <"$work/$1.log"
  return 1
}
# stop NAME: SIGTERM; the exit status is the daemon's
stop() {
  local pid="pid_$1"
  kill "${!pid}"
  wait "${!pid}"
}
# stopped NAME: its exit status, when it has ended already
stopped() {
  local pid="pid_$1"
  process_gone "${!pid}" && wait "${!pid}"
}
# ctl NAME ARGS...: ipsecifctl to the daemon NAME
ctl() { "$dist/sbin/ipsecifctl" --socket "$work/$1.sock" "${@:2}"; }
# rpc NAME METHOD [PARAMS]: a request over the control socket, by docs/control-protocol.md: it spares the start of a JVM
rpc() {
  printf '{"jsonrpc":"2.0","id":1,"method":"%s","params":%s}\n' "$2" "${3:-{\}}" | perl -MIO::Socket::UNIX -e '
    my $socket = IO::Socket::UNIX->new(Peer => shift) or die "connect: $!\n";
    print $socket scalar <STDIN>; $socket->flush;
    print my $answer = <$socket>; exit(index($answer, "\"error\"") < 0 ? 0 : 1)' "$work/$1.sock"
}
# pings NAMESPACE ADDRESS [ping options]: three pings, all answered
pings() { within "$1" ping -q -c 3 -i 0.2 -W 3 "${@:3}" "$2"; }
# serve_tcp NAMESPACE: iperf3 listens there, for one connection; the one before may still be ending, though its client has ended
serve_tcp() {
  local port=(nsenter --net="/run/netns/$1" ss -Hltn 'sport = 5201')
  vacant() { [ -z "$("${port[@]}")" ]; }
  until_true 10 vacant || { echo "somebody listens: $("${port[@]}")" && return 1; }
  : >"$work/iperf3.server"
  nsenter --net="/run/netns/$1" iperf3 -s -1 --forceflush >>"$work/iperf3.server" 2>&1 &
  daemons+=($!)
  until_true 10 grep -q listening "$work/iperf3.server" || { cat "$work/iperf3.server" && return 1; }
}
# lines FILE NUMBER: it has that many at least
lines() { [ "$(wc -l <"$1")" -ge "$2" ]; }
# no_gap FILE: every echo request of a ping that was interrupted, whose output this is, was answered; but the last may have been on its way
no_gap() { sed -nE 's/.* icmp_seq=([0-9]+) ttl=.*/\1/p' "$1" | sort -nu | awk '{n++; last = $1} END {exit !(n && n == last)}'; }
# counter NAME INTERFACE COUNTER: its value, from show --json
counter() {
  ctl "$1" show "$2" --json | jq -r --arg c "$3" '.[0].counters[] | select(.name == $c) | .value'
}
