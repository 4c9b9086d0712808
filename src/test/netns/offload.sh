#!/usr/bin/env bash
# Many packets in one system call: TCP and UDP through two daemons with every offload, with each of them off, and with one end that has
# none, over raw ESP and ESP in UDP, IPv4 and IPv6.
#
#   namespace l                                      namespace r
#   +-------------------------+        ESP         +-------------------------+
#   | ipsec0 10.0.0.1         |                    | ipsec0 10.0.0.2         |
#   | ipsecifd l0 203.0.113.1 +--------------------+ r0 203.0.113.2 ipsecifd |
#   |          2001:db8::1    |                    |    2001:db8::2          |
#   +-------------------------+                    +-------------------------+
. "$(dirname "$0")/../../../linux/lib.sh"
as_root_or_userns "$@"
need ip iproute2 ping iputils-ping jq jq iperf3 iperf3 ethtool ethtool
scratch
netns l
netns r
veth "$ns_l" l0 "$ns_r" r0
address "$ns_l" l0 203.0.113.1/24 2001:db8::1/64
address "$ns_r" r0 203.0.113.2/24 2001:db8::2/64
umask 077

rc_conf() { # LOCAL REMOTE OWN-DIGIT OTHER-DIGIT ENCAP
  cat <<END
create_args_ipsec0="reqid 100"
ifconfig_ipsec0="tunnel $1 $2 inet 10.0.0.$3/30 10.0.0.$4 up"
ifconfig_ipsec0_ipv6="inet6 2001:db8:1::$3/64"
ipsecif_ipsec0_encap="$5"
ipsecif_ipsec0_sa_file="$work/sa"
END
}
up() { # FAMILY ENCAP OPTIONS-OF-L OPTIONS-OF-R
  local l=203.0.113.1 r=203.0.113.2
  [ "$1" = inet ] || l=2001:db8::1 r=2001:db8::2
  local key
  key=$(printf '0x%040d' 1)
  printf 'add %s %s esp %s -m tunnel -u 100 -r 32 -E aes-gcm-16 %s;\n' $l $r 0x1001 "$key" $r $l 0x1002 "$key" >"$work/sa"
  rc_conf $l $r 1 2 "$2" >"$work/l.conf"
  rc_conf $r $l 2 1 "$2" >"$work/r.conf"
  # shellcheck disable=SC2086
  daemon l "$ns_l" --insecure-manual-aead --rc-conf "$work/l.conf" $3 &&
    daemon r "$ns_r" --insecure-manual-aead --rc-conf "$work/r.conf" $4
}
down() { stop l && stop r; }
client() { within "$ns_l" timeout 30 iperf3 -J "$@" >"$work/client.json" || ! got -r .error; }
got() { jq "$@" "$work/client.json"; }
tcp() { # ADDRESS: 40 MB
  serve_tcp "$ns_r" && client -c "$1" -n 40M
}
udp() { # BYTES RATE
  serve_tcp "$ns_r" && client -c 10.0.0.2 -u -l "$1" -b "$2" -t 1 --udp-counters-64bit
}
refused() { # DAEMON: packets that came, were whole, and were not taken
  ctl "$1" stats ipsec0 --json | jq '[.. | objects | select(has("value") and ((.name // "") | test("replayed|bad_icv|bad_padding|not_ip|refused|send_failed|truncated"))) | .value]
    | if length > 0 then add else "no such counters" end'
}

# What the host's own queues had no room for: the TUN device's at l, the ESP socket's and iperf3's at r.
no_room() {
  local tun socket
  tun=$(ip -n "$ns_l" -s -j link show ipsec0 | jq '.[0].stats64.tx.dropped')
  socket=$(within "$ns_r" cat /proc/net/udp /proc/net/udp6 /proc/net/raw /proc/net/raw6 | awk '$NF ~ /^[0-9]+$/ {n += $NF} END {print n + 0}')
  echo $((tun + socket + $(within "$ns_r" awk '/^Udp:/ && $2 ~ /[0-9]/ {print $6}' /proc/net/snmp)))
}
few() { # NUMBER MOST
  [ "$1" -le "$2" ] || ! echo "$1"
}

variant() { # WORDS FAMILY ENCAP OPTIONS-OF-L OPTIONS-OF-R
  heading "$1"
  check "both start" up "${@:2}"
  check "pings pass" pings "$ns_l" 10.0.0.2
  check "and of 1,400 and more bytes, in fragments" pings "$ns_l" 10.0.0.2 -s 4000
  check "TCP passes" tcp 10.0.0.2
  [ -n "$4$5" ] || check "of 30,000 segments hardly one sent again" few "$(got .end.sum_sent.retransmits)" 10
  check "TCP over IPv6 passes" tcp 2001:db8:1::2
  [ -n "$4$5" ] || check "of 30,000 segments hardly one sent again" few "$(got .end.sum_sent.retransmits)" 10
  check "UDP passes" udp 1300 40M
  check "none is lost but what the host had no room for" few "$(got .end.sum.lost_packets)" "$(no_room)"
  equal "or out of order" 0 "$(got '.end.streams[0].udp.out_of_order')"
  equal "l has refused none" 0 "$(refused l)"
  equal "r has refused none" 0 "$(refused r)"
  check "both end" down
}
variant "ESP in UDP" inet udp "" ""
variant "Raw ESP" inet no "" ""
variant "ESP in UDP over IPv6" inet6 udp "" ""
variant "One that has none to one that has all" inet udp --no-offload ""
variant "Without the TUN device's at one end, without the network's at the other" inet no --no-offload=tun --no-offload=send,receive

if want_ipsec_mb; then
  variant "AES-GCM by the JDK at one end, by libIPSec_MB at the other" inet udp --no-offload=cipher ""
  check "l says so" grep -q "AES-GCM by the JDK" "$work/l.log"
  check "r too" grep -q "AES-GCM by libIPSec_MB" "$work/r.log"
else
  skip "AES-GCM by libIPSec_MB: there is none on this host"
fi

heading "A device that cuts nothing and makes no checksums"
within "$ns_l" ethtool -K l0 tx off tso off gso off gro off >/dev/null 2>&1
within "$ns_r" ethtool -K r0 rx off gro off >/dev/null 2>&1
variant "ESP in UDP over it" inet udp "" ""
[ "$failed" = 0 ] || tail -n 30 "$work/l.log" "$work/r.log"
summary offload
