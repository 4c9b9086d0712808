#!/usr/bin/env bash
# Two interfaces of one daemon, to two peers that use the same inner networks; reqids tell them apart.
#
#   namespace p1                     namespace h                          namespace p2
#   +-----------------+      +-------------------------------+      +-----------------+
#   | ipsec0 10.0.0.2 |      | ipsec1 10.0.0.1 -> 10.0.0.2   |      | ipsec0 10.0.0.2 |
#   |                 | ESP  |        reqid 101              | ESP  |                 |
#   |     v1          +------+ h1                         h2 +------+     v2          |
#   |   203.0.113.2   |      | ipsec2 10.0.0.1 -> 10.0.0.2   |      |   198.51.100.2  |
#   +-----------------+      |        reqid 102              |      +-----------------+
#                            +-------------------------------+
. "$(dirname "$0")/../../../linux/lib.sh"
as_root_or_userns "$@"
need ip iproute2 ping iputils-ping jq jq
scratch
netns h
netns p1
netns p2
# Packets are counted below: no IPv6 of the hosts' own (router solicitations, MLD) among them.
for each in "$ns_h" "$ns_p1" "$ns_p2"; do
  within "$each" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6'
done
veth "$ns_h" h1 "$ns_p1" v1
veth "$ns_h" h2 "$ns_p2" v2
address "$ns_h" h1 203.0.113.1/24
address "$ns_h" h2 198.51.100.1/24
address "$ns_p1" v1 203.0.113.2/24
address "$ns_p2" v2 198.51.100.2/24

sa() { # LOCAL REMOTE REQID BYTE
  printf 'add %s %s esp 0x%s001 -u %s -r 128 -E aes-cbc 0x%032d -A hmac-sha1 0x%040d;\n' "$1" "$2" "$4" "$3" "$4" "$4"
}
(
  umask 077
  { sa 203.0.113.1 203.0.113.2 101 1; sa 203.0.113.2 203.0.113.1 101 2; } >"$work/sa1"
  { sa 198.51.100.1 198.51.100.2 102 1; sa 198.51.100.2 198.51.100.1 102 2; } >"$work/sa2"
)
rc() { # IF LOCAL REMOTE REQID INNER-LOCAL INNER-REMOTE SA-FILE
  cat <<END
create_args_$1="reqid $4"
ifconfig_$1="inet tunnel $2 $3 $5/30 $6 up"
ipsecif_$1_sa_file="$7"
END
}
{
  rc ipsec1 203.0.113.1 203.0.113.2 101 10.0.0.1 10.0.0.2 "$work/sa1"
  rc ipsec2 198.51.100.1 198.51.100.2 102 10.0.0.1 10.0.0.2 "$work/sa2"
} >"$work/h.rc.conf"
rc ipsec0 203.0.113.2 203.0.113.1 101 10.0.0.2 10.0.0.1 "$work/sa1" >"$work/p1.rc.conf"
rc ipsec0 198.51.100.2 198.51.100.1 102 10.0.0.2 10.0.0.1 "$work/sa2" >"$work/p2.rc.conf"
for each in h p1 p2; do
  real="ns_$each"
  check "daemon $each starts" daemon "$each" "${!real}" --rc-conf "$work/$each.rc.conf"
done
equal "twelve policies in the kernel" 12 "$(ip -n "$ns_h" xfrm policy | grep -c 'if_id 0x')"
for each in p1 p2; do # each peer knows who it is by an address that only it has
  real="ns_$each"
  address "${!real}" lo 192.0.2.1/32
  ip -n "${!real}" link set lo up
done

pings_by() { within "$ns_h" ping -q -c 5 -i 0.1 -W 3 -I "$1" 10.0.0.2; }
check "ping by ipsec1" pings_by ipsec1
check "ping by ipsec2" pings_by ipsec2
equal "p1 received what ipsec1 sent, no more" 5 "$(counter p1 ipsec0 inbound_packets)"
equal "p2 received what ipsec2 sent, no more" 5 "$(counter p2 ipsec0 inbound_packets)"
equal "ipsec1 received its own answers, no more" 5 "$(counter h ipsec1 inbound_packets)"
equal "ipsec2 received its own answers, no more" 5 "$(counter h ipsec2 inbound_packets)"

"${in_h[@]}" ping -i 0.01 -W 3 -I ipsec2 10.0.0.2 >"$work/ping" 2>&1 &
ping=$!
until_true 10 sh -c "[ \"\$('$dist/sbin/ipsecifctl' --socket '$work/h.sock' show ipsec2 --json | jq '[.[0].counters[] | select(.name == \"inbound_packets\")][0].value')\" -gt 20 ]"
check "destroy ipsec1 while ipsec2 pings" ctl h destroy ipsec1
kill -0 "$ping" 2>/dev/null && ok "ipsec2 was still pinging then" || not_ok "ipsec2 was still pinging then"
kill -INT "$ping"
wait "$ping"
check "ipsec2 lost nothing" no_gap "$work/ping"
refute "ipsec1 is gone" ip -n "$ns_h" link show ipsec1
equal "its policies are gone, the other's are there" 6 "$(ip -n "$ns_h" xfrm policy | grep -c 'if_id 0x66')"
equal "no others" 6 "$(ip -n "$ns_h" xfrm policy | grep -c '^src')"
equal "its SAs are gone" 2 "$(ctl h setkey -D --json | jq length)"
for each in h p1 p2; do check "SIGTERM ends $each" stop "$each"; done
summary isolation
