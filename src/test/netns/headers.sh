#!/usr/bin/env bash
# Outer headers, path MTU, segment sizes and padding, through a router whose second link is narrower when a test makes it so.
#
#   namespace l                     namespace r                       namespace p
#   +---------------------+    +--------------------------+    +----------------------+
#   | ipsec0 10.0.0.1     |    | 203.0.113.254            |    | ipsec0 10.0.0.2      |
#   |        2001:db8:1::1|ESP |           198.51.100.254 |ESP |        2001:db8:1::2 |
#   | 203.0.113.1      l0 +----+ r0                    r1 +----+ p0    198.51.100.2   |
#   | 2001:db8:a::1       |    |                          |    |       2001:db8:b::2  |
#   +---------------------+    +--------------------------+    +----------------------+
#
# Both daemons run through the four ways that ESP can take: raw or in UDP, IPv4 or IPv6 outside.
. "$(dirname "$0")/../../../linux/lib.sh"
as_root_or_userns "$@"
need ip iproute2 ping iputils-ping jq jq perl perl-base iperf3 iperf3 nft nftables ethtool ethtool
scratch
netns l
netns r
netns p
veth "$ns_l" l0 "$ns_r" r0
veth "$ns_r" r1 "$ns_p" p0
# A capture is to show datagrams as they are on a wire, not several that are still to be cut.
for each in "$ns_l l0" "$ns_r r0" "$ns_r r1" "$ns_p p0"; do
  within "${each% *}" ethtool -K "${each#* }" tx-udp-segmentation off
done
address "$ns_l" l0 203.0.113.1/24 2001:db8:a::1/64
address "$ns_r" r0 203.0.113.254/24 2001:db8:a::254/64
address "$ns_r" r1 198.51.100.254/24 2001:db8:b::254/64
address "$ns_p" p0 198.51.100.2/24 2001:db8:b::2/64
within "$ns_r" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
  echo 0 >/proc/sys/net/ipv4/icmp_ratelimit; echo 0 >/proc/sys/net/ipv6/icmp/ratelimit'
ip -n "$ns_l" route add 198.51.100.0/24 via 203.0.113.254
ip -n "$ns_l" route add 2001:db8:b::/64 via 2001:db8:a::254
ip -n "$ns_p" route add 203.0.113.0/24 via 198.51.100.254
ip -n "$ns_p" route add 2001:db8:a::/64 via 2001:db8:b::254

# AES-CBC with HMAC-SHA2-256-128: 8 + 16 + blocks of 16 (2 bytes of them trailer) + 16
for pair in "203.0.113.1 198.51.100.2 1" "198.51.100.2 203.0.113.1 2" "2001:db8:a::1 2001:db8:b::2 3" "2001:db8:b::2 2001:db8:a::1 4"; do
  read -r from to digit <<<"$pair"
  printf 'add %s %s esp 0x%s000 -u 100 -r 128 -E aes-cbc 0x%032d -A hmac-sha2-256 0x%064d;\n' "$from" "$to" "$digit" "$digit" "$digit"
done >"$work/sa"
chmod 600 "$work/sa"
: >"$work/rc.conf"
daemon l "$ns_l" --rc-conf "$work/rc.conf" || die "ipsecifd: $(cat "$work/l.log")"
daemon p "$ns_p" --rc-conf "$work/rc.conf" || die "ipsecifd: $(cat "$work/p.log")"
for each in l p; do
  ctl "$each" setkey -f "$work/sa" || die "setkey"
  ctl "$each" create ipsec0 reqid 100 || die "create"
done
ctl l ipsec0 inet tunnel 203.0.113.1 198.51.100.2 10.0.0.1/30 10.0.0.2 inet6 2001:db8:1::1/64 up || die "l"
ctl p ipsec0 inet tunnel 198.51.100.2 203.0.113.1 10.0.0.2/30 10.0.0.1 inet6 2001:db8:1::2/64 up || die "p"

