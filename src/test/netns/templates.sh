#!/usr/bin/env bash
# What each template puts in the kernel's SPD, to the letter as ip(8) prints it: for inner IPv4, IPv6, several addresses, none.
#
# Each rendering as ip(8) commands, run in a namespace that has nothing but an ipsec0, makes the same entries to the letter.
#
#   namespace t: lo 203.0.113.1, lo 2001:db8:ff::1; ipsec0 is made and changed by ipsecifctl
#   namespaces r1, r2, ...: ipsec0 (a TUN device), no daemon; "ipsecifctl template render ... --as ip-xfrm | sh"
. "$(dirname "$0")/../../../linux/lib.sh"
as_root_or_userns "$@"
need ip iproute2
scratch
netns t
address "$ns_t" lo 203.0.113.1/32 2001:db8:ff::1/128
check "daemon starts" daemon t "$ns_t"

# entry SOURCE DESTINATION DIRECTION SCOPE [OUTER-LOCAL OUTER-REMOTE [UPPER-LAYER]]: an entry as ip(8) prints it
entry() {
  local from=${5:-203.0.113.1} to=${6:-203.0.113.2} upper=${7:-} mark= if_id=
  [ "$3" = out ] || { from=$to to=${5:-203.0.113.1}; }
  case $4 in
    if_id*) if_id=$4 ;;
    mark*) mark=$4 ;;
  esac
  printf 'src %s dst %s %s\n\tdir %s priority 1000 \n' "$1" "$2" "$upper" "$3"
  [ -z "$mark" ] || printf '\t%s\n' "$mark"
  printf '\ttmpl src %s dst %s\n\t\tproto esp reqid 100 mode tunnel\n' "$from" "$to"
  [ -z "$if_id" ] || printf '\t%s\n' "$if_id"
}
# sorted: entries one a line, in an order of their own; ip(8) prints them in the kernel's. A kernel with
# CONFIG_XFRM_SUB_POLICY says of each that its type is main, another does not.
sorted() { sed -e 's/ ptype main *$//' -e 's/ *$//' | awk '/^src/ && NR > 1 {print ""} {printf "%s|", $0} END {if (NR) print ""}' | LC_ALL=C sort; }
# spd NAMESPACE: its entries with all that the kernel tells but when they were made, and the number it gave them
spd() { ip -n "$1" -s xfrm policy | grep -v '^[[:space:]]*add .* use ' | sed 's/ index [0-9]*//'; }
runs=0
ends="203.0.113.1 203.0.113.2"
# by_hand DESCRIPTION TEMPLATE: what ip(8) makes of the rendering for ipsec0 is what the daemon made, in the same order
by_hand() {
  local real
  runs=$((runs + 1))
  netns "r$runs"
  real="ns_r$runs"
  ip -n "${!real}" tuntap add dev ipsec0 mode tun
  check "$1: a script for ip(8)" ctl t template render "$2" ipsec0 --as ip-xfrm
  cp "$work/check.out" "$work/script"
  check "$1: it runs" within "${!real}" sh -e "$work/script"
  equal "$1: and makes the same SPD" "$(spd "$ns_t")" "$(spd "${!real}")"
}
# renders DESCRIPTION template TEMPLATE WORDS...: an ipsec0 with these words has the entries of standard input, and no others
renders() {
  local what=$1 template=$3 wanted
  shift
  wanted=$(sorted)
  # shellcheck disable=SC2086
  check "$what: ipsec0 is made" ctl t create ipsec0 reqid 100 tunnel $ends "$@"
  equal "$what: the kernel's SPD" "$wanted" "$(ip -n "$ns_t" xfrm policy | sorted)"
  by_hand "$what" "$template"
  check "$what: ipsec0 goes" ctl t destroy ipsec0
  equal "$what: nothing is left" "" "$(ip -n "$ns_t" xfrm policy)"
}
any() { # SCOPE-OUT SCOPE-IN
  for any in 0.0.0.0/0 ::/0; do
    entry $any $any out "$1"
    entry $any $any in "$2"
    entry $any $any fwd "$2"
  done
}
pair() { # LOCAL REMOTE [both directions and, with fwd, forward]
  entry "$1" "$2" out "if_id 0x64"
  entry "$2" "$1" in "if_id 0x64"
  [ "${3:-}" != fwd ] || entry "$2" "$1" fwd "if_id 0x64"
}
inet="10.0.0.1/30 10.0.0.2"
inet6="2001:db8::1/128 2001:db8::2"
several="$inet 10.0.1.1/32 10.0.1.2 $inet6"

