#!/usr/bin/env bash
# Inner addresses that a center assigns to its branches, by IKEv2's configuration payloads.
#
#   namespace b                        namespace c (center)                         namespace d
#   +------------------------+         +------------------------------------+       +------------------------+
#   | ipsec0 as assigned     |   IKE,  | lo      203.0.113.1                | IKE,  | ipsec0 10.9.0.7        |
#   | vb 198.51.100.2        +---------+ branch0 10.0.0.1 to b's            +-------+ vd 192.0.2.2           |
#   |                        |   ESP   | branch1 10.0.0.1 to d's, 10.9.0.7  |  ESP  |                        |
#   +------------------------+         +------------------------------------+       +------------------------+
#
# The pool has two addresses, and one that is d's. IPv6 goes along.
. "$(dirname "$0")/../../../linux/lib.sh"
as_root_or_userns "$@"
need ip iproute2 jq jq ping iputils-ping
scratch
netns b
netns c
netns d
veth "$ns_b" vb "$ns_c" cb
veth "$ns_d" vd "$ns_c" cd
address "$ns_c" lo 203.0.113.1/32
address "$ns_c" cb 198.51.100.1/24
address "$ns_c" cd 192.0.2.1/24
address "$ns_b" vb 198.51.100.2/24
address "$ns_d" vd 192.0.2.2/24
ip -n "$ns_b" route add 203.0.113.1 via 198.51.100.1
ip -n "$ns_d" route add 203.0.113.1 via 192.0.2.1
umask 077
printf ': PSK "what the center and all the branches know"\n' >"$work/psk"
: >"$work/empty"
center() { # POOL
  printf 'd.branches.example.org : 10.9.0.7\n' >"$work/reserved"
  cat >"$work/c.conf" <<END
dynamic_max = 10
[dynamic branch%d]
tunnel = 203.0.113.1 any
inner = 10.0.0.1/32
inner = 2001:db8::1/128
local_id = center.example.org
remote_id = *.branches.example.org
psk_file = psk
pool = $1
pool_file = reserved
END
}
branch() { # NAME LOCAL ADDRESS
  cat >"$work/$1.conf" <<END
ifconfig_ipsec0="inet tunnel $2 203.0.113.1 up"
ipsecif_ipsec0_local_id="$1.branches.example.org"
ipsecif_ipsec0_remote_id="center.example.org"
ipsecif_ipsec0_psk_file="$work/psk"
ipsecif_ipsec0_address="$3"
END
}
start() { daemon "$1" "$2" --rc-conf "$work/$1.conf"; }
start_center() { daemon c "$ns_c" --rc-conf "$work/empty" --conf "$work/c.conf"; }
# has NAMESPACE: the inner addresses of its ipsec0
has() { ip -n "$1" -j address show dev ipsec0 | jq -r '[.[0].addr_info[] | select(.scope == "global") | .local] | sort | join(" ")'; }
has_some() { [ -n "$(has "$1")" ]; }
has_not() { ! has "$1" | grep -qw "$2"; }
active() { [ "$(rpc "$1" interface.list "{\"name\":\"$2\"}" | jq -r '.result[0].status')" = active ]; }
destination() { ip -n "$ns_c" -j address show dev "$1" | jq -r '[.[0].addr_info[] | .address // empty] | sort | join(" ")'; }
# Whose interface is whose has been up to who came first after the center's start.
of_other_pool() { { destination branch0 && echo && destination branch1; } | grep -q '^10\.9\.1\.1'; }
logged() { grep -q "$2" "$work/$1.log"; }
to_center() { ip -n "$1" route replace 10.0.0.1 dev ipsec0 && ip -n "$1" route replace 2001:db8::1 dev ipsec0; }

heading "Addresses are assigned"
center "10.9.0.16/30 2001:db8:9::/64"
branch b 198.51.100.2 auto
branch d 192.0.2.2 inet
check "the center starts" start_center
check "b starts" start b "$ns_b"
check "its interface is there" until_true 15 active c branch0
check "with an address" until_true 5 has_some "$ns_b"
first=$(has "$ns_b")
check "of each network: $first" grep -Eq '^10\.9\.0\.1[78] 2001:db8:9::[0-9a-f:]+$' <<<"$first"
equal "to which the center's lead" "$first" "$(destination branch0)"
to_center "$ns_b"
check "b reaches the center" until_true 5 pings "$ns_b" 10.0.0.1
check "the center reaches b" pings "$ns_c" "${first% *}"
check "and by IPv6" pings "$ns_c" "${first#* }"
check "d starts" start d "$ns_d"
check "its interface is there" until_true 15 active c branch1
check "with an address" until_true 5 has_some "$ns_d"
equal "which is its own" 10.9.0.7 "$(has "$ns_d")"
to_center "$ns_d"
check "d reaches the center" until_true 5 pings "$ns_d" 10.0.0.1

heading "Nobody comes with another's"
ip -n "$ns_d" address add "${first% *}" dev ipsec0
check "d cannot ping as b" within "$ns_d" sh -c "! ping -q -c 2 -i 0.2 -W 1 -I ${first% *} 10.0.0.1"
ip -n "$ns_d" address del "${first% *}/32" dev ipsec0
check "d reaches the center as itself" pings "$ns_d" 10.0.0.1

heading "The same again"
check "b rekeys its IKE SA" ctl b ike rekey --ike ipsec0
check "b reaches the center" pings "$ns_b" 10.0.0.1
kill -9 "$pid_b"
wait "$pid_b" 2>/dev/null
check "b crashes and is there again" start b "$ns_b"
check "b reaches the center" until_true 15 pings "$ns_b" 10.0.0.1
equal "with the same address" "$first" "$(has "$ns_b")"
check "a reload" ctl b reload
equal "leaves it" "$first" "$(has "$ns_b")"
check "the center stops" stop c
check "the center starts" start_center
check "b reaches the center" until_true 30 pings "$ns_b" 10.0.0.1
equal "with the same address" "$first" "$(has "$ns_b")"

heading "Others"
center "10.9.1.16/30"
check "the center has another pool" ctl c reload
check "b's interface follows" until_true 5 of_other_pool
check "b authenticates anew" ctl b ike down ipsec0
check "b connects" ctl b ike up ipsec0
check "b loses the address it had" until_true 10 has_not "$ns_b" "${first% *}"
check "and has another" until_true 5 eval 'has "$ns_b" | grep -q "^10.9.1.1"'
check "b reaches the center" until_true 5 pings "$ns_b" 10.0.0.1
check "b wants none any more" sed -i 's/"auto"/"none"/' "$work/b.conf"
check "reload" ctl b reload
equal "takes it away" "" "$(has "$ns_b")"
[ "$failed" = 0 ] || tail -n 60 "$work/c.log" "$work/b.log"
for each in b d c; do check "$each stops" stop $each; done
summary ike-pool
