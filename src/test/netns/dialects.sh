#!/usr/bin/env bash
# ipsecifctl in all its dialects against a daemon, the interface's whole life, and the daemon's.
#
#   namespace l                                                           namespace r
#   +--------------------------------+                  +--------------------------------+
#   | ipsec0, ipsec1, sti15  vl      |  ESP over IPv6   |  vr      ipsec0, sti15         |
#   |          2001:db8:ff::1/64     +------------------+          2001:db8:ff::2/64     |
#   |               203.0.113.1/24   |  or IPv4         |          203.0.113.2/24        |
#   +--------------------------------+                  +--------------------------------+
. "$(dirname "$0")/../../../linux/lib.sh"
as_root_or_userns "$@"
need ip iproute2 ping iputils-ping jq jq
scratch
netns l
netns r
veth "$ns_l" vl "$ns_r" vr
address "$ns_l" vl 203.0.113.1/24 2001:db8:ff::1/64
address "$ns_r" vr 203.0.113.2/24 2001:db8:ff::2/64
: >"$work/rc.conf"
check "daemon l starts with nothing to do" daemon l "$ns_l" --rc-conf "$work/rc.conf"
check "daemon r starts with nothing to do" daemon r "$ns_r" --rc-conf "$work/rc.conf"
# status EXPECTED COMMAND...: its exit status
status() {
  local expected=$1
  shift
  "$@" >"$work/status.out" 2>&1
  [ $? = "$expected" ] || {
    cat "$work/status.out"
    return 1
  }
}
link() { ip -n "$1" -j link show "$2" 2>/dev/null | jq -r ".[0] | $3"; }
addresses() { ip -n "$1" -j addr show dev "$2" | jq -r '[.[0].addr_info[] | select(.scope == "global") | "\(.local)/\(.prefixlen)" + (if .address then " " + .address else "" end)] | sort | join(", ")'; }

heading "ifconfig(8)"
check "create ipsec0 reqid 100" ctl l create ipsec0 reqid 100
equal "it is there, down" "POINTOPOINT,MULTICAST,NOARP" "$(link "$ns_l" ipsec0 '.flags | join(",")')"
equal "its MTU is 1400" 1400 "$(link "$ns_l" ipsec0 .mtu)"
equal "no policies yet" "" "$(ip -n "$ns_l" xfrm policy)"
check "ipsec0 inet6 tunnel A B" ctl l ipsec0 inet6 tunnel 2001:db8:ff::1 2001:db8:ff::2
equal "six policies" 6 "$(ip -n "$ns_l" xfrm policy | grep -c 'if_id 0x64')"
check "ipsec0 inet A/30 B" ctl l ipsec0 inet 10.0.0.1/30 10.0.0.2
check "ipsec0 inet6 A/64 alias" ctl l ipsec0 inet6 2001:db8:1::1/64 alias
check "ipsec0 inet A netmask M alias" ctl l ipsec0 inet 10.0.9.1 netmask 255.255.255.0 alias
equal "it has the addresses" "10.0.0.1/30 10.0.0.2, 10.0.9.1/24, 2001:db8:1::1/64" "$(addresses "$ns_l" ipsec0)"
equal "an address brought it up" true "$(link "$ns_l" ipsec0 '.flags | index("UP") != null')"
check "ipsec0 inet A -alias" ctl l ipsec0 inet 10.0.9.1 -alias
equal "that address is gone" "10.0.0.1/30 10.0.0.2, 2001:db8:1::1/64" "$(addresses "$ns_l" ipsec0)"
check "ipsec0 mtu 1300 description TEXT" ctl l ipsec0 mtu 1300 description "branch 7"
equal "MTU" 1300 "$(link "$ns_l" ipsec0 .mtu)"
equal "description" "branch 7" "$(link "$ns_l" ipsec0 .ifalias)"
long=$(printf 'x%.0s' {1..255})
check "a description of 255 bytes" ctl l ipsec0 description "$long"
equal "is kept whole" "$long" "$(link "$ns_l" ipsec0 .ifalias)"
check "a longer one is refused" status 1 ctl l ipsec0 description "x$long"
check "with its limit" grep -q 'has 256 bytes; expected at most 255' "$work/status.out"
check "down ipsec0" ctl l down ipsec0
equal "it is down" false "$(link "$ns_l" ipsec0 '.flags | index("UP") != null')"
check "up ipsec0" ctl l up ipsec0
equal "up again with all its addresses" "10.0.0.1/30 10.0.0.2, 2001:db8:1::1/64" "$(addresses "$ns_l" ipsec0)"
check "the other end, in one line" ctl r create ipsec0 reqid 100 tunnel 2001:db8:ff::2 2001:db8:ff::1 10.0.0.2/30 10.0.0.1 inet6 2001:db8:1::2/64 up
equal "create ipsec gives the next name" ipsec1 "$(ctl l create ipsec)"
check "destroy ipsec1" ctl l destroy ipsec1