heading "route-based"
for inner in "" "$inet" "$inet6" "$several"; do
  # shellcheck disable=SC2086
  renders "route-based, inner \"$inner\"" template route-based $inner < <(any "if_id 0x64" "if_id 0x64")
done

heading "vti"
for inner in "" "$inet" "$inet6" "$several"; do
  # shellcheck disable=SC2086
  renders "vti, inner \"$inner\"" template vti ikey 15 okey 16 $inner \
    < <(any "mark 0x10/0xffffffff" "mark 0xf/0xffffffff")
done
refute "vti without a key is refused" ctl t create ipsec0 tunnel 203.0.113.1 203.0.113.2 template vti
reason=$(ctl t create ipsec0 tunnel 203.0.113.1 203.0.113.2 template vti 2>&1)
equal "and the reason is said" '[template] requires: "key set" does not hold for ipsec0; set key, or ikey and okey' \
  "${reason#*vti.conf:*: }"
equal "and nothing is left" "" "$(ip -n "$ns_t" xfrm policy)"

heading "point-to-point"
renders "point-to-point, none" template point-to-point </dev/null
# shellcheck disable=SC2086
{
  renders "point-to-point, IPv4" template point-to-point $inet < <(pair 10.0.0.1/32 10.0.0.2/32)
  renders "point-to-point, IPv6" template point-to-point $inet6 < <(pair 2001:db8::1/128 2001:db8::2/128)
  renders "point-to-point, several" template point-to-point $several < <(
    pair 10.0.0.1/32 10.0.0.2/32
    pair 10.0.1.1/32 10.0.1.2/32
    pair 2001:db8::1/128 2001:db8::2/128
  )
}

heading "subnets"
renders "subnets, IPv4" template subnets local_networks 10.1.0.0/16 remote_networks 10.2.0.0/16 \
  < <(pair 10.1.0.0/16 10.2.0.0/16 fwd)
renders "subnets, IPv6" template subnets local_networks 2001:db8:1::/48 remote_networks 2001:db8:2::/48 \
  < <(pair 2001:db8:1::/48 2001:db8:2::/48 fwd)
renders "subnets, several" template subnets local_networks 10.1.0.0/16,2001:db8:1::/48 \
  remote_networks 10.2.0.0/16,10.3.0.0/16,2001:db8:2::/48 < <(
    pair 10.1.0.0/16 10.2.0.0/16 fwd
    pair 10.1.0.0/16 10.3.0.0/16 fwd
    pair 2001:db8:1::/48 2001:db8:2::/48 fwd
  )
# shellcheck disable=SC2086
renders "subnets, of the inner address" template subnets $inet remote_networks 10.2.0.0/16 \
  < <(pair 10.0.0.0/30 10.2.0.0/16 fwd)
renders "subnets, none of the family" template subnets local_networks 10.1.0.0/16 remote_networks 2001:db8:2::/48 </dev/null
renders "subnets, one protocol" template subnets template_protocol tcp \
  local_networks 10.1.0.0/16 remote_networks 10.2.0.0/16 < <(
    entry 10.1.0.0/16 10.2.0.0/16 out "if_id 0x64" "" "" "proto tcp"
    entry 10.2.0.0/16 10.1.0.0/16 in "if_id 0x64" "" "" "proto tcp"
    entry 10.2.0.0/16 10.1.0.0/16 fwd "if_id 0x64" "" "" "proto tcp"
  )
refute "subnets without remote networks is refused" ctl t create ipsec0 tunnel 203.0.113.1 203.0.113.2 template subnets
equal "and nothing is left" "" "$(ip -n "$ns_t" xfrm policy)"

