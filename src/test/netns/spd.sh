#!/usr/bin/env bash
# The kernel's copy of the SPD: others' interference is put right, others' entries are let be, a crash leaves nothing.
#
#   namespace l
#   +--------------------------------------------+
#   | ipsec0 10.0.0.1, ipsec1 10.0.1.1           |
#   | ipsecifd     <-- XFRM netlink -->   kernel |   and "another program": ip xfrm policy
#   | l0 203.0.113.1 (dummy peer 203.0.113.2)    |
#   +--------------------------------------------+
. "$(dirname "$0")/../../../linux/lib.sh"
as_root_or_userns "$@"
need ip iproute2 jq jq
scratch
netns l
netns p
veth "$ns_l" l0 "$ns_p" p0
address "$ns_l" l0 203.0.113.1/24
: >"$work/rc.conf"

start() { daemon l "$ns_l" --rc-conf "$work/rc.conf" "$@" || die "ipsecifd: $(cat "$work/l.log")"; }
xfrm() { ip -n "$ns_l" xfrm policy "$@"; }
spd() { xfrm | sort; } # the order of a dump is that of installation
ours() { xfrm | grep -c "if_id 0x$(printf %x "$1")\$"; } # IF_ID
same() { [ "$(spd)" = "$1" ]; }                          # DUMP
restored() { grep -c 'put back' "$work/l.log"; }
foreign=(src 192.0.2.0/24 dst 198.51.100.0/24 dir out priority 77 if_id 7)
clash=(src 0.0.0.0/0 dst 0.0.0.0/0 dir out priority 77 if_id 300)
tmpl=(tmpl src 203.0.113.1 dst 203.0.113.2 proto esp mode tunnel)

heading "Interference"
start
xfrm add "${foreign[@]}" action block
check "an interface" ctl l create ipsec0 reqid 100 inet tunnel 203.0.113.1 203.0.113.2 10.0.0.1/30 10.0.0.2 up
equal "has three policies in each family" 6 "$(ours 100)"
before=$(spd)
check "another program deletes one" xfrm delete src 0.0.0.0/0 dst 0.0.0.0/0 dir out if_id 100
check "it is back" until_true 5 same "$before"
check "and said so in one line" until_true 5 eval '[ "$(restored)" = 1 ]'
check "another program changes one" xfrm update src 0.0.0.0/0 dst 0.0.0.0/0 dir in priority 5 if_id 100 "${tmpl[@]}"
check "it is as it was" until_true 5 same "$before"
check "another program flushes the SPD" xfrm flush
xfrm add "${foreign[@]}" action block
check "ours are back, theirs is theirs" until_true 5 same "$before"
lines=$(restored)
for ((i = 0; i < 50; i++)); do
  xfrm update "${foreign[@]}" action allow
  xfrm update "${foreign[@]}" action block
done
equal "their own changes are none of our business" "$lines" "$(restored)"
same "$before" || not_ok "SPD after their own changes"

heading "A place that is taken"
xfrm add "${clash[@]}" action block
before=$(spd)
refute "an interface whose policy would be in another's place" \
  ctl l create ipsec1 reqid 300 inet tunnel 203.0.113.1 203.0.113.2 10.0.1.1/30 10.0.1.2 up
said=$(ctl l create ipsec1 reqid 300 inet tunnel 203.0.113.1 203.0.113.2 10.0.1.1/30 10.0.1.2 up 2>&1)
equal "is refused with the reason" "ipsec1: reqid or if_id 300 is in use by another program's policy in the kernel" \
  "${said##*ipsecifctl: }"
check "and nothing is left of it" same "$before"
xfrm delete src 0.0.0.0/0 dst 0.0.0.0/0 dir out if_id 300

heading "A crash"
before=$(xfrm | grep -v '^$' | grep -A1 '192.0.2.0/24')
kill -9 "$pid_l"
wait "$pid_l" 2>/dev/null
equal "leaves the policies" 6 "$(ours 100)"
start
equal "the next start removes them: rc.conf does not name the interface" 0 "$(ours 100)"
equal "another program's entry is as it was" "$before" "$(xfrm | grep -v '^$' | grep -A1 '192.0.2.0/24')"
check "SIGTERM ends l" stop l

heading "Left so, as configured"
start --others-changes leave
check "an interface" ctl l create ipsec0 reqid 100 inet tunnel 203.0.113.1 203.0.113.2 10.0.0.1/30 10.0.0.2 up
check "another program deletes one of its policies" xfrm delete src 0.0.0.0/0 dst 0.0.0.0/0 dir out if_id 100
check "it is said" until_true 5 grep -q 'left so, as configured' "$work/l.log"
equal "and left so" 5 "$(ours 100)"
xfrm add src 10.1.0.0/16 dst 10.2.0.0/16 dir out priority 9 if_id 100 action block
xfrm update src ::/0 dst ::/0 dir in priority 5 if_id 100 "${tmpl[@]}"
equal "policy sets the kernel's beside ours: four the same, one other, one more, one missing" "4 differs extra missing" \
  "$(ctl l policy ipsec0 --json | jq -r '[.[].kernel] | sort | (map(select(. == "same")) | length | tostring) + " " + (map(select(. != "same")) | join(" "))')"
check "and marks them" ctl l policy ipsec0
equal "at the beginning of their lines" "! + - " "$(sed -nE '2,$s/^([-+!]).*/\1/p' "$work/check.out" | LC_ALL=C sort | tr '\n' ' ')"
xfrm delete src 10.1.0.0/16 dst 10.2.0.0/16 dir out if_id 100
equal "none is counted as put back" 0 "$(ctl l stats --json | jq -r '.host[] | select(.name == "spd_restored") | .value')"
refute "a word that is neither is refused" "$dist/sbin/ipsecifd" --check --rc-conf "$work/rc.conf" --others-changes ignore
check "SIGTERM ends l again" stop l
equal "and no policy of ours is left" 0 "$(ours 100)"
summary spd
