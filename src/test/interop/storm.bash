# shellcheck shell=bash
# Shared by the scripts that rekey while traffic flows; sourced after linux/lib.sh. A script has rekey_here and rekey_there, which
# have an end replace the IKE SA or the CHILD_SA (ike, child), and storm_log, the log of an end of ours, where both are counted.

storm_children=${IPSECIF_REKEYS:-100}
storm_ikes=$((storm_children / 5))
storm_rate=${IPSECIF_RATE:-20M} # of TCP: more, on two processors with both ends, is an experiment on the scheduler
# Written so much at a time: of iperf3's usual 128 KiB comes a burst of 97 segments, each of which counts as 2,304 bytes where it is
# received, and the socket of a peer that asks for no more than Linux gives (212,992 bytes) has room for 92.
storm_block=8K

replaced_children() { grep -c 'CHILD_SA .* established' "$storm_log"; }
replaced_ikes() { grep -c 'IKE_SA .* replaces' "$storm_log"; }
grown() { [ "$(replaced_children)" != "$1" ] || [ "$(replaced_ikes)" != "$2" ]; }

# storm: rekeyings of both kinds by either end at random, a third of them by both at the same time, until there were enough
storm() {
  local what other children ikes end=$((SECONDS + 100))
  RANDOM=7
  while [ $SECONDS -lt $end ]; do
    children=$(replaced_children)
    ikes=$(replaced_ikes)
    what=child
    [ $((RANDOM % 4)) != 0 ] && [ "$children" -le "$storm_children" ] || what=ike
    if [ "$ikes" -ge "$storm_ikes" ]; then
      [ "$children" -le "$storm_children" ] || return 0 # the first was no rekeying
      what=child
    fi
    case $((RANDOM % 3)) in
      0) rekey_here $what ;;
      1) rekey_there $what ;;
      *)
        other=$what
        [ $((RANDOM % 4)) != 0 ] || other=child
        rekey_here $what &
        here=$!
        rekey_there $other
        wait "$here"
        ;;
    esac
    until_true 2 grown "$children" "$ikes"
  done
  return 1
}
# longest_gap FILE FROM TO: between two answers that ping -D got between these times, in ms
longest_gap() {
  awk -F'[][]' -v from="$2" -v to="$3" '/ttl=/ && $2 > from && $2 < to { if (last && $2 - last > most) most = $2 - last; last = $2 }
    END { printf "%.0f\n", 1000 * most }' "$1"
}
now() { date +%s.%N; }

# Packets are counted where they go into an end and where they come out of the other, and must be as many.

# at_device NAMESPACE rx|tx packets|dropped: of ipsec0; tx is what the end has read from it, rx what it has written to it
at_device() { ip -n "$1" -j -s link show ipsec0 | jq ".[0].stats64.$2.$3"; }
# unread NAMESPACE: datagrams that came, and that the socket's buffer had no room for since nobody read them in time
unread() { within "$1" nstat -asz UdpRcvbufErrors | awk '$1 == "UdpRcvbufErrors" { print $2 }'; }
# arrived FROM TO [UNREAD]: what left FROM's ipsec0 came out of TO's, but for so many
arrived() { [ "$(at_device "$1" tx packets)" = $(($(at_device "$2" rx packets) + ${3:-0})) ]; }
# all_arrived FROM TO [UNREAD]: likewise, once what is on its way is there; the words say how many
all_arrived() {
  until_true 5 arrived "$@"
  equal "each of the $(at_device "$1" tx packets) packets from ${1##*-} came out in ${2##*-}${3:+, but for $3 that its socket had no room for}" \
    "$(at_device "$1" tx packets)" $(($(at_device "$2" rx packets) + ${3:-0}))
  equal "and the device in ${1##*-} dropped none" "${dropped_before[$1]}" "$(at_device "$1" tx dropped)"
}
# What devices dropped before there was an SA, by namespace.
declare -A dropped_before
# our_drops NAME: what a daemon of ours has counted, for its interface and for the host, but packets and what is none
our_drops() {
  { rpc "$1" interface.list | jq -c '.result[0].counters[]' && rpc "$1" host.counters | jq -c '.result[]'; } |
    jq -c 'select(.value != 0 and (.name | test("^(in|out)bound_(packets|bytes)$|^inbound_(keepalive|dummy)$") | not)) | [.name, .value]'
}
# storm_excuses: how many packets another program than ours is known to have lost; a script may have another of this name
storm_excuses() { echo 0; }
# lost_pings FILE: echo requests without answer, up to the last that was answered
lost_pings() { sed -nE 's/.* icmp_seq=([0-9]+) ttl=.*/\1/p' "$1" | sort -nu | awk '{ n++; last = $1 } END { print n ? last - n : -1 }'; }
check_pings() {
  local lost excused answered
  lost=$(lost_pings "$1")
  excused=$(storm_excuses)
  answered=$(grep -c 'ttl=' "$1")
  if [ "$lost" -gt 0 ] && [ "$lost" -le "$excused" ] && [ $((100 * lost)) -le "$answered" ]; then
    skip "$lost pings were lost beside $answered; the peer's socket had no room for $excused of the packets to it"
  else
    equal "no ping of $answered was lost" 0 "$lost"
  fi
}

