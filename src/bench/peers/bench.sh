#!/usr/bin/env bash
# bench.sh PEER NS_A NS_B INNER_B [PID...]
# Measures a tunnel that is already up, from namespace NS_A to the address INNER_B in namespace NS_B.
# Prints one line per figure and repetition, tab-separated: peer, metric, value, unit.
# PIDs are the tunnel's processes (side A first): their CPU time and memory are reported as well.
# REPS (3), TCP_S (10), UDP_S (5) and PING_S (5) set the repetitions and the seconds per run. What failed has the value "failed", and the
# reason for a unit. ping_tcp is ping beside a TCP stream that takes all it gets, ping_udp beside LOAD_M (300) Mbit/s of UDP.
# The machine may be shared: before each run it waits (at most QUIET_S, 60 s) until other processes use less
# than 0.1 core, and a run during which they used more than 0.15 core is made again, at most twice. NAME.foreign
# is what they used during the run that is reported.
set -euo pipefail
peer=$1 nsa=$2 nsb=$3 inner=$4
shift 4
pids=("$@")
: "${REPS:=3}" "${TCP_S:=10}" "${UDP_S:=5}" "${PING_S:=5}" "${LOAD_M:=300}" "${QUIET_S:=60}"
tmp=$(mktemp -d)
srv=
trap '[[ -z $srv ]] || kill "$srv" 2>/dev/null; rm -rf "$tmp"' EXIT
hz=$(getconf CLK_TCK)

out() { printf '%s\t%s\t%s\t%s\n' "$peer" "$1" "$2" "$3"; }
calc() { awk "BEGIN { printf \"%.2f\", $1 }"; }
# what iperf3 says of a failure
reason() { jq -r '.error // "no result"' "$tmp/client.json" 2>/dev/null | grep . || echo "no result"; }
# clock ticks of CPU time that one process has used, all threads together; of one that has ended, none
ticks() { awk '{ sub(/^.*\) /, ""); print $12 + $13 }' "/proc/$1/stat" 2>/dev/null || echo 0; }
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
  timeout 60 ip netns exec "$nsa" iperf3 -c "$inner" --connect-timeout 3000 -J "$@" >"$tmp/client.json" || true
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
  if ! jq -e '.end.sum_received.bits_per_second' "$tmp/client.json" >/dev/null 2>&1; then
    out "$name" failed "$(reason)"
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
  per_cpu "$name" "$mbit" "$total"
  out "$name.machine" "$(calc "$busy_ticks / $hz / $wall")" cores
  out "$name.foreign" "$noise" cores
}

# per_cpu NAME MBIT CPU-SECONDS
per_cpu() {
  [[ ${#pids[@]} -gt 0 ]] || return 0
  if less 0 "$3"; then out "$1.per_cpu_s" "$(calc "$2 / $3")" "Mbit/CPU-s (both ends)"; else out "$1.per_cpu_s" failed "no processor time"; fi
}

# udp NAME PAYLOAD ARGS...: what arrived, counted by the receiver
udp() {
  local name=$1 len=$2 got sent i total=0
  shift 2
  measured iperf -u -l "$len" -t "$UDP_S" "$@"
  sent=$(jq '.end.streams[0].udp.packets' "$tmp/client.json" 2>/dev/null) || sent=
  got=$(jq '.end.streams[0].udp | .packets - .lost_packets' "$tmp/server.json" 2>/dev/null) || got=
  if [[ -z $got || $got = null || -z $sent || $sent = null ]]; then
    for i in pps rate; do out "$name.$i" failed "$(reason)"; done
    return 0
  fi
  out "$name.pps" "$(calc "$got / $UDP_S")" packets/s
  out "$name.rate" "$(calc "$got * $len * 8 / 1e6 / $UDP_S")" Mbit/s
  out "$name.offered" "$(calc "$sent / $UDP_S")" packets/s
  out "$name.loss" "$(calc "100 * ($sent - $got) / $sent")" %
  for i in "${!pids[@]}"; do
    out "$name.cpu_$([[ $i = 0 ]] && echo a || echo b)" "$(calc "${cpu_ticks[i]} / $hz / $UDP_S")" cores
    total=$(calc "$total + ${cpu_ticks[i]} / $hz")
  done
  per_cpu "$name" "$(calc "$got * $len * 8 / 1e6")" "$total"
  out "$name.foreign" "$noise" cores
}

# ping_times NAME: round trips, 100 a second
ping_times() {
  local name=$1 count=$((PING_S * 100)) times
  ip netns exec "$nsa" ping -c "$count" -i 0.01 -W 2 "$inner" >"$tmp/ping" 2>&1 || true
  times=$(sed -n 's/.*time=\([0-9.]*\) ms/\1/p' "$tmp/ping" | sort -n)
  if [[ -z $times ]]; then
    for q in median p99; do out "$name.$q" failed "no answer"; done
    return 0
  fi
  awk -v OFS='\t' -v peer="$peer" -v name="$name" -v sent="$count" '
    { v[NR] = $1 }
    function at(part,   i) { i = int(NR * part + 0.999999); return v[i < 1 ? 1 : i] }
    END {
      print peer, name ".median", at(.5), "ms"
      print peer, name ".p99", at(.99), "ms"
      print peer, name ".lost", sprintf("%.2f", 100 * (sent - NR) / sent), "%"
    }' <<<"$times"
}

# beside NAME ARGS...: the same beside a run of iperf3
beside() {
  local name=$1 load
  shift
  iperf -t "$((PING_S + 3))" "$@" &
  load=$!
  sleep 1.5
  ping_times "$name" >"$tmp/beside"
  wait "$load" || true
  if jq -e '.end.sum.seconds // .end.sum_sent.seconds' "$tmp/client.json" >/dev/null 2>&1; then
    cat "$tmp/beside"
  else
    for q in median p99; do out "$name.$q" failed "the load: $(reason)"; done
  fi
}
# memory PID FIELD: KiB
memory() { awk -v f="$2:" '$1 == f { print $2; found = 1 } END { if (!found) print "failed" }' "/proc/$1/status" 2>/dev/null || echo failed; }

for ((rep = 0; rep < REPS; rep++)); do
  tcp tcp1
  tcp tcp1_reverse -R
  tcp tcp4 -P 4
  udp udp1300 1300 -b 0
  udp udp64 64 -b 0
  quiet
  ping_times ping
  quiet
  beside ping_tcp
  beside ping_udp -u -l 1300 -b "${LOAD_M}M"
done
i=0
for p in "${pids[@]}"; do
  side=$([[ $i = 0 ]] && echo a || echo b)
  out "rss_$side" "$(memory "$p" VmRSS)" KiB
  out "rss_peak_$side" "$(memory "$p" VmHWM)" KiB
  i=$((i + 1))
done
