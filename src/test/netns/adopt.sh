#!/usr/bin/env bash
# Interfaces that other programs make and that ipsecif.conf or rc.conf says are ours; and the user's own hooks.
#
#   namespace l
#   +----------------------------------------------------------------+
#   | ipsec3, ipsec4, ... tun7   <-- ip tuntap, ip address, ip link  |
#   | ipsecifd  --> kernel SPD                                       |
#   | lo 203.0.113.1 (dummy peer 203.0.113.2)                        |
#   +----------------------------------------------------------------+
. "$(dirname "$0")/../../../linux/lib.sh"
as_root_or_userns "$@"
need ip iproute2 jq jq perl perl-base
scratch
netns l
address "$ns_l" lo 203.0.113.1/32
host() { ip -n "$ns_l" "$@"; }
start() { daemon l "$ns_l" --rc-conf "$work/rc.conf" --conf "$work/ipsecif.conf" || die "ipsecifd: $(cat "$work/l.log")"; }
is_ours() { ctl l show "$1" >/dev/null 2>&1; }
index() { host -j link show "$1" 2>/dev/null | jq -r '.[0].ifindex'; }
inner() { host -o address show dev "$1" scope global | awk '{print $4}' | sort | xargs; }
policies() { host xfrm policy | grep -c "if_id 0x$(printf %x "$1")\$"; } # IF_ID
has() { [ "$("${@:2}")" = "$1" ]; }                                     # VALUE COMMAND...
no_carrier() { host link show "$1" | grep -q NO-CARRIER; }

: >"$work/rc.conf"
printf 'adopt = ipsec[0-9]*\n[defaults]\ntemplate = point-to-point\n' >"$work/ipsecif.conf"

heading "Names that a glob matches"
host tuntap add dev ipsec2 mode tun
host address add 10.0.2.1 peer 10.0.2.2 dev ipsec2
start
check "one that was there before the daemon is adopted" is_ours ipsec2
host tuntap add dev tun7 mode tun
host tuntap add dev ipsec3 mode tun
check "one that is made later" until_true 5 is_ours ipsec3
refute "another name is not" is_ours tun7
made=$(index ipsec3)
host address add 10.0.3.1 peer 10.0.3.2 dev ipsec3
host link set ipsec3 up
check "it gets endpoints" ctl l ipsec3 reqid 103 tunnel 203.0.113.1 203.0.113.2
check "and has the policies of its address" until_true 5 has 2 policies 103
check "an address of ours" ctl l ipsec3 inet 10.0.3.5/32 10.0.3.6
equal "has its own" 4 "$(policies 103)"
check "without an SA the link is down" until_true 5 no_carrier ipsec3
check "an SA" ctl l setkey -c <<<"add 203.0.113.1 203.0.113.2 esp 300 -u 103 -E aes-cbc 0x$(printf %032d 1) -A hmac-sha2-256 0x$(printf %064d 1);"
refute "and it is up: the daemon reads" no_carrier ipsec3
equal "it is the same interface" "$made" "$(index ipsec3)"
check "destroy lets go of it" ctl l destroy ipsec3
equal "it stays" "$made" "$(index ipsec3)"
equal "with others' address alone" 10.0.3.1 "$(inner ipsec3)"
equal "without policies" 0 "$(policies 103)"
host tuntap add dev ipsec6 mode tun
check "one that is made after that is adopted" until_true 5 is_ours ipsec6
refute "it is not, again" is_ours ipsec3
host link delete ipsec6
host link delete ipsec3
host tuntap add dev ipsec3 mode tun
check "but another of that name is" until_true 5 is_ours ipsec3
host link delete ipsec3
check "deleted, it is not ours any more" until_true 5 eval '! is_ours ipsec3'

heading "A name in rc.conf"
cat >"$work/rc.conf" <<'CONF'
create_args_ipsec4="reqid 104"
ifconfig_ipsec4="inet tunnel 203.0.113.1 203.0.113.2 10.0.4.1/32 10.0.4.2"
CONF
host tuntap add dev ipsec5 mode tun
check "another program's" until_true 5 is_ours ipsec5
check "reload" eval 'ctl l reload >"$work/said"'
equal "makes what is not there" "ipsec4: created" "$(cat "$work/said")"
host link delete ipsec4
check "another program deletes it" until_true 5 eval '! is_ours ipsec4'
host tuntap add dev ipsec4 mode tun
host address add 10.0.4.5 peer 10.0.4.6 dev ipsec4
host link set ipsec4 up
check "and makes it" until_true 5 is_ours ipsec4
check "it has the policies of both addresses" until_true 5 has 4 policies 104
check "it stays up" eval 'host link show ipsec4 | grep -q "[<,]UP[,>]"'

