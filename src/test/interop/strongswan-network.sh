#!/usr/bin/env bash
# IKEv2 against strongSwan where the network or an end fails: crashes, a NAT that changes its ports, a bad link, dead peers.
#
#   namespace o (ours)              namespace n (router)              namespace s (strongSwan)
#   +-------------------------+     +--------------------------+      +---------------------------+
#   | ipsecN 10.0.N.1         |     |                          |      | ipsec0 10.0.N.2, for all N |
#   |        vo 198.51.100.2  +-----+ 198.51.100.1 203.0.113.1 +------+ vs 203.0.113.2             |
#   | NAT:      198.51.100.3  |     |     NAT for 198.51.100.3 |      |    203.0.113.3 (dies)      |
#   +-------------------------+     +--------------------------+      +---------------------------+
. "$(dirname "$0")/../../../linux/lib.sh"
. "$(dirname "$0")/strongswan.bash"
. "$(dirname "$0")/weather.bash"
as_root_or_userns "$@"
need_strongswan
need nft nftables conntrack conntrack
scratch
umask 077
for each in o n s; do netns $each; done
within "$ns_o" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
veth "$ns_o" vo "$ns_n" no0
veth "$ns_s" vs "$ns_n" ns0
address "$ns_o" vo 198.51.100.2/24 198.51.100.3/24
address "$ns_n" no0 198.51.100.1/24
address "$ns_n" ns0 203.0.113.1/24
address "$ns_s" vs 203.0.113.2/24 203.0.113.3/24
within "$ns_n" sysctl -qw net.ipv4.ip_forward=1
ip -n "$ns_o" route add default via 198.51.100.1
ip -n "$ns_s" route add default via 203.0.113.1
echo "a secret of the two ends" >"$work/psk"

# tunnel N [WORD=VALUE]... [-- WORD=VALUE...]: an interface of ours, and, after --, words of strongSwan's connection tN
tunnel() {
  local n=$1 words=()
  shift
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    words+=("$1")
    shift
  done
  shift
  interface "$n" here=198.51.100.2 "local_id=o$n.example.org" "remote_id=s$n.example.org" "psk_file=$work/psk" \
    ike=aes128gcm16-prfsha256-x25519 esp=aes128gcm16-x25519 "${words[@]}"
  secret "$n" "o$n.example.org" "s$n.example.org" "a secret of the two ends"
  connection "t$n" remote_addrs=198.51.100.2 "local_ts=10.0.$n.2/32" "remote_ts=10.0.$n.1/32" \
    local="auth = psk
    id = s$n.example.org" remote="auth = psk
    id = o$n.example.org" "$@"
  inner+=("$n")
}
# strongSwan gives up after 20 s.
start_theirs() {
  start_strongswan 'retransmit_timeout = 0.3' 'retransmit_base = 1.8' 'retransmit_tries = 6' &&
    strongswan_inner "${inner[@]}" && load_connections
}
answers() { within "$ns_o" ping -q -c 1 -W 0.5 "10.0.$1.2"; }
# back MILLISECONDS COMMAND...: it is true within that time
back() {
  local began=$(($(date +%s%N) / 1000000)) limit=$1
  shift
  until_true $((limit / 1000 + 1)) "$@"
  took=$(($(date +%s%N) / 1000000 - began))
  [ $took -le "$limit" ]
}

inner=()
no_interfaces
no_connections
tunnel 0 dpd_delay=2 -- child_lines='start_action = start
        close_action = start'
tunnel 1 encap=udp --
tunnel 2 here=198.51.100.3 dpd_delay=2 -- remote_addrs=203.0.113.1
tunnel 3 there=203.0.113.3 dpd_delay=1 -- local_addrs=203.0.113.3 lines='dpd_delay = 1s'
tunnel 4 start=add -- child_lines='dpd_action = restart' lines='dpd_delay = 1s'

heading "All is well"
check "198.51.100.3 is behind a NAT" masquerade "$ns_n" ns0 198.51.100.3 20000-20999
check "ipsecifd starts" start_ours
check "strongSwan starts" start_theirs
check "4: and initiates" swanctl --initiate --child t4 --timeout 10
check "all come up" until_true 20 all_active 5
for n in "${inner[@]}"; do check "$n: traffic passes" reaches "$n"; done
check "1: forced encapsulation is a NAT to strongSwan" until_true 5 charon_logged 'remote host is behind NAT'
check "2: so is a NAT" until_true 5 logged 'ipsec2: IKE_SA .* established .*NAT'

heading "A NAT changes its ports"
for ports in 30000-30999 40000-40999; do
  check "to $ports" masquerade "$ns_n" ns0 198.51.100.3 $ports
  check "traffic passes again within 5 s" back 5000 answers 2
  say "after $took ms"
done

heading "Crashes"
crash() { kill -9 "$pid_o" && wait "$pid_o" 2>/dev/null; until_true 5 process_gone "$pid_o"; }
check "ipsecifd is killed" crash
check "and starts again" start_ours
check "traffic passes within 5 s" back 5000 answers 0
say "after $took ms"
check "2: through the NAT too" back 5000 answers 2
check "4: strongSwan, which has to find out, initiates again" until_true 40 answers 4
check "4: it has found out by DPD" until_true 5 charon_logged 'giving up after 6 retransmits'
check "strongSwan is killed" stop_strongswan KILL
check "and starts again" start_theirs
check "traffic passes within 5 s" back 5000 answers 0
say "after $took ms"
# Tunnel 3 was forgotten in the crash, and strongSwan does not say so; now its address is gone too. That is asked about last.
ip -n "$ns_s" address del 203.0.113.3/24 dev vs
died=$SECONDS

heading "A bad link"
check "bad weather" bad_weather "$ns_n" ns0
check "both ways" bad_weather "$ns_n" no0
tunnel 5 rekey_time=4 --
tunnel 6 child_rekey_time=4 --
new_tunnels() { load_connections && strongswan_inner 5 6 && reload; }
check "both know of two more tunnels" new_tunnels
for each in 5 6; do check "$each: it comes up in spite of $weather" until_true 60 active $each; done
first=$(our_spis 6)
rekeyed() { [ "$(our_spis 6)" != "$first" ]; }
check "6: and replaces its CHILD_SA" until_true 60 rekeyed
check "5: and its IKE_SA" until_true 60 logged 'ipsec5: IKE_SA .* replaces'
good_weather "$ns_n" ns0
good_weather "$ns_n" no0
for each in 5 6; do check "$each: traffic passes" until_true 10 reaches $each; done

heading "A dead peer"
check "we find out" until_true 75 logged 'ipsec3: IKE_SA .* failed: peer does not answer'
say "after $((SECONDS - died)) s at most"
check "there are no SAs with it" until_true 5 no_spis 3
check "ipsecifd stops" stop o
on_failure 150
summary strongswan-network
