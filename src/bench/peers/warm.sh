#!/usr/bin/env bash
# warm.sh NS_A NS_B INNER_B: traffic of every kind through a tunnel for WARM_S seconds (12), the same for each peer, so that what compiles,
# grows buffers or finds a path MTU has done so before it is measured. Prints nothing and fails at nothing: what is broken shows later.
set -uo pipefail
nsa=$1 nsb=$2 inner=$3
: "${WARM_S:=12}"
third=$(((WARM_S + 2) / 3))
run() {
  local srv
  ip netns exec "$nsb" iperf3 -s -1 -B "$inner" >/dev/null 2>&1 &
  srv=$!
  sleep 0.3
  timeout $((third + 10)) ip netns exec "$nsa" iperf3 -c "$inner" --connect-timeout 3000 -t "$third" "$@" >/dev/null 2>&1
  kill "$srv" 2>/dev/null
  wait "$srv" 2>/dev/null
}
((WARM_S > 0)) || exit 0
run
run -R
run -u -l 64 -b "$((64 * 8 * 50000))"
exit 0