heading "A crash and a stop"
made=$(index ipsec4)
kill -9 "$pid_l"
wait "$pid_l" 2>/dev/null
start
equal "the next start adopts it again" "$made" "$(index ipsec4)"
check "it is ours" is_ours ipsec4
equal "with its policies" 4 "$(policies 104)"
check "SIGTERM ends l" stop l
equal "it stays, for it was not ours to remove" "$made" "$(index ipsec4)"
equal "with others' address alone" 10.0.4.5 "$(inner ipsec4)"
equal "without policies" 0 "$(policies 104)"

heading "What cannot be adopted"
host link delete ipsec4
: >"$work/rc.conf"
start
"${in_l[@]}" perl -e '
  open(my $tun, "+<", "/dev/net/tun") or die "$!";
  ioctl($tun, 0x400454ca, my $request = pack("Z16 s x22", "ipsec7", 0x1001)) or die "$!";
  open(my $ready, ">", $ARGV[0]); close $ready;
  sleep 600' "$work/reads" &
reader=$!
daemons+=("$reader")
until_true 10 test -e "$work/reads" || die "no reader"
check "one that another process reads" until_true 20 grep -q 'ipsec7: not adopted: .*another process reads' "$work/l.log"
host link add ipsec8 type veth peer name peer8
check "one that is no TUN device" until_true 20 grep -q 'ipsec8: not adopted: .*no tunnel device' "$work/l.log"
equal "each is said once" 2 "$(grep -c 'not adopted' "$work/l.log")"
printf '[defaults]\ntemplate = point-to-point\n' >"$work/ipsecif.conf"
equal "a reload without the glob lets go" "ipsec2: let go ipsec5: let go" "$(ctl l reload | sort | xargs)"
equal "and they stay" 10.0.2.1 "$(inner ipsec2)"
check "SIGTERM ends l" stop l

heading "User hooks"
mkdir -m 755 "$work/hooks.d"
cat >"$work/hooks.d/10-log" <<SCRIPT
#!/bin/sh
entries=\$(ip xfrm policy | grep -c "if_id 0x\$(printf %x "\$IPSECIF_IF_ID")\$")
echo "\$IPSECIF_EVENT \$IPSECIF_INTERFACE \$IPSECIF_ADDRESSES entries \$entries" >>"$work/hooked"
SCRIPT
cat >"$work/hooks.d/20-slow" <<SCRIPT
#!/bin/sh
[ ! -e "$work/slow" ] || sleep 600
SCRIPT
cp "$work/hooks.d/10-log" "$work/hooks.d/30-loose"
chmod 755 "$work/hooks.d/10-log" "$work/hooks.d/20-slow"
chmod 777 "$work/hooks.d/30-loose"
hooked() { [ "$(tail -n 1 "$work/hooked")" = "$1" ]; } # LINE
daemon l "$ns_l" --rc-conf "$work/rc.conf" --hooks "$work/hooks.d" || die "ipsecifd"
check "an interface" ctl l create ipsec0 reqid 100 tunnel 203.0.113.1 203.0.113.2 template point-to-point 10.0.0.1/32 10.0.0.2 up
check "the hook runs, and finds its policies" until_true 20 hooked "created ipsec0 10.0.0.1/32 entries 2"
host address add 10.0.1.1 peer 10.0.1.2 dev ipsec0
check "after an address of others' too" until_true 20 hooked "changed ipsec0 10.0.0.1/32 10.0.1.1/32 entries 4"
: >"$work/slow"
check "a change, with a hook that does not end" ctl l ipsec0 description slow
check "hinders no other" ctl l ipsec0 description slower
rm "$work/slow"
check "and is killed after 10 seconds" until_true 40 grep -q '20-slow: more than 10000 ms for changed ipsec0; killed' "$work/l.log"
check "one that others may write to is refused" until_true 10 grep -q '30-loose is not run: others than its owner may write to it' "$work/l.log"
check "destroy" ctl l destroy ipsec0
check "is told, without policies" until_true 20 hooked "destroyed ipsec0 10.0.0.1/32 10.0.1.1/32 entries 0"
equal "each event was told once" 5 "$(wc -l <"$work/hooked")"
check "SIGTERM ends l" stop l
summary adopt
