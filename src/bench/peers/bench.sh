#!/usr/bin/env bash
# bench.sh PEER NS_A NS_B INNER_B [PID...]
# Measures a tunnel that is already up, from namespace NS_A to the address INNER_B in namespace NS_B.
# Prints one line per figure and repetition, tab-separated: peer, metric, value, unit.
# PIDs are the tunnel's processes (side A first): their CPU time over the TCP runs is reported as well.
# REPS (3), TCP_S (10) and UDP_S (5) set the repetitions and the seconds per run.
# The machine may be shared: before each run it waits (at most QUIET_S, 60 s) until other processes use less
# than 0.1 core, and a run during which they used more than 0.15 core is made again, at most twice. NAME.foreign
# is what they used during the run that is reported.
set -euo pipefail
peer=$1 nsa=$2 nsb=$3 inner=$4
shift 4
pids=("$@")
: "${REPS:=3}" "${TCP_S:=10}" "${UDP_S:=5}" "${QUIET_S:=60}"
tmp=$(mktemp -d)
srv=
trap '[[ -z $srv ]] || kill "$srv" 2>/dev/null; rm -rf "$tmp"' EXIT
hz=$(getconf CLK_TCK)

out() { printf '%s\t%s\t%s\t%s\n' "$peer" "$1" "$2" "$3"; }
calc() { awk "BEGIN { printf \"%.2f\", $1 }"; }
# clock ticks of CPU time that one process has used, all threads together
ticks() { awk '{ sub(/^.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"; }
# busy clock ticks of the whole machine, all cores, steal not counted
busy() { awk '/^cpu / { print $2 + $3 + $4 + $7 + $8 }' /proc/stat; }

# CPU clock ticks used so far by processes that have no part in the measurement
foreign() {
  cat /proc/[0-9]*/stat 2>/dev/null | awk -v mine=" ${pids[*]} $$ " '
    { pid = $1; comm = $0; sub(/^[0-9]+ \(/, "", comm); sub(/\).*/, "", comm); sub(/^.*\) /, "") }
    $2 == 2 || index(mine, " " pid " ") || comm ~ /^(iperf3|ping|awk|mawk|gawk|cat|jq|sleep|timeout)$/ { next }
    { t += $12 + $13 }
    END { print t }'
}
now() { date +%s.%N; }
# foreign_cores TICKS TIME: what the others used since then
foreign_cores() { awk -v a="$1" -v b="$(foreign)" -v t="$2" -v n="$(now)" -v hz="$hz" 'BEGIN { c = (b - a) / hz / (n - t); printf "%.2f", c < 0 ? 0 : c }'; }
less() { awk "BEGIN { exit !($1 < $2) }"; }
quiet() {
  local until=$((SECONDS + QUIET_S)) f t
  while ((SECONDS < until)); do
    f=$(foreign) t=$(now)
    sleep 0.7
    less "$(foreign_cores "$f" "$t")" 0.1 && return 0
  done
  return 0
}

# measured COMMAND...: runs it on a quiet machine; leaves wall (s), busy_ticks, noise (cores) and cpu_ticks[] (per pid)
measured() {
  local try f t b p i
  for try in 1 2 3; do
    quiet
    cpu_ticks=()
    f=$(foreign) b=$(busy) t=$(now)
    for p in "${pids[@]}"; do cpu_ticks+=("$(ticks "$p")"); done
    "$@"
    for i in "${!pids[@]}"; do cpu_ticks[i]=$(($(ticks "${pids[i]}") - cpu_ticks[i])); done
    busy_ticks=$(($(busy) - b))
    noise=$(foreign_cores "$f" "$t")
    wall=$(awk -v t="$t" -v n="$(now)" 'BEGIN { printf "%.3f", n - t }')
    less "$noise" 0.15 && return 0
  done
  return 0
}