# storm_of NAMESPACE ADDRESS SERVER: the rekeyings, while pings and TCP go on from this namespace to the address in the other
storm_of() {
  local pings tcp began stormed ended quiet gap what each
  for each in "$1" "$3"; do dropped_before[$each]=$(at_device "$each" tx dropped); done
  check "iperf3 listens" serve_tcp "$3"
  nsenter --net="/run/netns/$1" ping -D -i 0.01 -W 5 "$2" >"$work/pings" 2>&1 &
  pings=$!
  nsenter --net="/run/netns/$1" iperf3 -J -c "$2" -t 300 -b "$storm_rate" -l "$storm_block" >"$work/tcp.json" 2>&1 &
  tcp=$!
  daemons+=("$pings" "$tcp")
  until_true 10 lines "$work/pings" 100
  began=$(now)
  until_true 20 lines "$work/pings" $(($(wc -l <"$work/pings") + 500)) # how long gaps are without
  stormed=$(now)
  check "$storm_children CHILD_SAs and $storm_ikes IKE_SAs are replaced, by either end and by both at once" storm
  ended=$(now)
  say "$(($(replaced_children) - 1)) and $(replaced_ikes) in $(awk "BEGIN { printf \"%.1f\", $ended - $stormed }") s"
  until_true 10 lines "$work/pings" $(($(wc -l <"$work/pings") + 50))
  kill -INT "$pings" "$tcp"
  wait "$pings" "$tcp"
  check_pings "$work/pings"
  equal "nor was one answered twice" 0 "$(grep -c 'DUP!' "$work/pings")"
  quiet=$(longest_gap "$work/pings" "$began" "$stormed")
  gap=$(longest_gap "$work/pings" "$stormed" "$ended")
  what="the longest gap between two answers: $gap ms; without rekeying, before: $quiet ms"
  if [ "$gap" -le 50 ]; then
    ok "$what"
  elif [ "$gap" -le 100 ] || awk '{ exit !($1 > 4) }' /proc/loadavg; then
    skip "$what; the claim of 50 ms is for a machine that does nothing else, this one's load is $(cut -d' ' -f1 /proc/loadavg)"
  else
    not_ok "$what"
  fi
  # Ended by a signal, it says so, and nothing else.
  equal "TCP never broke" "interrupt - the client has terminated" "$(jq -r '.error // "none"' "$work/tcp.json")"
  say "TCP: $(jq -r '[.intervals[].sum.bytes] | add' "$work/tcp.json") bytes, $(jq -r '[.intervals[].sum.retransmits] | add' "$work/tcp.json") segments again"
}