mtu() { ip -n "$1" -j link show "$2" | jq -r '.[0].mtu'; }
shown() { ctl l show ipsec0 --json | jq -r ".[0].$1"; } # FIELD
host_counter() { ctl l stats --json | jq -r --arg c "$1" '.host[] | select(.name == $c) | .value'; }
is() { [ "$("${@:2}")" = "$1" ]; } # VALUE COMMAND...

declare -A captures
# capture_on NAMESPACE DEVICE: packets from now on go to $work/DEVICE.packets, one "in HEX" or "out HEX" a line
capture_on() {
  : >"$work/$2.packets" # here: the child may come to it only after what the last capture left there was read
  nsenter --net="/run/netns/$1" "$top/linux/capture" "$2" >"$work/$2.packets" &
  captures[$2]=$!
  daemons+=($!)
  until_true 10 grep -q listening "$work/$2.packets" || die "no capture on $2"
}
# captured NAMESPACE DEVICE COUNT PATTERN COMMAND...: those lines among the packets that COMMAND causes, at least COUNT if they come
captured() {
  local count=$3 pattern=$4 packets=$work/$2.packets
  capture_on "$1" "$2"
  "${@:5}" >"$packets.command" 2>&1
  until_true 5 at_least "$count" "$pattern" "$packets"
  kill "${captures[$2]}"
  wait "${captures[$2]}" 2>/dev/null
  grep -E "$pattern" "$packets" >"$work/captured"
}
at_least() { [ "$(grep -cE "$2" "$3")" -ge "$1" ]; }
# What l sends to p, as r sees it come in: ESP, or UDP from port 4500, by either family
outer='^in (4.{17}(32|11).{4}cb007101|6.{11}(32|11)..20010db8000a0000)'
# The same, as long as the pings below: not the small packets that a host sends by itself on an interface that has come up
large="$outer.{1400}"
# What p's host sees come out of ipsec0: ICMP or ICMPv6 echo requests
echoes='^in (4.{17}01.{20}08|6.{11}3a.{66}80)'
# field NAME...: of each captured packet
field() {
  perl -ne '
    my ($hex) = /^\w+ (\w+)/ or next;
    my $p = pack "H*", $hex;
    my %f = unpack("C", $p) >> 4 == 4
      ? (tos => unpack("x1 C", $p), ttl => unpack("x8 C", $p), df => (unpack("x6 n", $p) >> 14) & 1,
         fragment => (unpack("x6 n", $p) & 0x3fff) != 0 ? 1 : 0, label => 0, length => unpack("x2 n", $p))
      : (tos => (unpack("N", $p) >> 20) & 255, ttl => unpack("x7 C", $p), df => "-",
         fragment => unpack("x6 C", $p) == 44 ? 1 : 0, label => unpack("N", $p) & 0xfffff, length => 40 + unpack("x4 n", $p));
    print join(" ", map { "$_=$f{$_}" } @fields), "\n";
    BEGIN { @fields = splice @ARGV }' "$@" <"$work/captured"
}
one_ping() { within "$ns_l" ping -q -c 1 -W 3 "$@"; }

