#!/usr/bin/env bash
# A path narrower than the first link: every size passes or is answered, over IPv4 and IPv6, raw and in UDP; what is learned is shown.
#
#   namespace h          namespace a                    namespace r                      namespace b
#   +-----------+        +--------------------+         +-------------------+            +--------------------+
#   | sender vh +--------+ ah  ipsec0, ipsec1 |  1500   |                   |    1400    |    ipsec0, ipsec1  |
#   | 10.9.0.2  |        |    va 203.0.113.1  +---------+ ra             rb +------------+ vb 198.51.100.2    |
#   +-----------+        |   2001:db8:a::1    |         |  router           |            |    2001:db8:b::2   |
#                        +--------------------+         +-------------------+            +--------------------+
. "$(dirname "$0")/../../../linux/lib.sh"
as_root_or_userns "$@"
need ip iproute2 ping iputils-ping jq jq sysctl procps
scratch
for each in h a r b; do netns $each; done
veth "$ns_h" vh "$ns_a" ah
veth "$ns_a" va "$ns_r" ra
veth "$ns_b" vb "$ns_r" rb
address "$ns_h" vh 10.9.0.2/24
address "$ns_a" ah 10.9.0.1/24
address "$ns_a" va 203.0.113.1/24 2001:db8:a::1/64
address "$ns_r" ra 203.0.113.254/24 2001:db8:a::fe/64
address "$ns_r" rb 198.51.100.254/24 2001:db8:b::fe/64
address "$ns_b" vb 198.51.100.2/24 2001:db8:b::2/64
ip -n "$ns_r" link set rb mtu 1400
ip -n "$ns_b" link set vb mtu 1400
within "$ns_r" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
within "$ns_a" sysctl -qw net.ipv4.ip_forward=1
ip -n "$ns_h" route add default via 10.9.0.1
ip -n "$ns_a" route add default via 203.0.113.254
ip -n "$ns_b" route add default via 198.51.100.254
ip -n "$ns_a" -6 route add default via 2001:db8:a::fe
ip -n "$ns_b" -6 route add default via 2001:db8:b::fe
check "the hosts reach each other over IPv4" until_true 5 pings "$ns_a" 198.51.100.2
check "the hosts reach each other over IPv6" until_true 5 pings "$ns_a" 2001:db8:b::2

keys="-r 128 -E aes-cbc 0x000102030405060708090a0b0c0d0e0f -A hmac-sha1 0x000102030405060708090a0b0c0d0e0f10111213"
sas() { # REQID LEFT RIGHT
  (
    umask 077
    printf 'add %s %s esp 0x%x1 -u %d %s;\nadd %s %s esp 0x%x2 -u %d %s;\n' \
      "$2" "$3" "$1" "$1" "$keys" "$3" "$2" "$1" "$1" "$keys" >"$work/$1.sa"
  )
}
sas 100 203.0.113.1 198.51.100.2
sas 101 2001:db8:a::1 2001:db8:b::2
rc_conf() { # NAME LOCAL REMOTE LOCAL6 REMOTE6 OWN OTHER ENCAP DF
  cat >"$work/$1.rc.conf" <<END2
create_args_ipsec0="reqid 100"
ifconfig_ipsec0="inet tunnel $2 $3 10.0.0.$6/30 10.0.0.$7"
ifconfig_ipsec0_ipv6="inet6 2001:db8:10::$6/64"
ipsecif_ipsec0_sa_file="$work/100.sa"
ipsecif_ipsec0_encap="$8"
ipsecif_ipsec0_df="$9"
create_args_ipsec1="reqid 101"
ifconfig_ipsec1="inet6 tunnel $4 $5 inet 10.0.1.$6/30 10.0.1.$7"
ifconfig_ipsec1_ipv6="inet6 2001:db8:11::$6/64"
ipsecif_ipsec1_sa_file="$work/101.sa"
ipsecif_ipsec1_encap="$8"
ipsecif_ipsec1_df="$9"
END2
}
shown() { ctl a show "$1" --json | jq -r ".[0].$2"; }
path_is() { [ "$(shown "$1" pathMtu)" = "$2" ]; }
counted() { [ "$(counter a "$1" "$2")" -gt 0 ]; }
forget_paths() { # what the kernels learned
  local each
  for each in "$ns_a" "$ns_h"; do
    ip -n "$each" route flush cache
    ip -n "$each" -6 route flush cache
  done
}
# one PING-ARGUMENTS...: one packet, answered
one() { within "$ns_a" ping -q -c 1 -W 1 "$@"; }

