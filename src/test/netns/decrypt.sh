#!/usr/bin/env bash
# ipsecifctl decrypt, and tcpdump -E, against captures of what the daemons send.
#
#   namespace l                                                    namespace r
#   +--------------------------+                 +--------------------------+
#   | ipsec0 10.0.0.1          |  raw, IPv4      | ipsec0 10.0.0.2          |
#   | ipsec1 10.0.1.1      vl  +-----------------+  vr      ipsec1 10.0.1.2 |
#   |        2001:db8:1::1     |  UDP, IPv6      |        2001:db8:1::2     |
#   +--------------------------+                 +--------------------------+
. "$(dirname "$0")/../../../linux/lib.sh"
as_root_or_userns "$@"
need ip iproute2 ping iputils-ping jq jq perl perl-base
scratch
netns l
netns r
# Nothing but what this script sends: no router solicitations, no multicast listener reports.
veth "$ns_l" vl "$ns_r" vr
address "$ns_l" vl 203.0.113.1/24 2001:db8:ff::1/64
address "$ns_r" vr 203.0.113.2/24 2001:db8:ff::2/64

k16=0x101112131415161718191a1b1c1d1e1f
k20=${k16}20212223
umask 077
cat >"$work/sa" <<END
add 203.0.113.1 203.0.113.2 esp 0x1001 -u 100 -r 128 -E aes-cbc $k16 -A hmac-sha1 $k20;
add 203.0.113.2 203.0.113.1 esp 0x1002 -u 100 -r 128 -E aes-cbc $k16 -A hmac-sha1 $k20;
add 2001:db8:ff::1 2001:db8:ff::2 esp 0x1101 -u 101 -r 128 -f esn -E aes-gcm-16 ${k20} ;
add 2001:db8:ff::2 2001:db8:ff::1 esp 0x1102 -u 101 -r 128 -f esn -E aes-gcm-16 ${k20} ;
END
rc_conf() { # LOCAL-DIGIT REMOTE-DIGIT
  cat <<END
create_args_ipsec0="reqid 100"
ifconfig_ipsec0="tunnel 203.0.113.$1 203.0.113.$2 10.0.0.$1/30 10.0.0.$2"
ipsecif_ipsec0_sa_file="$work/sa"
create_args_ipsec1="reqid 101"
ifconfig_ipsec1="tunnel 2001:db8:ff::$1 2001:db8:ff::$2 10.0.1.$1/30 10.0.1.$2"
ifconfig_ipsec1_ipv6="inet6 2001:db8:1::$1/64"
ipsecif_ipsec1_encap="udp"
ipsecif_ipsec1_sa_file="$work/sa"
END
}
rc_conf 1 2 >"$work/l.conf"
rc_conf 2 1 >"$work/r.conf"
check "daemon l starts" daemon l "$ns_l" --rc-conf "$work/l.conf" --insecure-manual-aead
check "daemon r starts" daemon r "$ns_r" --rc-conf "$work/r.conf" --insecure-manual-aead

captures=()
capture() { # DEVICE FILE
  "${in_r[@]}" "$top/linux/capture" "$1" "$work/$2" >"$work/$2.log" 2>&1 &
  captures+=($!)
  daemons+=($!)
  until_true 10 grep -q listening "$work/$2.log" || ! cat "$work/$2.log"
}
check "a capture outside" capture vr outside.pcap
check "a capture on ipsec0" capture ipsec0 ipsec0.pcap
check "a capture on ipsec1" capture ipsec1 ipsec1.pcap
check "ping by ipsec0" pings "$ns_l" 10.0.0.2
check "ping by ipsec0, in fragments inside and outside" pings "$ns_l" 10.0.0.2 -s 4000
check "ping by ipsec1 over IPv4" pings "$ns_l" 10.0.1.2 -s 1372
check "ping by ipsec1 over IPv6" pings "$ns_l" 2001:db8:1::2
packets() { "$top/linux/capture" -r "$work/$1"; }
# Each packet is seen outside before or after it is seen inside; the captures are whole when they are of one number.
whole() { [ "$(decrypted)" = "$(($(packets ipsec0.pcap | wc -l) + $(packets ipsec1.pcap | wc -l)))" ]; }
decrypted() { "$dist/sbin/ipsecifctl" decrypt --json -r "$work/outside.pcap" -f "$work/sa" | jq '[.associations[].decrypted] | add'; }
check "as many packets are decrypted as were inside" until_true 10 whole
kill "${captures[@]}"

check "decrypt" "$dist/sbin/ipsecifctl" decrypt -r "$work/outside.pcap" -f "$work/sa" -w "$work/inside.pcap"
cat "$work/check.out"
check "it wrote packets" test -n "$(packets inside.pcap)"
equal "what it wrote are the packets seen on ipsec0 and ipsec1, to the byte" \
  "$({ packets ipsec0.pcap; packets ipsec1.pcap; } | sort | cksum)" "$(packets inside.pcap | sort | cksum)"