heading "fail-closed"
# plain DIRECTION-LESS: an outbound entry without a transform: SOURCE DESTINATION "UPPER-LAYER" "PRIORITY" "ACTION" ["DEVICE"]
plain() { printf 'src %s dst %s %s\n\tdir out %spriority %s \n' "$1" "$2" "${6:+dev $6 }$3" "${5:+action $5 }" "$4"; }
outer() {
  any "if_id 0x64" "if_id 0x64"
  plain 203.0.113.1/32 203.0.113.2/32 "proto esp" 1000
  plain 203.0.113.1/32 203.0.113.2/32 "proto udp sport 4500" 1000
  plain 203.0.113.1/32 203.0.113.2/32 "proto udp sport 500" 1000
}
fenced() { # NETWORK
  case $1 in
    *:*)
      plain ::/0 "$1" "" 1000 "" ipsec0
      plain ::/0 "$1" "" 2000 block
      plain ::/0 "$1" "proto ipv6-icmp type 135" 1000
      plain ::/0 "$1" "proto ipv6-icmp type 136" 1000
      ;;
    *)
      plain 0.0.0.0/0 "$1" "" 1000 "" ipsec0
      plain 0.0.0.0/0 "$1" "" 2000 block
      ;;
  esac
}
# shellcheck disable=SC2086
{
  renders "fail-closed, IPv4" template fail-closed $inet remote_networks 10.2.0.0/16 < <(outer; fenced 10.2.0.0/16)
  renders "fail-closed, IPv6" template fail-closed $inet6 remote_networks 2001:db8:2::/48 \
    < <(outer; fenced 2001:db8:2::/48)
  renders "fail-closed, several" template fail-closed $several remote_networks 10.2.0.0/16,10.3.0.0/16,2001:db8:2::/48 \
    < <(outer; fenced 10.2.0.0/16; fenced 10.3.0.0/16; fenced 2001:db8:2::/48)
  renders "fail-closed, no inner address" template fail-closed remote_networks 0.0.0.0/0 < <(outer; fenced 0.0.0.0/0)
}
refute "fail-closed without remote networks is refused" \
  ctl t create ipsec0 tunnel 203.0.113.1 203.0.113.2 template fail-closed
equal "and nothing is left" "" "$(ip -n "$ns_t" xfrm policy)"

heading "transport-gre"
transport() { # LOCAL REMOTE NONE
  local each
  for each in gre ipv4 ipv6; do
    each=${each/ipv4/4}
    printf 'src %s dst %s proto %s\n\tdir out priority 1000 \n' "$1" "$2" "${each/#4/ipencap}"
    printf '\ttmpl src %s dst %s\n\t\tproto esp reqid 100 mode transport\n\tif_id 0x64\n' "$3" "$3"
    printf 'src %s dst %s proto %s\n\tdir in priority 1000 \n' "$2" "$1" "${each/#4/ipencap}"
    printf '\ttmpl src %s dst %s\n\t\tproto esp reqid 100 mode transport\n\tif_id 0x64\n' "$3" "$3"
  done
}
renders "transport-gre" template transport-gre < <(transport 203.0.113.1/32 203.0.113.2/32 0.0.0.0)
# shellcheck disable=SC2086
renders "transport-gre, inner addresses are no matter" template transport-gre $several \
  < <(transport 203.0.113.1/32 203.0.113.2/32 0.0.0.0)
ends="2001:db8:ff::1 2001:db8:ff::2"
renders "transport-gre, over IPv6" template transport-gre < <(transport 2001:db8:ff::1/128 2001:db8:ff::2/128 ::)
ends="203.0.113.1 203.0.113.2"
check "an interface in transport mode" ctl t create ipsec0 reqid 100 tunnel 203.0.113.1 203.0.113.2 template transport-gre
printf 'add 203.0.113.1 203.0.113.2 esp 0x1001 -m tunnel -u 100 -E null -A hmac-sha1 "twenty bytes of key!";\n' >"$work/sa"
chmod 600 "$work/sa"
refute "takes no SA of tunnel mode" ctl t setkey -f "$work/sa"
equal "and says so" 1 "$(grep -c 'is of tunnel mode, the policies of ipsec0 are of transport mode' "$work/check.out")"
sed -i 's/tunnel/any/' "$work/sa"
check "but one of either" ctl t setkey -f "$work/sa"
check "which serves as one of transport mode" ctl t setkey -D
equal "and is shown as such" 1 "$(grep -c 'esp mode=transport spi=4097' "$work/check.out")"
check "ipsec0 goes" ctl t destroy ipsec0
check "and its SA" ctl t setkey -F

