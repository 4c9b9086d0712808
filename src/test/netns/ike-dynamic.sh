#!/usr/bin/env bash
# Interfaces that come into being with a peer, and go with it.
#
#   namespace b                    namespace c (center)                  namespace d
#   +--------------------+         +-----------------------------+       +---------------------+
#   | ipsec0 10.0.1.2    |   IKE,  | lo      203.0.113.1         | IKE,  | ipsec0 10.0.2.2     |
#   | vb 198.51.100.2    +---------+ branch0 10.0.0.1, as b comes+-------+ vd 192.0.2.2        |
#   |                    |   ESP   | branch1 10.0.0.1, as d comes|  ESP  |                     |
#   +--------------------+         +-----------------------------+       +---------------------+
#
# A hook of the center's makes the routes to the branches' inner addresses, by who they are.
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
printf '*.branches.example.org : PSK "what all the branches know"\n: PSK "what all others know"\n' >"$work/psk"
mkdir "$work/hooks.d"
cat >"$work/hooks.d/routes" <<'END'
#!/bin/sh
[ "$IPSECIF_EVENT" = created ] || exit 0
case $IPSECIF_REMOTE_ID in
  fqdn:b.*) ip route replace 10.0.1.2 dev "$IPSECIF_INTERFACE" ;;
  fqdn:d.*) ip route replace 10.0.2.2 dev "$IPSECIF_INTERFACE" ;;
esac
END
chmod 700 "$work/hooks.d/routes"
center() { # MAX
  cat >"$work/c.conf" <<END
ipsecif_dynamic="branch%d"
ipsecif_dynamic_max="$1"
ifconfig_branch="inet tunnel 203.0.113.1 any 10.0.0.1/32 up"
ipsecif_branch_local_id="center.example.org"
ipsecif_branch_remote_id="*.branches.example.org"
ipsecif_branch_psk_file="$work/psk"
END
}
branch() { # NAME LOCAL N IDENTITY
  cat >"$work/$1.conf" <<END
ifconfig_ipsec0="inet tunnel $2 203.0.113.1 10.0.$3.2/32 10.0.0.1 up"
ipsecif_ipsec0_local_id="$4"
ipsecif_ipsec0_remote_id="center.example.org"
ipsecif_ipsec0_psk_file="$work/psk"
END
}
start() { daemon "$1" "$2" --rc-conf "$work/$1.conf" --hooks "$work/hooks.d"; }
names() { ctl c list --json | jq -r 'map(.name) | join(" ")'; }
names_are() { [ "$(names)" = "$*" ]; }
active() { [ "$(ctl "$1" show "$2" --json | jq -r '.[0].status')" = active ]; }
remote() { ctl c show "$1" --json | jq -r '.[0].tunnelRemote'; }
policies() { ip -n "$ns_c" xfrm policy | grep -c tmpl; }
logged() { grep -q "$2" "$work/$1.log"; }

heading "Nobody is there yet"
center 2
check "the center starts" start c "$ns_c"
equal "without an interface" "" "$(names)"

heading "Branches come"
branch b 198.51.100.2 1 b.branches.example.org
branch d 192.0.2.2 2 d.branches.example.org
check "b starts" start b "$ns_b"
check "its interface is there" until_true 15 active c branch0
check "d starts" start d "$ns_d"
check "its interface is there" until_true 15 active c branch1
equal "two interfaces" "branch0 branch1" "$(names)"
equal "to where they came from" "198.51.100.2 192.0.2.2" "$(remote branch0) $(remote branch1)"
equal "with their policies" 12 "$(policies)"
check "b reaches the center" until_true 10 pings "$ns_b" 10.0.0.1
check "the center reaches d" pings "$ns_c" 10.0.2.2

heading "A third"
netns e
veth "$ns_e" ve "$ns_c" ce
address "$ns_c" ce 192.0.3.1/24
address "$ns_e" ve 192.0.3.2/24
ip -n "$ns_e" route add 203.0.113.1 via 192.0.3.1
branch e 192.0.3.2 3 e.branches.example.org
check "e starts" start e "$ns_e"
check "and is one too many" until_true 15 logged c 'no interface for e.branches.example.org: there are 2 already (ipsecif_dynamic_max)'
equal "two interfaces" "branch0 branch1" "$(names)"
check "e stops" stop e
branch e 192.0.3.2 3 e.example.org
check "e starts under a name that does not belong here" start e "$ns_e"
check "and is refused" until_true 15 logged c 'e.example.org, which is nobody we know'
check "e stops" stop e

heading "Branches go"
kill -9 "$pid_b"
wait "$pid_b" 2>/dev/null
check "b crashes and is there again" start b "$ns_b"
check "b reaches the center" until_true 15 pings "$ns_b" 10.0.0.1
equal "by the same interface" "branch0 branch1" "$(names)"
check "d stops" stop d
check "its interface goes" until_true 120 names_are branch0
equal "and its policies" 6 "$(policies)"
check "d starts" start d "$ns_d"
check "and has the same one again" until_true 30 active c branch1
check "d reaches the center" until_true 10 pings "$ns_d" 10.0.0.1

heading "The configuration changes"
center 2
printf 'ifconfig_branch_descr="a branch"\n' >>"$work/c.conf"
check "reload" ctl c reload
equal "is for those that are there" "a branch" "$(ctl c show branch1 --json | jq -r '.[0].description')"
check "d reaches the center still" pings "$ns_d" 10.0.0.1
: >"$work/c.conf"
check "reload without the kind" ctl c reload
equal "leaves none of it" " 0" "$(names) $(policies)"
check "b stops" stop b
check "d stops" stop d
check "the center stops" stop c
summary ike-dynamic
