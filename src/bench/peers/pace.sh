#!/usr/bin/env bash
# pace.sh PEER NS_A NS_B INNER_B
# The highest paced UDP packet rate that a tunnel carries with at most 0.5 % loss, by bisection, for 1300-byte and
# 64-byte payloads. (bench.sh's unlimited rate lets the sender take a whole core away from the tunnel.)
# Prints: peer, metric, value, unit; "failed" for a value if not the lowest rate tried passes. HIGH (640000) is the highest rate tried,
# STEPS (8) the bisection steps. WINDOW (4M) is the buffer of iperf3's sockets: the default holds 92 packets of 1,300 bytes, and what a fast
# tunnel then loses, iperf3 loses.
set -euo pipefail
peer=$1 nsa=$2 nsb=$3 inner=$4
: "${HIGH:=640000}" "${STEPS:=8}" "${WINDOW:=4M}"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# passes PAYLOAD PPS
passes() {
  ip netns exec "$nsb" iperf3 -s -1 -J -B "$inner" >"$tmp/server.json" 2>/dev/null &
  local srv=$!
  sleep 0.3
  timeout 20 ip netns exec "$nsa" iperf3 -c "$inner" --connect-timeout 3000 -u -l "$1" -b "$(($1 * 8 * $2))" -w "$WINDOW" -t 2 -J >"$tmp/client.json" || true
  for _ in $(seq 20); do kill -0 "$srv" 2>/dev/null || break; sleep 0.1; done
  kill "$srv" 2>/dev/null || true
  wait "$srv" 2>/dev/null || true
  got=$(jq '.end.streams[0].udp | .packets - .lost_packets' "$tmp/server.json" 2>/dev/null) || got=0
  sent=$(jq '.end.streams[0].udp.packets' "$tmp/client.json" 2>/dev/null) || sent=0
  [[ $got = null ]] && got=0
  [[ $sent = null ]] && sent=0
  # the sender must have reached the rate, too
  ((${got:-0} > 0 && got * 1000 >= sent * 995 && sent * 100 >= $2 * 2 * 95))
}

for len in 1300 64; do
  lo=2000 hi=$HIGH best=0
  for ((i = 0; i < STEPS; i++)); do
    mid=$(awk -v a="$lo" -v b="$hi" 'BEGIN { printf "%d", sqrt(a * b) }')
    if passes "$len" "$mid"; then lo=$mid best=$mid; else hi=$mid; fi
  done
  if ((best == 0)); then
    printf '%s\tudp%d.paced\tfailed\tnone of %d rates passed\n' "$peer" "$len" "$STEPS"
    printf '%s\tudp%d.paced_rate\tfailed\tnone of %d rates passed\n' "$peer" "$len" "$STEPS"
    continue
  fi
  printf '%s\tudp%d.paced\t%d\tpackets/s\n' "$peer" "$len" "$best"
  printf '%s\tudp%d.paced_rate\t%s\tMbit/s\n' "$peer" "$len" "$(awk "BEGIN { printf \"%.1f\", $best * $len * 8 / 1e6 }")"
done
