#!/usr/bin/env bash
# The kernel's SPD by PF_KEY (kernel-spd = pfkey): the same entries as by XFRM, and the SAD by PF_KEY.
#
#   namespace l
#   +--------------------------------------------+
#   | ipsec0 10.0.0.1 -> 10.0.0.2                |
#   | ipsecifd     <-- xfrm or af_key --> kernel |   and others: ip xfrm, and pfkey-dump, which reads af_key by itself
#   | l0 203.0.113.1 (dummy peer 203.0.113.2)    |
#   +--------------------------------------------+
#
# Needs a kernel with af_key; says so and exits with 77 where there is none. IPSECIF_TEST_CLASSES is where the tests' classes are,
# IPSECIF_TEST_LIB where JUnit is, if not in target.
. "$(dirname "$0")/../../../linux/lib.sh"
as_root_or_userns "$@"
need ip iproute2 jq jq perl perl-base python3 python3-minimal java openjdk-17-jre-headless
# Beside other work an emulated processor starts Java in minutes.
IPSECIF_START_SECONDS=300
scratch
here=$top/src/test/interop
if ! "$here/pfkey-dump" probe 2>"$work/probe"; then
  say "skipped: this kernel has no PF_KEY ($(tail -n 1 "$work/probe"))"
  exit 77
fi
netns l
netns p
veth "$ns_l" l0 "$ns_p" p0
address "$ns_l" l0 203.0.113.1/24

# A template for the whole host: all that PF_KEY can say.
cp -r "$dist/share/ipsecif/templates" "$work/templates"
cat >"$work/templates/whole-host.conf" <<'END'
[template]
description = Of scope host, between listed networks
requires = has remote-network

[out]
direction = out
for-each = network remote-network
source = ${network}
destination = ${remote.network}
protocol = any
action = protect
transform = esp/tunnel/${tunnel.local}-${tunnel.remote}/unique:${reqid}
priority = 1000
scope = host

[in]
direction = in
for-each = network remote-network
source = ${remote.network}
destination = ${network}
protocol = any
action = protect
transform = esp/tunnel/${tunnel.remote}-${tunnel.local}/use
priority = 1000
scope = host

[forward]
direction = forward
for-each = network remote-network
source = ${remote.network}
destination = ${network}
protocol = any
action = protect
transform = esp/tunnel/${tunnel.remote}-${tunnel.local}/require
priority = 2147483647
scope = host

[echo]
direction = out
source = 10.7.0.0/16
destination = 10.8.0.0/16
protocol = icmp
icmp-type = 8
action = bypass
priority = 7
scope = host

[ike]
direction = out
source = ${tunnel.local}
destination = ${tunnel.remote}
protocol = udp
source-port = 500
destination-port = 500
action = bypass
priority = 1
scope = host
END
cat >"$work/rc.conf" <<'END'
create_args_ipsec0="reqid 100"
ifconfig_ipsec0="inet tunnel 203.0.113.1 203.0.113.2 10.0.0.1/30 10.0.0.2 inet6 2001:db8::1/64 up"
ipsecif_ipsec0_template="whole-host"
ipsecif_ipsec0_local_networks="10.1.0.0/16 2001:db8:1::/48"
ipsecif_ipsec0_remote_networks="10.2.0.0/16 2001:db8:2::/48"
END

start() { # xfrm|pfkey OPTIONS...
  printf 'kernel-spd = %s\n' "$1" >"$work/ipsecif.conf"
  daemon l "$ns_l" --rc-conf "$work/rc.conf" --conf "$work/ipsecif.conf" --templates "$work/templates" "${@:2}" ||
    die "ipsecifd: $(cat "$work/l.log")"
}
xfrm() { ip -n "$ns_l" xfrm policy "$@"; }
# An entry a line, sorted, for the order of a dump is that of installation. How af_key says that any algorithm will do is other than XFRM's.
spd() { xfrm | grep -v '^[[:space:]]*enc-mask' | awk '/^src/ && line { print line; line = "" } { $1 = $1; line = line " " $0 } END { print line }' | sort; }
same() { [ "$(spd)" = "$1" ]; } # SPD
dump() { within "$ns_l" "$here/pfkey-dump" "$1"; }

heading "The same SPD"
start xfrm
by_xfrm=$(spd)
told_by_xfrm=$(dump policies)
equal "by XFRM there are eight entries: three directions in two families, and two more" 8 "$(spd | wc -l)"
check "SIGTERM ends l" stop l
equal "and none of them is left" "" "$(spd)"
start pfkey
equal "by PF_KEY they are the same to ip-xfrm(8)" "$by_xfrm" "$(spd)"
equal "and to another that reads PF_KEY" "$told_by_xfrm" "$(dump policies)"
equal "as they should be" \
  "10.1.0.0/16[any] 10.2.0.0/16[any] any out prio 1000 ipsec esp/tunnel/203.0.113.1-203.0.113.2/unique:100
