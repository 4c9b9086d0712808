#!/usr/bin/env bash
# A flood that a tunnel cannot carry, and what has to get through it: packets that routing protocols mark (CS6), and IKE's messages on
# the port that ESP has too. Then the same without queues of their own.
#
#   namespace l                                      namespace r
#   +-------------------------+     ESP in UDP     +-------------------------+
#   | ipsec0 10.0.0.1         |                    | ipsec0 10.0.0.2         |
#   | ipsecifd l0 203.0.113.1 +--------------------+ r0 203.0.113.2 ipsecifd |
#   +-------------------------+                    +-------------------------+
. "$(dirname "$0")/../../../linux/lib.sh"
as_root_or_userns "$@"
need ip iproute2 ping iputils-ping jq jq perl perl-base
scratch
netns l
netns r
veth "$ns_l" l0 "$ns_r" r0
address "$ns_l" l0 203.0.113.1/24
address "$ns_r" r0 203.0.113.2/24
umask 077
echo 'a secret of the two ends' >"$work/psk"
rc_conf() { # LOCAL REMOTE OWN-DIGIT OTHER-DIGIT START
  cat <<END
ifconfig_ipsec0="inet tunnel $1 $2 10.0.0.$3/30 10.0.0.$4 up"
ipsecif_ipsec0_encap="udp"
ipsecif_ipsec0_psk_file="$work/psk"
ipsecif_ipsec0_dpd_delay="1"
ipsecif_ipsec0_start="$5"
END
}
rc_conf 203.0.113.1 203.0.113.2 1 2 start >"$work/l.conf"
rc_conf 203.0.113.2 203.0.113.1 2 1 add >"$work/r.conf"
up() { # OPTIONS
  daemon r "$ns_r" --rc-conf "$work/r.conf" "$@" && daemon l "$ns_l" --rc-conf "$work/l.conf" "$@" &&
    until_true 20 pings "$ns_l" 10.0.0.2
}
down() { stop l && stop r; }

# send WHAT: packets of 64 bytes into the tunnel; "for 1 .. N", or "while time < $end" for as many seconds as the second argument says
send() {
  exec "${in_l[@]}" perl -MSocket -e '
    socket(my $socket, PF_INET, SOCK_DGRAM, 0) or die "$!";
    my ($to, $end, $bytes) = (pack_sockaddr_in(9, inet_aton("10.0.0.2")), time + $ARGV[0], "x" x 64);
    send($socket, $bytes, 0, $to) '"$1" "${2:-0}"
}
"${in_r[@]}" perl -MIO::Socket::INET -e '
  my $sink = IO::Socket::INET->new(Proto => "udp", LocalPort => 9) or die "$!";
  open(my $f, ">", $ARGV[0]); close $f; sleep 600' "$work/sink" &
daemons+=($!)
until_true 10 test -e "$work/sink" || die "port 9 cannot be taken"
dropped() { ip -n "$ns_l" -s -j link show ipsec0 | jq '.[0].stats64.tx.dropped'; }
counted() { rpc l interface.list | jq '.result[0].counters[] | select(.name == "outbound_queue_full") | .value'; }
more() { [ "$(dropped)" -ge "$1" ]; }
# What becomes of 50 pings each, marked and not, while the daemon stands still and 2,000 packets fill the queue: how many the device drops
# is in the variables marked and plain. They end by themselves, unanswered; a marked one then waits for the daemon.
overflow() {
  local before
  before=$(dropped)
  kill -STOP "$pid_l"
  (send 'for 1 .. 4000')
  more $((before + 1000)) || { kill -CONT "$pid_l" && return 1; }
  before=$(dropped)
  within "$ns_l" ping -q -i 0.02 -c 50 -w 2 -Q 0xc0 10.0.0.2
  marked=$(($(dropped) - before))
  within "$ns_l" ping -q -i 0.02 -c 50 -w 2 10.0.0.2
  plain=$(($(dropped) - before - marked))
  kill -CONT "$pid_l"
}
echoes() { within "$ns_r" awk '/^Icmp:/ && $2 ~ /[0-9]/ {print $10}' /proc/net/snmp; } # InEchos
arrived() { [ "$(echoes)" -ge "$1" ]; }
queues() { ip -n "$ns_l" -d -j link show ipsec0 | jq '.[0].linkinfo.info_data.numqueues // 1'; }
spis() { rpc "$1" sa.list | jq -c '[.result[].spi] | sort'; }
settled() { [ "$(spis l)" = "$(spis r)" ] && [ "$(spis l | jq length)" = 2 ]; }
rekeys() { # SIDE WHAT: when the last time's old SAs are gone
  until_true 10 settled && rpc "$1" ike.rekey "{\"name\":\"ipsec0\",\"what\":\"$2\",\"seconds\":8}"
}
heading "Queues of their own"
check "both start" up
if grep -q 'control traffic (CS6, CS7) shares' "$work/l.log"; then
  skip "no queues of their own here: $(grep -m 1 'control traffic' "$work/l.log")"
  summary priority
  exit
