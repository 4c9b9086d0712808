#!/usr/bin/env bash
# Rekeying between two of ours while traffic flows, as src/test/interop/strongswan-rekeys.sh does with strongSwan.
#
#   namespace a                               namespace b
#   +--------------------------------+        +--------------------------------+
#   | ipsec0 10.0.0.1   va 203.0.113.1 +------+ vb 203.0.113.2   ipsec0 10.0.0.2 |
#   +--------------------------------+        +--------------------------------+
. "$(dirname "$0")/../../../linux/lib.sh"
. "$(dirname "$0")/../interop/storm.bash"
as_root_or_userns "$@"
need ip iproute2 jq jq ping iputils-ping perl perl-base iperf3 iperf3 sysctl procps
scratch
umask 077
netns a
netns b
for each in "$ns_a" "$ns_b"; do within "$each" sysctl -qw net.ipv6.conf.default.disable_ipv6=1; done
veth "$ns_a" va "$ns_b" vb
address "$ns_a" va 203.0.113.1/24
address "$ns_b" vb 203.0.113.2/24
echo "a secret of the two ends, long enough" >"$work/psk"
printf '%s\n' 'ifconfig_ipsec0="inet tunnel 203.0.113.1 203.0.113.2 10.0.0.1/30 10.0.0.2 up"' "ipsecif_ipsec0_psk_file=$work/psk" >"$work/a.rc"
printf '%s\n' 'ifconfig_ipsec0="inet tunnel 203.0.113.2 203.0.113.1 10.0.0.2/30 10.0.0.1 up"' "ipsecif_ipsec0_psk_file=$work/psk" \
  ipsecif_ipsec0_start=add >"$work/b.rc"
storm_log=$work/a.log
rekey() { rpc "$1" ike.rekey "{\"name\":\"ipsec0\",\"what\":\"$2\",\"seconds\":5}" >/dev/null; }
rekey_here() { rekey a "$1"; }
rekey_there() { rekey b "$1"; }

heading "Rekeying"
# Packets are counted at the devices: they must not pass them joined.
check "b starts" daemon b "$ns_b" --no-offload=tun --rc-conf "$work/b.rc"
check "a starts" daemon a "$ns_a" --no-offload=tun --rc-conf "$work/a.rc"
check "the tunnel comes up" until_true 10 pings "$ns_a" 10.0.0.2
before_a=$(our_drops a)
before_b=$(our_drops b)
storm_of "$ns_a" 10.0.0.2 "$ns_b"
spis() { rpc "$1" sa.list | jq -c '[.result[].spi] | sort'; }
same() { [ "$(spis a)" = "$(spis b)" ] && [ "$(spis a | jq length)" = 2 ]; }
check "one of each is left, the same at both ends" until_true 20 same
check "traffic passes" pings "$ns_a" 10.0.0.2
all_arrived "$ns_a" "$ns_b"
all_arrived "$ns_b" "$ns_a"
# The host counts what it drops while the link is down, too.
equal "a dropped nothing since" "$before_a" "$(our_drops a)"
equal "b dropped nothing since" "$before_b" "$(our_drops b)"
check "a stops" stop a
check "b stops" stop b
[ "$failed" = 0 ] || tail -n 200 "$work/a.log" "$work/b.log"
summary ike-rekeys