if_inet() { [ "$family" = inet ] && echo "$1" || echo "$2"; }
# The outer headers around one ping with DSCP 8 and ECT(0), TTL or hop limit 33; for IPv6 also the inner packet's flow label
four() { captured "$ns_r" r0 1 "$large" one_ping -s 700 -Q 0x22 -t 33 -M "$1" 10.0.0.2; }
six() {
  captured "$ns_p" ipsec0 1 "$echoes" captured "$ns_r" r0 1 "$large" one_ping -s 700 -Q 0x22 -t 33 2001:db8:1::2
  inner_label=$(field label)
  grep -E "$large" "$work/r0.packets" >"$work/captured"
}
headers() {
  heading "$way: headers"
  four do
  equal "by default: DSCP and ECN copied, TTL 64, DF clear" "tos=34 ttl=64 df=$(if_inet 0 -)" "$(field tos ttl df)"
  six
  check "an IPv6 packet has a flow label" test "${inner_label#*=}" -gt 0
  equal "by default: the flow label of IPv6 is copied" "tos=34 ttl=64 label=$(if_inet 0 "${inner_label#*=}")" "$(field tos ttl label)"
  check "other settings" ctl l ipsec0 dscp af11 ecn compatibility ttl 17 df set flowlabel 0x12345
  equal "show names them" "dscp 10 ecn compatibility df set ttl 17 flowlabel 74565" "$(shown packets)"
  four dont
  equal "DSCP, TTL and DF as set, no ECN" "tos=40 ttl=17 df=$(if_inet 1 -)" "$(field tos ttl df)"
  six
  equal "the flow label as set" "tos=40 ttl=17 label=$(if_inet 0 $((0x12345)))" "$(field tos ttl label)"
  check "all copied" ctl l ipsec0 dscp copy ecn normal ttl copy df copy flowlabel copy
  four do
  equal "DSCP, ECN, TTL and DF of the inner packet" "tos=34 ttl=33 df=$(if_inet 1 -)" "$(field tos ttl df)"
  four dont
  equal "and no DF where it has none" "df=$(if_inet 0 -)" "$(field df)"
  check "the defaults" ctl l ipsec0 ttl 64 df clear
  equal "show names none" "" "$(shown packets)"
}

# on_the_way RULE COMMAND...: with every outer packet changed by the router
on_the_way() {
  within "$ns_r" nft "table inet way { chain c { type filter hook forward priority 0; iifname r0 $1; }; }" || return
  "${@:2}"
  local status=$?
  within "$ns_r" nft delete table inet way
  return "$status"
}
inner_tos() { captured "$ns_p" ipsec0 "$1" "$echoes" one_ping -Q "$2" "$3"; } # COUNT TOS ADDRESS
marks() {
  local ip=ip before
  [ "$family" = inet ] || ip=ip6
  heading "$way: marks made on the way"
  on_the_way "$ip ecn set ce" inner_tos 1 0x22 10.0.0.2
  equal "congestion outside is told inside, IPv4" "tos=35" "$(field tos)"
  on_the_way "$ip ecn set ce" inner_tos 1 0x22 2001:db8:1::2
  equal "congestion outside is told inside, IPv6" "tos=35" "$(field tos)"
  before=$(counter p ipsec0 inbound_congestion)
  refute "who would not hear of it loses the packet" on_the_way "$ip ecn set ce" one_ping -W 0.5 -Q 0x20 10.0.0.2
  check "counted" test "$(counter p ipsec0 inbound_congestion)" -gt "$before"
  on_the_way "$ip dscp set ef" inner_tos 1 0x22 10.0.0.2
  equal "DSCP changed outside stays outside" "tos=34" "$(field tos)"
  check "dscp_in copy" ctl p ipsec0 dscp_in copy
  on_the_way "$ip dscp set ef" inner_tos 1 0x22 10.0.0.2
  equal "unless it is asked for, IPv4" "tos=186" "$(field tos)"
  on_the_way "$ip dscp set ef" inner_tos 1 0x22 2001:db8:1::2
  equal "unless it is asked for, IPv6" "tos=186" "$(field tos)"
  check "dscp_in keep" ctl p ipsec0 dscp_in keep
}

narrow() { # MTU of the second link
  ip -n "$ns_r" link set r1 mtu "$1" && ip -n "$ns_p" link set p0 mtu "$1"
}
# forget: what the hosts' kernels learned about paths
forget() {
  local each
  for each in "$ns_l" "$ns_p"; do
    ip -n "$each" route flush cache
    ip -n "$each" -6 route flush cache
  done
}
# answered_by ADDRESS SIZE TARGET: a ping that may not be cut is answered with "too big"; sets "told"
answered_by() {
  local words
  words=$(within "$ns_l" ping -c 1 -W 3 -M do -s "$2" "$3" 2>&1)
  told=$(sed -nE 's/.*(mtu = |mtu=|Packet too big: mtu=)([0-9]+).*/\2/p' <<<"$words" | head -n 1)
  [[ $words = *"From $1"* || $words = *"message too long"* ]] && [ -n "$told" ] || {
    echo "$words"
    return 1
  }
}
# every_size FLAG FIRST LAST: each inner IPv4 and IPv6 packet of FIRST to 1,290 bytes, and every eighth size from there to LAST,
# passes, or is answered if it may not be cut, as IPv4 says with FLAG do, and IPv6 always
every_size() {
  local size target
  for ((size = $2; size <= $3; size += size < 1290 ? 1 : 8)); do
    for target in "10.0.0.2 28" "2001:db8:1::2 48"; do
      passes_or_is_answered "$1" 0.2 $((size - ${target#* })) "${target% *}" ||
        passes_or_is_answered "$1" 3 $((size - ${target#* })) "${target% *}" && continue
      printf '%s bytes to %s: %s\n' "$size" "${target% *}" "$words"
      return 1
    done
  done
}
# passes_or_is_answered FLAG SECONDS SIZE ADDRESS; a quiet ping would not tell of what its own host refuses
passes_or_is_answered() {
  words=$(within "$ns_l" ping -c 1 -W "$2" -M "$1" -s "$3" "$4" 2>&1) && return
  [[ $1 = do || $4 = *:* ]] && [[ $words = *"+1 errors"* || $words = *"too long"* ]]
}
path() {
  local fits
  heading "$way: a path of 1,340 bytes"
  fits=$(within "$ns_l" true && echo $(((1340 - overhead - 40) / 16 * 16 - 2))) # 8 + 16 + 16 of ESP
  check "df copy" ctl l ipsec0 df copy
  narrow 1340
  one_ping -M do -s 1372 10.0.0.2 >/dev/null && not_ok "a packet of 1,400 bytes passed 1,340"
  until_true 5 is 1340 shown pathMtu
  equal "a router's word is taken" 1340 "$(shown pathMtu)"
  check "for ten minutes" test "$(shown pathMtuSeconds)" -gt 550 -a "$(shown pathMtuSeconds)" -le 600
  check "it is counted" test "$(host_counter icmp_too_big_accepted)" -gt 0
  check "what is too big is answered from the interface's address, IPv4" answered_by 10.0.0.1 1372 10.0.0.2
  equal "with the size that passes" "$fits" "$told"
  check "which does pass" one_ping -M do -s $((fits - 28)) 10.0.0.2
  check "one byte more does not" answered_by 10.0.0.1 $((fits - 27)) 10.0.0.2
  captured "$ns_r" r0 2 "$outer" one_ping -M dont -s 1372 10.0.0.2
  equal "what may be cut is cut before encapsulation" "fragment=0 fragment=0" "$(field fragment | paste -sd ' ')"
  check "every size that may be cut passes" every_size dont 1240 "$mtu_auto"
  check "every other one passes or is answered" every_size do 1240 "$mtu_auto"
  check "TCP passes" tcp
  check "df clear" ctl l ipsec0 df clear
  check "every size passes" every_size dont 1240 "$mtu_auto"
  narrow 1500
  ctl l ipsec0 deletetunnel
  ctl l ipsec0 "$family" tunnel "$l_outer" "$p_outer"
  equal "new endpoints, new path" 1500 "$(shown pathMtu)"
  forget
}
tcp() {
  serve_tcp "$ns_p" && within "$ns_l" timeout 30 iperf3 -c 10.0.0.2 -n 2M
}

# The segment size of the SYN that p's host gets
mss_of_syn() {
  captured "$ns_p" ipsec0 1 '^in 4.{17}06.{20}.{24}..02' tcp
  perl -ne '/^in 4.{39}.{40}0204(....)/ and print hex $1, "\n"' "$work/captured" | head -n 1
}
padding() {
  heading "$way: segment sizes, padding, dummies"
  check "mss auto" ctl l ipsec0 mss auto
  check "and a larger MTU" ctl l ipsec0 mtu 1500
  equal "a SYN's segment size is what fits the path" $((mtu_auto - 40)) "$(mss_of_syn)"
  check "mss 900" ctl l ipsec0 mss 900
  equal "or what is said" 900 "$(mss_of_syn)"
  check "mss off" ctl l ipsec0 mss off mtu auto
  equal "mtu auto again" "$mtu_auto" "$(mtu "$ns_l" ipsec0)"
  check "pad-to-mtu" ctl l ipsec0 tfc pad-to-mtu
  captured "$ns_r" r0 6 "$outer" within "$ns_l" sh -c 'for size in 0 100 1000; do
    ping -q -c 1 -W 3 -s $size 10.0.0.2; ping -q -c 1 -W 3 -s $size 2001:db8:1::2; done'
  equal "packets of any size look alike" 1 "$(field length | sort -u | grep -c .)"
  equal "six of them arrived" 6 "$(grep -c ' 1 received' "$work/r0.packets.command")"
  check "dummies" ctl l ipsec0 tfc pad-to-mtu dummy 50
  check "are received and counted" until_true 10 dummies_arrived
  equal "not as drops" "$((50 + $(mtu "$ns_l" ipsec0)))" "$((50 + mtu_auto))"
  check "and nothing else suffers" pings "$ns_l" 10.0.0.2
  check "off" ctl l ipsec0 tfc off
}
dummies_arrived() { [ "$(counter p ipsec0 inbound_dummy)" -gt "${dummies_before:-0}" ]; }

# way NAME FAMILY ENCAP LOCAL REMOTE OUTER-BYTES MTU
run() {
  way=$1 family=$2 l_outer=$4 p_outer=$5 overhead=$6 mtu_auto=$7
  heading "$way"
  check "l" ctl l ipsec0 "$family" tunnel "$l_outer" "$p_outer" encap "$3"
  check "p" ctl p ipsec0 "$family" tunnel "$p_outer" "$l_outer" encap "$3"
  equal "the MTU is what fits the route" "$mtu_auto" "$(mtu "$ns_l" ipsec0)"
  equal "show says that it was computed" auto "$(shown mtuSource)"
  check "the largest passes whole" one_ping -M do -s $((mtu_auto - 28)) 10.0.0.2
  headers
  marks
  path
  dummies_before=$(counter p ipsec0 inbound_dummy)
  padding
}
run "raw IPv4" inet no 203.0.113.1 198.51.100.2 20 1438
run "UDP over IPv4" inet udp 203.0.113.1 198.51.100.2 28 1422
run "raw IPv6" inet6 no 2001:db8:a::1 2001:db8:b::2 40 1406
run "UDP over IPv6" inet6 udp 2001:db8:a::1 2001:db8:b::2 48 1406

heading "ICMP that quotes no packet of ours"
equal "the path before" 1500 "$(shown pathMtu)"
accepted=$(host_counter icmp_too_big_accepted)
within "$ns_r" perl -MSocket -e '
  sub sum { my $s = 0; $s += $_ for unpack "n*", $_[0]; $s = ($s & 0xffff) + ($s >> 16) while $s >> 16; ~$s & 0xffff }
  socket(my $s, PF_INET, SOCK_RAW, 1) or die "socket: $!";
  for my $quote ([0x1000, 0x7fffffff], [0x1001, 1], [0x2000, 1]) { # not sent yet; an SPI of nobody; one of the other direction
    my $ip = pack "C C n n n C C n a4 a4", 0x45, 0, 1500, 0, 0x4000, 64, 50, 0, inet_aton("203.0.113.1"), inet_aton("198.51.100.2");
    my $icmp = pack("C C n n n", 3, 4, 0, 0, 600) . $ip . pack "N N", @$quote;
    substr $icmp, 2, 2, pack "n", sum($icmp);
    send($s, $icmp, 0, sockaddr_in(0, inet_aton("203.0.113.1"))) or die "send: $!";
  }' || not_ok "cannot forge"
check "is counted" until_true 10 is 3 host_counter icmp_too_big_rejected
equal "is not believed" 1500 "$(shown pathMtu)"
equal "not once" "$accepted" "$(host_counter icmp_too_big_accepted)"

check "SIGTERM ends l" stop l
check "SIGTERM ends p" stop p
summary headers