heading "setkey(8)"
key16=0x000102030405060708090a0b0c0d0e0f
key20=0x000102030405060708090a0b0c0d0e0f10111213
(
  umask 077
  cat >"$work/sa" <<END
flush; # two statements and a comment on a line
add -6 2001:db8:ff::1 2001:db8:ff::2 esp 0x1001 -m tunnel -u 100
  -r 128 -E aes-cbc "sixteen bytes ok" -A hmac-sha1 $key20;
add 2001:db8:ff::2 2001:db8:ff::1 esp 4098 -m tunnel -u 100 -r 128 -E aes-cbc $key16 -A hmac-sha1 $key20; dump;
END
)
check "setkey -f FILE" ctl l setkey -f "$work/sa"
check "setkey -c" sh -c "'$dist/sbin/ipsecifctl' --socket '$work/r.sock' setkey -c <'$work/sa'"
check "ping over IPv4 in IPv6" pings "$ns_l" 10.0.0.2
check "ping over IPv6 in IPv6" pings "$ns_l" 2001:db8:1::2
equal "setkey -D shows both" 2 "$(ctl l setkey -D | grep -c 'esp mode=tunnel')"
equal "setkey -DP shows six policies, all in the kernel" 6 "$(ctl l setkey -DP | grep -c 'kernel=yes')"
refute "no key is in what it prints" sh -c "'$dist/sbin/ipsecifctl' --socket '$work/l.sock' setkey -D | grep -iE '0001020304|sixteen'"
refute "no key is in the log" grep -iE '0001020304|sixteen' "$work/l.log" "$work/r.log"
check "show says active" sh -c "'$dist/sbin/ipsecifctl' --socket '$work/l.sock' show ipsec0 | grep -q 'status: active'"
sed 1d "$work/sa" >"$work/sa2"
chmod 600 "$work/sa2"
check "an SA that is there already is refused" status 1 ctl l setkey -f "$work/sa2"
check "with file and line" grep -q "$work/sa2:1: SA 2001:db8:ff::1 2001:db8:ff::2 esp 0x00001001: an SA with" "$work/status.out"
for each in get delete; do
  printf 'dump;\n%s 192.0.2.1 192.0.2.2 esp 999;\n' "$each" >"$work/sa2"
  check "$each of an SA that is not there is refused" status 1 ctl l setkey -f "$work/sa2"
  check "with file and line" grep -q "$work/sa2:2: no SA 192.0.2.1 192.0.2.2 esp 0x000003e7" "$work/status.out"
done
equal "get of one that is there shows it" 1 "$(echo 'get 2001:db8:ff::1 2001:db8:ff::2 esp 0x1001;' | ctl l setkey -c | grep -c 'esp mode=tunnel')"
printf 'add 192.0.2.1 192.0.2.2 esp 999 -E null -A hmac-sha1 %s;\nadd 2001:db8:ff::2 2001:db8:ff::1 esp 4098 -E null -A hmac-sha1 %s;\n' $key20 $key20 >"$work/sa2"
check "a script fails whole" status 1 ctl l setkey -f "$work/sa2"
equal "and changes nothing" 2 "$(ctl l setkey -D --json | jq length)"
chmod 644 "$work/sa2"
check "a file that others can read is refused" status 1 ctl l setkey -f "$work/sa2"
check "setkey -F" ctl l setkey -F
equal "no SA is left" 0 "$(ctl l setkey -D --json | jq length)"
check "setkey -FP is refused" status 1 ctl l setkey -FP

