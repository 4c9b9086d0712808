#!/usr/bin/env bash
# Nothing overtakes within a flow: numbered datagrams of eight flows and a numbered TCP stream beside them, through two daemons, to a
# receiver that looks at every number and every byte. One of the flows comes from UDP_SEGMENT, in runs that the host leaves whole.
# IPSECIF_PACKETS is how many datagrams over each kind of transport (default 60000; the claim is about 10000000).
#
#   namespace l                                      namespace r
#   +-------------------------+        ESP         +-------------------------+
#   | FlowOrder send          |                    |      FlowOrder receive  |
#   | ipsec0 10.0.0.1         |                    |      ipsec0 10.0.0.2    |
#   | ipsecifd l0 203.0.113.1 +--------------------+ r0 203.0.113.2 ipsecifd |
#   +-------------------------+                    +-------------------------+
. "$(dirname "$0")/../../../linux/lib.sh"
. "$(dirname "$0")/flows.bash"
as_root_or_userns "$@"
need_flows
need jq jq tc iproute2
packets=${IPSECIF_PACKETS:-60000}
few_packets=20000
flows_net

in_order() {
  sed 's/^/of a /' "$work/came"
  [ "${came[late]} ${came[twice]} ${came[damaged]} ${came[wrong]}" = "0 0 0 0" ]
}
# What the host's own queues have had no room for: the TUN device's at l, the ESP socket's and the receiver's at r.
no_room() {
  local tun esp
  tun=$(ip -n "$ns_l" -s -j link show ipsec0 | jq '.[0].stats64.tx.dropped')
  esp=$(within "$ns_r" cat /proc/net/udp /proc/net/raw | awk '$NF ~ /^[0-9]+$/ {n += $NF} END {print n + 0}')
  echo "$tun" "$esp" "$(within "$ns_r" awk '/^Udp:/ && $2 ~ /[0-9]/ {print $6}' /proc/net/snmp)"
}
total() { echo $(($1 + $2 + $3)); }
explained() { # BEFORE AFTER, as no_room prints them
  # shellcheck disable=SC2086
  echo "lost: $((sent[datagrams] - came[datagrams])); no room: $1 before, $2 after" &&
    [ $((sent[datagrams] - came[datagrams])) -le $(($(total $2) - $(total $1))) ] && [ "${came[datagrams]}" -gt 0 ]
}
# Packets that came and were not taken: a daemon that put them in another order than their sequence numbers would have replays.
refused() {
  ctl "$1" stats ipsec0 --json |
    jq '[.. | objects | select(has("value") and ((.name // "") | test("replayed|bad_icv|bad_padding|not_ip|refused|send_failed|truncated"))) | .value]
    | if length > 0 then add else "no such counters" end'
}

variant() { # WORDS ENCAP OPTIONS
  local began before
  heading "$1"
  check "both start" up "$2" "-E aes-gcm-16 $(key 20)" "$3"
  began=$SECONDS
  before=$(no_room)
  check "$packets datagrams and $((packets / 25 * 10)) kB of a stream are sent" carry 8 "$packets" $((packets * 400))
  say "${came[datagrams]} of ${sent[datagrams]} datagrams came, in $((SECONDS - began)) s; the sender gave up waiting ${sent[silences]} times"
  check "within a flow each comes behind those before it, once, and whole" in_order
  equal "so does each byte of the stream" "${sent[stream]}" "${came[stream]}"
  check "none is lost but what the host had no room for" explained "$before" "$(no_room)"
  say "$(explained "$before" "$(no_room)")"
  for each in l r; do equal "$each has refused none" 0 "$(refused "$each")"; done
}
finish() { check "both end" down; }

variant "ESP in UDP" udp ""

heading "Whether any of this could fail"
check "datagrams are sent of which some change places" carry 8 "$few_packets" 8000 250
refute "the receiver sees it" in_order
say "late: ${came[late]} of ${came[datagrams]}"
if tc -n "$ns_l" qdisc add dev l0 root netem delay 1ms reorder 25% 2>/dev/null; then
  check "datagrams are sent over a wire that changes their places" carry 8 "$few_packets" 0
  refute "the receiver sees it" in_order
  say "late: ${came[late]} of ${came[datagrams]}"
  tc -n "$ns_l" qdisc del dev l0 root
else
  say "no wire that changes places: this kernel has no netem"
fi
finish
variant "Raw ESP" no ""
finish
variant "ESP in UDP, each packet in a system call of its own" udp --no-offload
finish
[ "$failed" = 0 ] || tail -n 30 "$work/l.log" "$work/r.log"
summary order