start() { # ENCAP DF
  rc_conf a 203.0.113.1 198.51.100.2 2001:db8:a::1 2001:db8:b::2 1 2 "$1" "$2"
  rc_conf b 198.51.100.2 203.0.113.1 2001:db8:b::2 2001:db8:a::1 2 1 "$1" "$2"
  check "daemons a and b start" daemon a "$ns_a" --rc-conf "$work/a.rc.conf"
  check "with the other end" daemon b "$ns_b" --rc-conf "$work/b.rc.conf"
  ip -n "$ns_b" route add 10.9.0.0/24 dev ipsec0
}
finish() {
  check "a ends" stop a
  check "b ends" stop b
  forget_paths
}
# sizes INTERFACE INET INET6: from the smallest to the MTU, after the path was learned or not
sizes() {
  local mtu size
  mtu=$(shown "$1" mtu)
  one -s 1300 -M do "$2" >/dev/null # may be the one that the router tells about
  one -s 1300 "$3" >/dev/null
  for size in 0 1 1251 1252 1253 $((mtu - 29)) $((mtu - 28)); do
    check "$1: IPv4 of $((size + 28)) bytes with DF" until_true 3 one -s "$size" -M do "$2"
    check "$1: IPv4 of $((size + 28)) bytes without" until_true 3 one -s "$size" -M dont "$2"
  done
  check "$1: IPv4 of 9000 bytes" until_true 3 one -s 8972 -M dont "$2"
  for size in 0 1 1231 1232 1233 $((mtu - 49)) $((mtu - 48)); do
    check "$1: IPv6 of $((size + 48)) bytes" until_true 3 one -s "$size" -M do "$3"
  done
}

for encap in no udp; do
  overhead6=$([ "$encap" = udp ] && echo 94 || echo 78) # IPv6, UDP, ESP, IV, trailer, ICV, and what no block fills
  fits=$([ "$encap" = udp ] && echo 1326 || echo 1342) # of 1400 bytes, without outer headers, IV, padding, trailer, ICV
  heading "encap $encap, df clear: the outer packet is cut, by routers or by this host"
  start "$encap" clear
  sizes ipsec0 10.0.0.2 2001:db8:10::2
  sizes ipsec1 10.0.1.2 2001:db8:11::2
  equal "over IPv4 routers tell nothing" 1500 "$(shown ipsec0 pathMtu)"
  check "over IPv6 the path was learned" path_is ipsec1 1400
  equal "the interface's MTU stays that of the route" 1500 $(($(shown ipsec1 mtu) + overhead6))
  check "and has been since the start, as the log says" grep -q "ipsec1: created, reqid [0-9]*, MTU $((1500 - overhead6))$" "$work/a.log"
  refute "without another before it" grep -q "ipsec1: MTU " "$work/a.log"
  finish

  heading "encap $encap, df copy: senders are told"
  start "$encap" copy
  for each in ipsec0:10.0.0.2 ipsec1:10.0.1.2; do
    one -s 1350 -M do "${each#*:}" >/dev/null
    check "${each%:*}: the path was learned" until_true 5 path_is "${each%:*}" 1400
    check "for ten minutes" test "$(shown "${each%:*}" pathMtuSeconds)" -gt 500
    refute "${each%:*}: IPv4 of 1378 bytes with DF does not pass" one -s 1350 -M do "${each#*:}"
    check "its sender is told" counted "${each%:*}" outbound_too_big
    check "without DF it passes" one -s 1350 -M dont "${each#*:}"
    check "what fits passes" one -s 1200 -M do "${each#*:}"
  done
  within "$ns_h" ping -c 1 -W 2 -s 1350 -M do 10.0.0.2 >"$work/h.ping"
  check "a host behind is told, from the interface's address" grep -q 'From 10.0.0.1 .*mtu = '"$fits" "$work/h.ping"
  check "IPv6 of 1280 bytes passes in IPv4" one -s 1232 -M do 2001:db8:10::2
  check "IPv6 of 1280 bytes passes in IPv6" one -s 1232 -M do 2001:db8:11::2
  finish
done
summary path-mtu