heading "ip-link(8), ip-tunnel(8), ip-address(8)"
check "link add sti15 type vti" ctl l link add sti15 type vti key 15 remote 203.0.113.2 local 203.0.113.1
check "tunnel add sti15 mode vti" ctl r tunnel add sti15 mode vti remote 203.0.113.1 local 203.0.113.2 ikey 15
equal "key 15 is reqid and if_id 15" 6 "$(ip -n "$ns_r" xfrm policy | grep -c 'if_id 0xf')"
check "addr add A peer B dev sti15" ctl l addr add 10.0.15.1 peer 10.0.15.2/30 dev sti15
check "addr add A/LEN dev sti15" ctl r addr add 10.0.15.2/30 dev sti15
check "link set sti15 up mtu 1350" ctl l link set sti15 up mtu 1350
equal "its MTU" 1350 "$(link "$ns_l" sti15 .mtu)"
equal "its addresses" "10.0.15.1/30 10.0.15.2" "$(addresses "$ns_l" sti15)"
printf 'add 203.0.113.1 203.0.113.2 esp 0x1501 -u 15 -E null -A hmac-sha2-256 "thirty-two bytes are 256 bits ok";\nadd 203.0.113.2 203.0.113.1 esp 0x1502 -u 15 -E null -A hmac-sha2-256 "thirty-two bytes are 256 bits ok";\n' |
  tee "$work/sa15" | ctl l setkey -c && ctl r setkey -c <"$work/sa15"
check "ping over sti15" pings "$ns_l" 10.0.15.2
check "link del sti15" ctl l link del sti15
check "tunnel del sti15" ctl r tunnel del sti15
refute "it is gone" ip -n "$ns_l" link show sti15

heading "Every size, fragments too"
ctl l setkey -f "$work/sa" >/dev/null && ctl r setkey -f "$work/sa" >/dev/null
ctl l ipsec0 mtu 1400
sweep() { # ADDRESS FROM TO STEP
  local size lost=
  for ((size = $2; size <= $3; size += $4)); do
    within "$ns_l" ping -q -c 1 -W 2 -s "$size" "$1" >/dev/null || lost+=" $size"
  done
  [ -z "$lost" ] || {
    echo "lost at$lost"
    return 1
  }
}
check "IPv4, 0 to 1,600 bytes of payload, every 7th" sweep 10.0.0.2 0 1600 7
check "IPv4, around the MTU, each" sweep 10.0.0.2 1360 1400 1
check "IPv6, around the MTU, each" sweep 2001:db8:1::2 1340 1380 1
check "IPv4, 65,000 bytes" sweep 10.0.0.2 65000 65000 1

heading "Wrong words"
check "no command: 2" status 2 ctl l
check "unknown option: 2" status 2 ctl l list --bogus
check "unknown interface: 1" status 1 ctl l show ipsec9
check "unknown ifconfig word: 1" status 1 ctl l ipsec0 inet mediaopt
check "the words known are listed" grep -q 'tunnel LOCAL REMOTE' "$work/status.out"
check "unknown ip-link word: 2" status 2 ctl l link add x1 type vti colour blue
check "ikey and okey that differ: 1" status 1 ctl l link add x1 type vti ikey 1 okey 2 local 203.0.113.1 remote 203.0.113.2
check "a name taken: 1" status 1 ctl l create ipsec0
check "a reqid taken: 1" status 1 ctl l create ipsec5 reqid 100
check "a bad name: 1" status 1 ctl l create "a/b"
check "no daemon: 1" status 1 "$dist/sbin/ipsecifctl" --socket "$work/none.sock" list
refute "none of these left an interface" sh -c "ip -n '$ns_l' -o link | grep -E ' (x1|ipsec5|ipsec9)'"
equal "ipsec0 is unharmed" "10.0.0.1/30 10.0.0.2, 2001:db8:1::1/64" "$(addresses "$ns_l" ipsec0)"

heading "The daemon's life"
equal "the socket is private" 600 "$(stat -c %a "$work/l.sock")"
equal "list prints JSON" ipsec0 "$(ctl l list --json | jq -r '.[0].name')"
check "a second daemon on the same state directory is refused" status 1 \
  within "$ns_l" "$dist/sbin/ipsecifd" --foreground --rc-conf "$work/rc.conf" --socket "$work/other.sock" --state-dir "$work/l.state"
check "a second daemon on the same socket is refused" status 1 \
  within "$ns_l" "$dist/sbin/ipsecifd" --foreground --rc-conf "$work/rc.conf" --socket "$work/l.sock" --state-dir "$work/other.state"