10.2.0.0/16[any] 10.1.0.0/16[any] any fwd prio 2147483647 ipsec esp/tunnel/203.0.113.2-203.0.113.1/require
10.2.0.0/16[any] 10.1.0.0/16[any] any in prio 1000 ipsec esp/tunnel/203.0.113.2-203.0.113.1/use
10.7.0.0/16[8] 10.8.0.0/16[any] 1 out prio 7 none
2001:db8:1::/48[any] 2001:db8:2::/48[any] any out prio 1000 ipsec esp/tunnel/203.0.113.1-203.0.113.2/unique:100
2001:db8:2::/48[any] 2001:db8:1::/48[any] any fwd prio 2147483647 ipsec esp/tunnel/203.0.113.2-203.0.113.1/require
2001:db8:2::/48[any] 2001:db8:1::/48[any] any in prio 1000 ipsec esp/tunnel/203.0.113.2-203.0.113.1/use
203.0.113.1/32[500] 203.0.113.2/32[500] 17 out prio 1 none" "$(dump policies)"
equal "the daemon finds each as it wants it" 8 "$(rpc l policy.list | jq '[.result[] | select(.kernel == "same")] | length')"

heading "Others"
xfrm add src 192.0.2.0/24 dst 198.51.100.0/24 dir out priority 77 if_id 7 action block
with_theirs=$(spd)
check "another program deletes an entry" xfrm delete src 10.1.0.0/16 dst 10.2.0.0/16 dir out
check "it is back" until_true 5 same "$with_theirs"
check "another program flushes the SPD" xfrm flush
check "ours are back" until_true 5 same "$by_xfrm"
xfrm add src 192.0.2.0/24 dst 198.51.100.0/24 dir out priority 77 if_id 7 action block
kill -9 "$pid_l"
wait "$pid_l" 2>/dev/null
check "a crash leaves the entries" same "$with_theirs"
start pfkey
check "the next start takes them over" same "$with_theirs"

heading "What PF_KEY cannot say"
words='"reqid","200","template","route-based","inet","tunnel","203.0.113.1","203.0.113.2","10.0.1.1/30","10.0.1.2","up"'
said=$(rpc l interface.create "{\"name\":\"ipsec1\",\"words\":[$words]}") &&
  not_ok "a template of other scopes was taken"
equal "a template of other scopes is refused with the reason" \
  "PF_KEY has only policies for the whole host, scope host, and none for if_id 0xc8" "$(jq -r '.error.message | sub(".*out/inet: "; "")' <<<"$said")"
check "nothing is left of it" same "$with_theirs"
printf 'kernel-spd = xfrm\n' >"$work/ipsecif.conf"
kill -HUP "$pid_l"
check "a reload with the other way says when it will be" \
  until_true 10 grep -q 'kernel-spd: a change takes effect when the daemon starts again' "$work/l.log"
kill -USR2 "$pid_l"
wait "$pid_l" 2>/dev/null
start xfrm
check "a start that way takes over the entries" same "$with_theirs"
equal "which are as it wants them" 8 "$(rpc l policy.list | jq '[.result[] | select(.kernel == "same")] | length')"
check "SIGTERM ends l again" stop l
equal "and of what is left none is ours" 1 "$(spd | wc -l)"

heading "The SAD"
# In one process: its start takes longer here than what it does.
classes=${IPSECIF_TEST_CLASSES:-$top/target/test-classes}:$(find "$dist" "${IPSECIF_TEST_LIB:-$top/target/test-lib}" -name '*.jar' -printf '%p:')
within "$ns_l" java -XX:+UseSerialGC -cp "$classes" org.ipsecif.platform.pfkey.InKernel leave >"$work/java" 2>"$work/java.err" ||
  cat "$work/java.err"
equal "ADD, GET, DUMP, UPDATE, GETSPI and DELETE do what they say" \
  "empty: true
add: done
add again: 17
get is what was added: true
dump: [2001, 2002]
no text has a key: true
updated: 800
getspi: true
state: LARVAL" "$(head -n 9 "$work/java")"
key=1717171717171717
equal "ip-xfrm(8) sees the one that is left" "src 203.0.113.1 dst 203.0.113.2
proto esp spi 0x00002001 reqid 100 mode tunnel
auth-trunc hmac(sha256) 0x$key$key$key$key 96
enc cbc(aes) 0x$key$key
encap type espinudp sport 4500 dport 4500 addr 0.0.0.0" \
  "$(ip -n "$ns_l" xfrm state | sed 's/^[[:space:]]*//' | grep -E '^(src|proto|auth|enc)' )"
equal "as does who reads PF_KEY" "203.0.113.1/32[any] 203.0.113.2/32[any] esp 0x00002001 tunnel reqid 100 replay 32 a 5 e 12" \
  "$(dump associations)"

heading "PfKeyKernelTest"
tests=$(grep -c '^ *@Test' "$top/src/test/java/org/ipsecif/platform/pfkey/PfKeyKernelTest.java")
equal "all its tests pass in this kernel" "$tests run, 0 failed, 0 skipped" "$(tail -n 1 "$work/java")"
[ "$failed" = 0 ] || cat "$work/java.err"
summary kernel-pfkey
