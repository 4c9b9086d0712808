#!/usr/bin/env bash
# fail-closed: no packet for the remote networks leaves in the clear, whatever becomes of daemon, route and interface. The same
# with route-based does leak, which shows that the test would see it.
#
#   namespace c (inside)     namespace a (the border)                  namespace b (the wire's other end)
#   +------------------+     +--------------------------------+        +-----------------------------+
#   | c0 10.1.0.9      |-----| c1 10.1.0.1          ipsecifd  |        |  b0 203.0.113.2             |
#   |    2001:db8:1::9 |     |    2001:db8:1::1     ipsec0    |--------|     2001:db8:ff::2          |
#   +------------------+     |            a0 203.0.113.1      |        |  linux/capture listens here |
#                            |               2001:db8:ff::1   |        +-----------------------------+
#                            +--------------------------------+
#
# Remote networks, behind b as far as a's default routes know: 10.2.0.0/16, 2001:db8:2::/48. Nobody answers there.
. "$(dirname "$0")/../../../linux/lib.sh"
as_root_or_userns "$@"
need ip iproute2 ping iputils-ping perl perl-base sysctl procps
scratch
netns a
netns b
netns c
veth "$ns_a" a0 "$ns_b" b0
veth "$ns_a" c1 "$ns_c" c0
address "$ns_a" a0 203.0.113.1/24 2001:db8:ff::1/64
address "$ns_b" b0 203.0.113.2/24 2001:db8:ff::2/64
address "$ns_a" c1 10.1.0.1/24 2001:db8:1::1/64
address "$ns_c" c0 10.1.0.9/24 2001:db8:1::9/64
within "$ns_a" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
ip -n "$ns_a" route add default via 203.0.113.2
ip -n "$ns_a" -6 route add default via 2001:db8:ff::2
ip -n "$ns_c" route add default via 10.1.0.1
ip -n "$ns_c" -6 route add default via 2001:db8:1::1

key=$(printf %032d 1)
mac=$(printf %064d 2)
(umask 077 && : >"$work/a.sa")
printf 'add 203.0.113.1 203.0.113.2 esp 0x2001 -m tunnel -u 100 -E aes-cbc 0x%s -A hmac-sha2-256 0x%s;\n' "$key" "$mac" \
  >"$work/a.sa"
conf() { # TEMPLATE
  cat >"$work/rc.conf" <<EOF
create_args_ipsec0="reqid 100"
ifconfig_ipsec0="inet tunnel 203.0.113.1 203.0.113.2 mtu 1400 up"
ifconfig_ipsec0_alias0="inet 10.0.0.1/30 10.0.0.2"
ifconfig_ipsec0_ipv6="inet6 2001:db8::1/64"
ipsecif_ipsec0_template="$1"
ipsecif_ipsec0_remote_networks="10.2.0.0/16 2001:db8:2::/48"
ipsecif_ipsec0_sa_file="$work/a.sa"
EOF
}
start() { daemon a "$ns_a" --rc-conf "$work/rc.conf" || die "ipsecifd: $(cat "$work/a.log")"; }
by_tunnel() {
  ip -n "$ns_a" route replace 10.2.0.0/16 dev ipsec0
  ip -n "$ns_a" -6 route replace 2001:db8:2::/48 dev ipsec0
}
by_plain_network() {
  ip -n "$ns_a" route replace 10.2.0.0/16 via 203.0.113.2
  ip -n "$ns_a" -6 route replace 2001:db8:2::/48 via 2001:db8:ff::2
}

"${in_b[@]}" "$top/linux/capture" b0 >"$work/wire" 2>&1 &
daemons+=($!)
check "somebody listens on the wire" until_true 10 grep -q listening "$work/wire"

# Of a line "in HEX", from the IP header on: the destination address begins at the byte 16 of IPv4, 24 of IPv6.
leaks() { grep -cE '^in (4.{31}0a02|6.{47}20010db80002)' "$work/wire"; }
esp() { grep -cE '^in 4.{17}32' "$work/wire"; }
marked() { grep -q "^in 4.*$1" "$work/wire"; } # HEX
marks=0
# everything: packets from inside and from the host itself to both networks; then one that b hears behind them
everything() {
  : >"$work/wire"
  within "$ns_c" ping -q -c 2 -i 0.2 -W 1 10.2.0.1
  within "$ns_c" ping -q -c 2 -i 0.2 -W 1 2001:db8:2::1
  within "$ns_a" ping -q -c 2 -i 0.2 -W 1 10.2.0.1
  within "$ns_a" ping -q -c 2 -i 0.2 -W 1 2001:db8:2::1
  within "$ns_a" ping -q -c 2 -i 0.2 -W 1 -I ipsec0 2001:db8:2::1
  marks=$((marks + 1))
  local mark
  mark=$(printf 'feedbeef%08x' "$marks")
  within "$ns_a" ping -q -c 1 -W 3 -p "$mark" 203.0.113.2 >/dev/null || return
  until_true 5 marked "$mark"
} >"$work/pings" 2>&1
# leak DESCRIPTION yes|no
leak() {
  check "$1: packets are sent" everything
  if [ "$2" = yes ]; then
    check "$1: they leak" test "$(leaks)" -gt 0
  else
    equal "$1: none leaks" 0 "$(leaks)"
  fi
}
kill_daemon() {
  kill -9 "$pid_a"
  wait "$pid_a" 2>/dev/null
}
gone() { ! ctl a list | grep -q "^$1 "; }
blocks() { ip -n "$ns_a" xfrm policy | grep -c 'action block'; }