fi
equal "the interface has two queues" 2 "$(queues)"
equal "and nothing before them" noqueue "$(ip -n "$ns_l" -j link show ipsec0 | jq -r '.[0].qdisc')"
before=$(echoes)
check "more comes to the interface than it holds" overflow
check "packets without a mark are dropped" test "$plain" -ge 50
check "of marked ones none, whatever the kernel itself sends" test "$marked" -le 3
check "they arrive" until_true 20 arrived $((before + 50))
equal "what is dropped is counted" "$(dropped)" "$(counted)"

heading "IKE in a flood"
before=$(dropped)
(send 'while time < $end' 6) &
flooding=$!
daemons+=("$flooding")
check "more comes to the interface than it carries" until_true 10 more $((before + 1000))
for each in ike child; do
  check "l replaces its ${each^^}_SA meanwhile" rekeys l "$each"
  check "and r" rekeys r "$each"
done
wait "$flooding"
refute "nobody takes the other for dead" grep -hi 'dead\|does not answer' "$work/l.log" "$work/r.log"
check "pings pass after it" pings "$ns_l" 10.0.0.2

heading "A daemon that goes and comes back"
leave() { kill -USR2 "$pid_l" && wait "$pid_l"; }
check "l leaves its interface" leave
# attach: another process has a queue of it, until it is killed
"${in_l[@]}" perl -e '
  open(my $tun, "+<", "/dev/net/tun") or die "$!";
  ioctl($tun, 0x400454ca, my $request = pack("Z16 s x22", "ipsec0", 0x5101)) or die "$!"; # IFF_MULTI_QUEUE and what ours has
  open(my $f, ">", $ARGV[0]); close $f; sleep 600' "$work/attached" &
other=$!
daemons+=("$other")
until_true 10 test -e "$work/attached" || die "cannot attach to the interface"
refute "which it does not share" daemon l "$ns_l" --rc-conf "$work/l.conf"
check "and says so" grep -q 'another process reads the interface' "$work/l.log"
kill "$other"
wait "$other" 2>/dev/null
check "it comes back to it" daemon l "$ns_l" --rc-conf "$work/l.conf"
equal "with both queues" 2 "$(queues)"
check "the tunnel comes up" until_true 20 pings "$ns_l" 10.0.0.2
check "and marked packets pass" pings "$ns_l" 10.0.0.2 -Q 0xc0
check "l leaves again" leave
check "and comes back without" daemon l "$ns_l" --no-offload=priority --rc-conf "$work/l.conf"
equal "with one" 1 "$(queues)"
check "the tunnel comes up" until_true 20 pings "$ns_l" 10.0.0.2
check "and marked packets pass" pings "$ns_l" 10.0.0.2 -Q 0xc0
check "both end" down

heading "The same in one queue"
check "both start" up --no-offload=priority
equal "the interface has one" 1 "$(queues)"
check "more comes to the interface than it holds" overflow
check "marked packets are dropped like the others" test "$marked" -ge 50
check "both end" down
[ "$failed" = 0 ] || tail -n 30 "$work/l.log" "$work/r.log"
summary priority
