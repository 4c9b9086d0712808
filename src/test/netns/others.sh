#!/usr/bin/env bash
# What others do to an interface behind the daemon's back: up and down, MTU, names, namespaces, policies in the way of its own, a
# damaged record.
#
#   namespace a                          namespace b
#   +---------------------------+        +---------------------------+
#   | ipsec0 10.0.0.1 10.0.0.2  |        | ipsec0 10.0.0.2 10.0.0.1  |
#   | eth0 203.0.113.1          +--------+ eth0 203.0.113.2          |
#   +---------------------------+        +---------------------------+
#   namespace c: empty
. "$(dirname "$0")/../../../linux/lib.sh"
as_root_or_userns "$@"
need ip iproute2 jq jq ping iputils-ping
scratch
netns a
netns b
netns c
veth "$ns_a" eth0 "$ns_b" eth0
address "$ns_a" eth0 203.0.113.1/24
address "$ns_b" eth0 203.0.113.2/24
umask 077
for mode in any tunnel transport; do
  for each in "203.0.113.1 203.0.113.2 esp 0x1001" "203.0.113.2 203.0.113.1 esp 0x1002"; do
    echo "add $each -m $mode -u 100 -r 128 -E aes-cbc \"sixteen byte key\" -A hmac-sha1 \"twenty bytes of key!\";"
  done >"$work/sa.$mode"
done
describe() { # INNER...: rc.conf of one end
  cat <<END
create_args_ipsec0="reqid 100"
ifconfig_ipsec0="inet tunnel $1 $2 $3/30 $4 mtu 1400 up"
ipsecif_ipsec0_sa_file="$work/sa.any"
END
}
describe 203.0.113.1 203.0.113.2 10.0.0.1 10.0.0.2 >"$work/a.conf"
describe 203.0.113.2 203.0.113.1 10.0.0.2 10.0.0.1 >"$work/b.conf"
check "a starts" daemon a "$ns_a" --rc-conf "$work/a.conf"
check "b starts" daemon b "$ns_b" --rc-conf "$work/b.conf"
reaches() { within "$ns_a" ping -c 1 -W 5 10.0.0.2; }
link() { ip -n "$ns_a" -j link show dev ipsec0 | jq -r ".[0].$1"; }
is_up() { link 'flags|join(" ")' | grep -qw UP; }
check "traffic passes" reaches

heading "Up and down"
ip -n "$ns_a" link set ipsec0 down
refute "it is down" is_up
check "a command about something else" ctl a ipsec0 description office
refute "leaves it down" is_up
check "up brings it up, though it was told so before" ctl a ipsec0 up
check "it is up" is_up
check "traffic passes" reaches
ip -n "$ns_a" link set ipsec0 down
check "reload" ctl a reload
check "brings it up too, as rc.conf says" is_up

heading "MTU"
ip -n "$ns_a" link set ipsec0 mtu 1300
equal "show tells what is so" 1300 "$(ctl a show ipsec0 --json | jq '.[0].mtu')"
check "reload" ctl a reload
equal "sets what rc.conf says" 1400 "$(link mtu)"
ip -n "$ns_a" link set ipsec0 mtu 1300
check "mtu 1400" ctl a ipsec0 mtu 1400
equal "does, though it was told so before" 1400 "$(link mtu)"

heading "A policy in the way"
# shellcheck disable=SC2086
{
  foreign="dir in src 10.7.0.2/32 dst 10.7.0.1/32 if_id 100"
  check "point-to-point" ctl a ipsec0 template point-to-point
  check "another program has a policy where one of ours would be" ip -n "$ns_a" xfrm policy add $foreign action block
  check "a second address" ip -n "$ns_a" address add 10.7.0.1 peer 10.7.0.2 dev ipsec0
  status() { ctl a show ipsec0 --json | jq -r '.[0].status'; }
  said() { [[ $(status) = "policies do not follow the addresses: "* ]]; }
  check "is known to have no policy" until_true 20 said
  equal "and setkey -DP shows the other's as it is" 1 \
    "$(ctl a setkey -DP | grep -A2 '^10.7.0.2/32 10.7.0.1/32' | grep -c 'priority=0 .*kernel=EXTRA')"
  check "which discards" grep -q 'in discard' <(ctl a setkey -DP | grep -A1 '^10.7.0.2/32 10.7.0.1/32')
  check "that goes" ip -n "$ns_a" xfrm policy delete $foreign
}
covered() { ip -n "$ns_a" xfrm policy | grep -q 'src 10.7.0.1/32 dst 10.7.0.2/32'; }
check "and the policies follow" until_true 20 covered
active() { [ "$(status)" = active ]; }
check "which is known" until_true 20 active
check "route-based again" ctl a ipsec0 template route-based
check "traffic passes" reaches

heading "SAs of another mode"
check "SAs of tunnel mode instead" ctl a setkey -f <(
  echo "deleteall 203.0.113.1 203.0.113.2 esp; deleteall 203.0.113.2 203.0.113.1 esp;"
  cat "$work/sa.tunnel"
)
refute "transport-gre is refused while they are there" ctl a ipsec0 template transport-gre
equal "and says why" 1 "$(grep -c 'is of tunnel mode, the policies of template "transport-gre" are of transport mode' "$work/check.out")"
check "traffic passes as before" reaches

heading "Removed, and made again"
numbers() { ctl a show ipsec0 --json | jq '.[0].securityAssociations[] | select(.direction == "out") | .sequence'; }
sent=$(numbers)
check "another program removes it" ip -n "$ns_a" link del ipsec0
gone() { ! ctl a show ipsec0; }
check "which is seen" until_true 20 gone
check "reload" ctl a reload
check "makes it again, with numbers that b takes" reaches
check "which are higher than those before" test "$(numbers)" -gt "$sent"

heading "Renamed, moved"
ip -n "$ns_a" link set ipsec0 down
ip -n "$ns_a" link set ipsec0 name other0
renamed() { grep -q 'WARN ipsec0: another program renamed it other0' "$work/a.log"; }
check "a new name is told" until_true 20 renamed
ip -n "$ns_a" link set other0 name ipsec0
check "up again" ctl a ipsec0 up
check "traffic passes" reaches
ip -n "$ns_a" link set ipsec0 netns "$ns_c"
check "in another namespace it is gone" until_true 20 gone
equal "and so are its policies" "" "$(ip -n "$ns_a" xfrm policy)"
check "reload" ctl a reload
check "makes another" reaches

heading "A damaged record"
for damage in "" null '{"interfaces":null}' '{"interf'; do
  check "a stops" stop a
  printf '%s' "$damage" >"$work/a.state/interfaces.json"
  check "with \"$damage\" for a record it starts" daemon a "$ns_a" --rc-conf "$work/a.conf"
done
check "having put it aside" test -e "$work/a.state/interfaces.json.damaged"
equal "and said so" 1 "$(grep -c "WARN $work/a.state/interfaces.json: damaged, and put aside" "$work/a.log")"
check "traffic passes" reaches
check "a stops" stop a
check "b stops" stop b
summary others