for template in route-based fail-closed; do
  expected=no
  [ "$template" = fail-closed ] || expected=yes
  heading "$template"
  conf "$template"
  start
  by_tunnel
  leak "$template, all in order" no
  check "$template, all in order: forwarded and own packets leave as ESP" test "$(esp)" -ge 8

  by_plain_network
  leak "$template, routes through the plain network" $expected
  by_tunnel
  leak "$template, routes through the tunnel again" no

  kill_daemon
  [ "$expected" = yes ] || leak "$template, daemon killed" no
  ip -n "$ns_a" link delete ipsec0 2>/dev/null # if it outlives the daemon
  leak "$template, daemon killed and interface gone" $expected
  start
  by_tunnel
  leak "$template, next daemon" no
  check "$template, next daemon: leaves ESP" test "$(esp)" -ge 8

  ip -n "$ns_a" link delete ipsec0
  check "$template: the daemon sees that the interface is gone" until_true 10 gone ipsec0
  leak "$template, interface deleted" $expected
  check "$template: made anew by reload" ctl a reload
  by_tunnel
  leak "$template, interface made anew" no
  check "$template, interface made anew: leaves ESP" test "$(esp)" -ge 8
  check "$template: destroyed by its administrator" ctl a destroy ipsec0
  leak "$template, destroyed" yes
  equal "$template: no policy is left" "" "$(ip -n "$ns_a" xfrm policy)"
  check "$template: the daemon ends" stop a
done

heading "An upgrade of the daemon"
start
by_tunnel
check "the daemon ends" stop a
equal "it leaves nothing but what refuses" "2 2" "$(blocks) $(ip -n "$ns_a" xfrm policy | grep -c '^src')"
leak "while it is stopped" no
: >"$work/wire"
"${in_c[@]}" ping -q -i 0.01 -W 1 10.2.0.1 >/dev/null 2>&1 &
ping=$!
daemons+=("$ping")
start
by_tunnel
check "it starts again under a stream of packets, which goes on in ESP" until_true 10 eval '[ "$(esp)" -gt 10 ]'
kill "$ping"
wait "$ping" 2>/dev/null
equal "and none leaked meanwhile" 0 "$(leaks)"

heading "Two tunnels to one network"
check "another tunnel to the same network" ctl a create ipsec1 reqid 101 tunnel 203.0.113.1 203.0.113.3 10.0.1.1/30 10.0.1.2 \
  template fail-closed remote_networks 10.2.0.0/16
equal "shares the refusal" 2 "$(blocks)"
check "the first one goes" ctl a destroy ipsec0
equal "the refusal that both want stays" 1 "$(blocks)"
ip -n "$ns_a" route replace 10.2.0.0/16 dev ipsec1
leak_ipv4() { grep -cE '^in 4.{31}0a02' "$work/wire"; }
check "packets are sent" everything
equal "and none leaks to the network of both" 0 "$(leak_ipv4)"
ip -n "$ns_a" link delete ipsec1
check "the second one vanishes" until_true 10 gone ipsec1
equal "its refusal stays" 1 "$(blocks)"
check "until it is destroyed" ctl a destroy ipsec1
equal "no policy is left" "" "$(ip -n "$ns_a" xfrm policy)"
refute "an interface that is not there, and left nothing, cannot be destroyed" ctl a destroy ipsec1

heading "Out of the configuration"
check "the interface of rc.conf is made again" ctl a reload
ip -n "$ns_a" link delete ipsec0
check "it vanishes" until_true 10 gone ipsec0
equal "its refusals stay" 2 "$(blocks)"
: >"$work/rc.conf"
check "rc.conf does not have it any more" ctl a reload
equal "no policy is left" "" "$(ip -n "$ns_a" xfrm policy)"
conf fail-closed
check "it is made again" ctl a reload
check "the daemon ends" stop a
: >"$work/rc.conf"
start
equal "the next one, which is not told of it, removes what was left" "" "$(ip -n "$ns_a" xfrm policy)"
check "and ends" stop a
summary fail-closed