heading "Rendered without being made"
check "an interface that is not there" ctl t template render route-based ipsec7 reqid 7 tunnel 203.0.113.1 203.0.113.2 --as ip-xfrm
equal "has its commands" 6 "$(grep -c '^ip xfrm policy add .* if_id 0x7 ' "$work/check.out")"
refute "without words there is nothing to render" ctl t template render route-based ipsec7
check "for setkey(8)" ctl t template render route-based ipsec7 reqid 7 tunnel 203.0.113.1 203.0.113.2 --as setkey
equal "an entry for the interface alone is a comment" 0 "$(grep -vc '^# ' "$work/check.out")"
equal "and nothing was made" "" "$(ip -n "$ns_t" xfrm policy)"

heading "An address comes and goes"
# shellcheck disable=SC2086
check "one pair" ctl t create ipsec0 reqid 100 tunnel 203.0.113.1 203.0.113.2 template point-to-point $inet
check "a second address" ctl t ipsec0 10.0.1.1/32 10.0.1.2
equal "has its entries" "$({ pair 10.0.0.1/32 10.0.0.2/32; pair 10.0.1.1/32 10.0.1.2/32; } | sorted)" "$(ip -n "$ns_t" xfrm policy | sorted)"
check "it goes" ctl t ipsec0 10.0.1.1 -alias
equal "and its entries with it" "$(pair 10.0.0.1/32 10.0.0.2/32 | sorted)" "$(ip -n "$ns_t" xfrm policy | sorted)"
check "another priority" ctl t ipsec0 template_priority 1001
equal "is on both entries" 2 "$(ip -n "$ns_t" xfrm policy | grep -c 'priority 1001')"
refute "a parameter that is not there is refused" ctl t ipsec0 template_colour blue
equal "and both entries are as they were" 2 "$(ip -n "$ns_t" xfrm policy | grep -c 'priority 1001')"
check "ipsec0 goes" ctl t destroy ipsec0

heading "After a crash"
foreign="src 10.8.0.0/16 dst 10.9.0.0/16 dir out mark 16 mask 0xffffffff"
# shellcheck disable=SC2086
check "another program has a policy with the mark that ours will have" ip -n "$ns_t" xfrm policy add $foreign \
  tmpl src 203.0.113.1 dst 203.0.113.2 proto esp reqid 77 mode tunnel
theirs=$(ip -n "$ns_t" xfrm policy | sorted)
check "vti" ctl t create ipsec0 reqid 100 tunnel 203.0.113.1 203.0.113.2 template vti ikey 15 okey 16
check "its entries are there" test "$(ip -n "$ns_t" xfrm policy | grep -c 'reqid 100')" -eq 6
kill -9 "$pid_t"
wait "$pid_t" 2>/dev/null
equal "they outlive the daemon" 6 "$(ip -n "$ns_t" xfrm policy | grep -c 'reqid 100')"
check "the next one starts" daemon t "$ns_t"
equal "and has removed them, and no others" "$theirs" "$(ip -n "$ns_t" xfrm policy | sorted)"
check "vti again" ctl t create ipsec0 reqid 100 tunnel 203.0.113.1 203.0.113.2 template vti ikey 15 okey 16
check "ipsec0 goes again" ctl t destroy ipsec0
# shellcheck disable=SC2086
ip -n "$ns_t" xfrm policy delete $foreign

heading "What the daemon does not do"
mkdir "$work/templates"
mixed() { # WHAT REASON: templates/bare.conf is refused
  printf 'ifconfig_ipsec0="tunnel 203.0.113.1 203.0.113.2"\nipsecif_ipsec0_template="bare"\n' >"$work/rc.conf"
  refute "$1 is refused" "$dist/sbin/ipsecifd" --check --rc-conf "$work/rc.conf" --templates "$work/templates"
  equal "with the reason" 1 "$(grep -c "$2" "$work/check.out")"
}
sed 's|^transform.*|transform = esp/transport//require|' "$top/templates/route-based.conf" >"$work/templates/bare.conf"
mixed "transport mode for others" 'policy out/inet asks for transport mode, which is between 203.0.113.1 and 203.0.113.2 only'
sed '0,/^transform.*/s|^transform.*|transform = esp/tunnel/${tunnel.local}-${tunnel.remote}/require|' \
  "$top/templates/transport-gre.conf" >"$work/templates/bare.conf"
mixed "a mixture of modes" 'policy gre-in asks for another mode than the policies before it; an interface has one'

check "daemon stops" stop t
equal "no policy is left" "" "$(ip -n "$ns_t" xfrm policy)"
summary templates