# fails WORDS...: decrypt ends with 1; what it says is in $work/said
fails() {
  "$dist/sbin/ipsecifctl" decrypt "$@" >"$work/said" 2>&1
  [ $? = 1 ]
}
sed 's/-A hmac-sha1 0x10/-A hmac-sha1 0x11/' "$work/sa" >"$work/wrong"
check "a wrong key: exit status" fails -r "$work/outside.pcap" -f "$work/wrong"
check "it is said" grep -q 'wrong ICV' "$work/said"
sed 1,2d "$work/sa" >"$work/fewer"
check "an SA too few: exit status" fails -r "$work/outside.pcap" -f "$work/fewer"
check "its SPI is named" grep -q 'esp 0x00001001' "$work/said"
check "no daemon and no privilege is needed" setpriv --no-new-privs --bounding-set=-all --inh-caps=-all \
  "$dist/sbin/ipsecifctl" decrypt -r "$work/outside.pcap" -f "$work/sa"
head -c 5000 "$work/outside.pcap" >"$work/cut.pcap"
check "a damaged capture: exit status" fails -r "$work/cut.pcap" -f "$work/sa"
check "the packet is named" grep -qE 'cut.pcap: packet [0-9]+: the file ends within' "$work/said"
check "no such capture: exit status" fails -r "$work/none.pcap" -f "$work/sa"
check "the capture is never overwritten" fails -r "$work/outside.pcap" -f "$work/sa" -w "$work/outside.pcap"
ln "$work/sa" "$work/sa.link"
check "nor are the SAs" fails -r "$work/outside.pcap" -f "$work/sa" -w "$work/sa.link"
check "a damaged capture with -w: exit status" fails -r "$work/cut.pcap" -f "$work/sa" -w "$work/inside.cut"
check "what came before is counted" grep -qE '^.[0-9]+ decrypted$' "$work/said"
check "and written" test -n "$(packets inside.cut)"
piped() { cat "$work/outside.pcap" | "$dist/sbin/ipsecifctl" decrypt -r "$1" -f "$work/sa" -w - 2>"$work/said" | cat >"$work/inside.piped"; }
for each in - /dev/stdin; do
  check "from $each, a pipe, to another" piped "$each"
  check "the same packets" cmp "$work/inside.pcap" "$work/inside.piped"
done
full() { # WORDS...: says in one line that standard output is full
  "$dist/sbin/ipsecifctl" "$@" >/dev/full 2>"$work/said"
  [ $? = 1 ] && [ "$(cat "$work/said")" = "ipsecifctl: standard output: cannot be written to" ]
}
check "a full standard output is noticed" full decrypt -r "$work/outside.pcap" -f "$work/sa"
check "with packets as well" full decrypt -r "$work/outside.pcap" -f "$work/sa" -w -
check "and by commands of the daemon's" full --socket "$work/l.sock" list
too_long() {
  head -c 5000000 /dev/zero | "$dist/sbin/ipsecifctl" setkey -c >"$work/said" 2>&1
  [ "$(cat "$work/said")" = "ipsecifctl: <stdin>: too long: expected at most 4194304 bytes" ]
}
check "a script without an end is one line" too_long
head -c 3000000 /dev/urandom >"$work/random"
too_long_as_json() {
  "$dist/sbin/ipsecifctl" --socket "$work/l.sock" setkey -f "$work/random" >"$work/said" 2>&1
  [ "$(cat "$work/said")" = "ipsecifctl: $work/random: too long: a request to ipsecifd has at most 4194304 bytes" ]
}
check "a file that makes too long a request is named" too_long_as_json
check "help after a command" sh -c "'$dist/sbin/ipsecifctl' decrypt --help | grep -q '^Usage: ipsecifctl decrypt '"

if [ -n "${IPSECIF_USERNS:-}" ]; then
  skip "tcpdump -E: tcpdump does not run as root of a user namespace"
else
  need tcpdump tcpdump
  read_by_tcpdump() {
    chmod 755 "$work" && chmod 644 "$work/outside.pcap"
    tcpdump -nr "$work/outside.pcap" -E "0x1001@203.0.113.2 aes128-cbc-hmac96:$k16" 'ip proto 50' | tee "$work/tcpdump.out" |
      grep -q '10.0.0.1 > 10.0.0.2: ICMP echo request'
  }
  check "tcpdump -E reads what we send" read_by_tcpdump
fi
check "SIGTERM ends l" stop l
check "SIGTERM ends r" stop r
summary decrypt