check "the first is unharmed" pings "$ns_l" 10.0.0.2
printf 'create_args_ipsec7="reqid 7"\nifconfig_ipsec7="tunnel 203.0.113.1 203.0.113.2 10.0.7.1/30 10.0.7.2"\n' >"$work/rc.conf"
kill -HUP "$pid_l"
check "SIGHUP makes ipsec7 of a new rc.conf" until_true 5 ip -n "$ns_l" link show ipsec7
index=$(link "$ns_l" ipsec7 .ifindex)
sed -i 's/10.0.7.2/10.0.7.2 mtu 1380/' "$work/rc.conf"
equal "reload says what it changed" "ipsec7: changed" "$(ctl l reload)"
equal "the MTU" 1380 "$(link "$ns_l" ipsec7 .mtu)"
equal "in place" "$index" "$(link "$ns_l" ipsec7 .ifindex)"
printf 'ifconfig_ipsec7="tunnel bogus"\n' >"$work/rc.conf"
check "a reload of nonsense is refused" status 1 ctl l reload
equal "and changes nothing" 1380 "$(link "$ns_l" ipsec7 .mtu)"
: >"$work/rc.conf"
equal "an entry removed" "ipsec7: destroyed" "$(ctl l reload)"
refute "is an interface removed" ip -n "$ns_l" link show ipsec7
for each in 7 9; do
  printf 'create_args_ipsec%s="reqid 7"\nifconfig_ipsec%s="tunnel 203.0.113.1 203.0.113.2 10.0.7.1/30 10.0.7.2"\n' $each $each >"$work/rc.conf"
  said=$(ctl l reload | xargs)
done
equal "a reqid moves to another interface" "ipsec7: destroyed ipsec9: created" "$said"
: >"$work/rc.conf"
equal "which goes" "ipsec9: destroyed" "$(ctl l reload)"
check "what ipsecifctl made stays" pings "$ns_l" 10.0.0.2

ip -n "$ns_l" link del ipsec0
no_policies() { [ -z "$(ip -n "$ns_l" xfrm policy)" ]; }
check "an interface that somebody deletes takes its policies along" until_true 5 no_policies
equal "and is no longer listed" 0 "$(ctl l list --json | jq length)"

printf 'create_args_ipsec8="reqid 8"\nifconfig_ipsec8="tunnel 203.0.113.1 203.0.113.2 10.0.8.1/30 10.0.8.2"\n' >"$work/rc.conf"
ctl l reload >/dev/null
ip -n "$ns_l" xfrm policy add src 10.9.0.0/24 dst 10.9.1.0/24 dir out tmpl src 192.0.2.1 dst 192.0.2.2 proto esp reqid 9 mode tunnel
foreign=$(ip -n "$ns_l" xfrm policy | head -n 4)
kill -9 "$pid_l"
wait "$pid_l" 2>/dev/null
equal "kill -9 leaves policies behind" 6 "$(ip -n "$ns_l" xfrm policy | grep -c 'if_id 0x8')"
check "the next start takes them over" daemon l "$ns_l" --rc-conf "$work/rc.conf"
equal "six" 6 "$(ip -n "$ns_l" xfrm policy | grep -c 'if_id 0x8')"
start=$(date +%s%N)
kill -INT "$pid_l"
check "SIGINT ends it" until_true 10 process_gone "$pid_l"
check "with status 0" stopped l
took=$((($(date +%s%N) - start) / 1000000))
if [ "$took" -lt 2000 ]; then ok "within 2 s ($took ms)"; else not_ok "within 2 s ($took ms)"; fi
equal "nothing of ours is left, somebody else's policy is" "$foreign" "$(ip -n "$ns_l" xfrm policy)"
refute "nor the socket" test -e "$work/l.sock"
check "SIGTERM ends r" stop r

check "without --foreground it goes into the background when it is ready" \
  within "$ns_l" "$dist/sbin/ipsecifd" --rc-conf "$work/rc.conf" --socket "$work/l.sock" --state-dir "$work/l.state"
equal "and serves" ipsec8 "$(ctl l list --json | jq -r '.[0].name')"
background=$(cat "$work/l.state/ipsecifd.pid")
daemons+=("$background")
kill "$background"
check "until SIGTERM" until_true 5 process_gone "$background"
printf 'ifconfig_ipsec8="tunnel bogus"\n' >"$work/rc.conf"
check "a start that fails says so from the background too" status 1 \
  within "$ns_l" "$dist/sbin/ipsecifd" --rc-conf "$work/rc.conf" --socket "$work/l.sock" --state-dir "$work/l.state"
check "with the daemon's own words" grep -q 'rc.conf:1: ifconfig_ipsec8: ' "$work/status.out"
summary dialects