# iperf ARGS...: one run; leaves client.json and server.json
iperf() {
  ip netns exec "$nsb" iperf3 -s -1 -J -B "$inner" >"$tmp/server.json" 2>"$tmp/server.err" &
  srv=$!
  sleep 0.4
  timeout 60 ip netns exec "$nsa" iperf3 -c "$inner" -J "$@" >"$tmp/client.json" || true
  for _ in $(seq 20); do kill -0 "$srv" 2>/dev/null || break; sleep 0.1; done
  kill "$srv" 2>/dev/null || true
  wait "$srv" 2>/dev/null || true
  srv=
}

# tcp NAME ARGS...: received Mbit/s, and the CPU that it took
tcp() {
  local name=$1 i cpu total=0 mbit
  shift
  measured iperf -t "$TCP_S" "$@"
  if ! jq -e '.end.sum_received.bits_per_second' "$tmp/client.json" >/dev/null; then
    out "$name" failed "$(jq -r '.error // "?"' "$tmp/client.json")"
    return 0
  fi
  mbit=$(jq '.end.sum_received.bytes * 8 / 1e6' "$tmp/client.json")
  out "$name" "$(calc "$(jq '.end.sum_received.bits_per_second / 1e6' "$tmp/client.json")")" Mbit/s
  out "$name.retransmits" "$(jq '.end.sum_sent.retransmits // 0' "$tmp/client.json")" segments
  for i in "${!pids[@]}"; do
    cpu=$(calc "${cpu_ticks[i]} / $hz")
    total=$(calc "$total + $cpu")
    out "$name.cpu_$([[ $i = 0 ]] && echo a || echo b)" "$(calc "$cpu / $TCP_S")" cores
  done
  [[ ${#pids[@]} = 0 ]] || out "$name.per_cpu_s" "$(calc "$mbit / $total")" "Mbit/CPU-s (both ends)"
  out "$name.machine" "$(calc "$busy_ticks / $hz / $wall")" cores
  out "$name.foreign" "$noise" cores
}

# udp NAME PAYLOAD ARGS...: what arrived, counted by the receiver
udp() {
  local name=$1 len=$2 got sent i
  shift 2
  measured iperf -u -l "$len" -t "$UDP_S" "$@"
  sent=$(jq '.end.streams[0].udp.packets' "$tmp/client.json" 2>/dev/null) || sent=
  got=$(jq '.end.streams[0].udp | .packets - .lost_packets' "$tmp/server.json" 2>/dev/null) || got=
  if [[ -z $got || $got = null || -z $sent || $sent = null ]]; then
    out "$name" failed "$(jq -r '.error // "?"' "$tmp/client.json")"
    return 0
  fi
  out "$name.pps" "$(calc "$got / $UDP_S")" packets/s
  out "$name.rate" "$(calc "$got * $len * 8 / 1e6 / $UDP_S")" Mbit/s
  out "$name.offered" "$(calc "$sent / $UDP_S")" packets/s
  out "$name.loss" "$(calc "100 * ($sent - $got) / $sent")" %
  for i in "${!pids[@]}"; do
    out "$name.cpu_$([[ $i = 0 ]] && echo a || echo b)" "$(calc "${cpu_ticks[i]} / $hz / $UDP_S")" cores
  done
  out "$name.foreign" "$noise" cores
}

for ((rep = 0; rep < REPS; rep++)); do
  tcp tcp1
  tcp tcp1_reverse -R
  tcp tcp4 -P 4
  udp udp1300 1300 -b 0
  udp udp64 64 -b 0
  quiet
  ip netns exec "$nsa" ping -c 200 -i 0.01 "$inner" >"$tmp/ping" || true
  out ping.median "$(sed -n 's/.*time=\([0-9.]*\) ms/\1/p' "$tmp/ping" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }')" ms
  out ping.p99 "$(sed -n 's/.*time=\([0-9.]*\) ms/\1/p' "$tmp/ping" | sort -n | awk '{ v[NR] = $1 } END { print v[int(NR * .99)] }')" ms
done
i=0
for p in "${pids[@]}"; do
  out "rss_$([[ $i = 0 ]] && echo a || echo b)" "$(awk '/^VmRSS/ { print $2 }' "/proc/$p/status")" KiB
  i=$((i + 1))
done
