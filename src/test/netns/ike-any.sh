#!/usr/bin/env bash
# Peers without a fixed address: two branches that the center knows by their identities alone, and a center that a branch knows by its
# host name.
#
#   namespace b                    namespace c (center)                  namespace d
#   +--------------------+         +-----------------------------+       +---------------------+
#   | ipsec0 10.0.1.2    |   IKE,  | lo     203.0.113.1          | IKE,  | ipsec0 10.0.2.2     |
#   | vb 198.51.100.2,   +---------+ ipsec1 10.0.1.1, for b      +-------+ vd 192.0.2.2        |
#   |    later .3        |   ESP   | ipsec2 10.0.2.1, for d      |  ESP  |                     |
#   +--------------------+         +-----------------------------+       +---------------------+
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
address "$ns_b" vb 198.51.100.2/24 198.51.100.3/24
address "$ns_d" vd 192.0.2.2/24
ip -n "$ns_b" route add 203.0.113.1 via 198.51.100.1
ip -n "$ns_d" route add 203.0.113.1 via 192.0.2.1
umask 077
cat >"$work/psk" <<END
b.example.org : PSK "the secret of branch b and nobody else"
d.example.org : PSK "the secret of branch d and nobody else"
END
cat >"$work/c.conf" <<END
ifconfig_ipsec1="inet tunnel 203.0.113.1 any 10.0.1.1/30 10.0.1.2 up"
ipsecif_ipsec1_remote_id="b.example.org"
ifconfig_ipsec2="inet tunnel 203.0.113.1 any 10.0.2.1/30 10.0.2.2 up"
ipsecif_ipsec2_remote_id="d.example.org"
END
for n in 1 2; do printf "ipsecif_ipsec$n"'_%s\n' 'local_id="center.example.org"' "psk_file=\"$work/psk\""; done >>"$work/c.conf"
branch() { # NAME LOCAL REMOTE N
  cat >"$work/$1.conf" <<END
ifconfig_ipsec0="inet tunnel $2 $3 10.0.$4.2/30 10.0.$4.1 up"
ipsecif_ipsec0_local_id="$1.example.org"
ipsecif_ipsec0_remote_id="center.example.org"
ipsecif_ipsec0_psk_file="$work/psk"
END
}
start() { daemon "$1" "$2" --rc-conf "$work/$1.conf"; }
status() { ctl "$1" show "$2" --json | jq -r '.[0].status'; }
active() { [ "$(status "$1" "$2")" = active ]; }
remote() { ctl c show "$1" --json | jq -r '.[0].tunnelRemote'; }
remote_is() { [ "$(remote "$1")" = "$2" ]; }
policies() { ip -n "$ns_c" xfrm policy | grep -c "tmpl src $1 dst $2"; }

heading "Nobody is there yet"
check "the center starts" start c "$ns_c"
equal "it waits for b" "any, no outbound SA" "$(remote ipsec1), $(status c ipsec1)"
equal "the kernel's policies to both leave the address open" 4 "$(policies 203.0.113.1 0.0.0.0)"
equal "those from both too" 8 "$(policies 0.0.0.0 203.0.113.1)"

heading "Branches"
branch b 198.51.100.2 203.0.113.1 1
branch d 192.0.2.2 203.0.113.1 2
check "b starts" start b "$ns_b"
check "d starts" start d "$ns_d"
check "b is up" until_true 15 active c ipsec1
check "d is up" until_true 15 active c ipsec2
equal "each is where it came from" "198.51.100.2 192.0.2.2" "$(remote ipsec1) $(remote ipsec2)"
check "b reaches the center" pings "$ns_b" 10.0.1.1
check "the center reaches d" pings "$ns_c" 10.0.2.2
refute "the center does not begin on its own" grep -q "ipsec1: connecting" "$work/c.log"

heading "b comes from elsewhere"
kill -9 "$pid_b"
wait "$pid_b" 2>/dev/null
branch b 198.51.100.3 203.0.113.1 1
check "b starts" start b "$ns_b"
check "the center knows where" until_true 15 remote_is ipsec1 198.51.100.3
check "b reaches the center" until_true 10 pings "$ns_b" 10.0.1.1
check "the center reaches b" pings "$ns_c" 10.0.1.2
check "d as before" pings "$ns_d" 10.0.2.1
equal "the kernel's policies are the same" "4 8" "$(policies 203.0.113.1 0.0.0.0) $(policies 0.0.0.0 203.0.113.1)"

heading "The center crashes"
kill -9 "$pid_c"
wait "$pid_c" 2>/dev/null
check "it starts again" start c "$ns_c"
equal "with no more policies than before" "4 8" "$(policies 203.0.113.1 0.0.0.0) $(policies 0.0.0.0 203.0.113.1)"
check "b is back" until_true 60 active c ipsec1
check "b reaches the center" until_true 10 pings "$ns_b" 10.0.1.1

heading "A host name"
check "d stops" stop d
if mkdir -p "/etc/netns/$ns_d" 2>/dev/null; then
  trap 'rm -rf "/etc/netns/$ns_d"; cleanup' EXIT
  echo "127.0.0.1 localhost" >"/etc/netns/$ns_d/hosts"
  echo "hosts: files" >"/etc/netns/$ns_d/nsswitch.conf"
  chmod -R a+rX "/etc/netns/$ns_d"
  branch d 192.0.2.2 center.example.org 2
  check "d starts" start d "$ns_d"
  unknown() { grep -q 'WARN ipsec0: no inet address of center.example.org is known; trying again in 5 s' "$work/d.log"; }
  check "the name means nothing, and the log says so" until_true 10 unknown
  equal "and show" "no address of center.example.org is known" "$(status d ipsec0)"
  echo "203.0.113.1 center.example.org" >>"/etc/netns/$ns_d/hosts"
  check "once it does, the branch is up" until_true 30 active d ipsec0
  check "d reaches the center" pings "$ns_d" 10.0.2.1
  check "d stops" stop d
else
  skip "/etc/netns cannot be written"
fi
check "b stops" stop b
check "the center stops" stop c
equal "nothing is left" 0 "$(ip -n "$ns_c" xfrm policy | grep -c tmpl)"
summary ike-any
