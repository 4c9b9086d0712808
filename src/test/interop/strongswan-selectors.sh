#!/usr/bin/env bash
# Several Child SAs with strongSwan, apart by their traffic selectors: a family each, a pair of networks each, or all in one; each end
# as initiator and as responder. The drawing is in strongswan.bash; besides, each end has addresses in networks of its own:
#
#   10.1.0.1, 10.2.0.1, 2001:db8:1::1  o ======== s  10.8.0.1, 10.9.0.1, 2001:db8:8::1
. "$(dirname "$0")/../../../linux/lib.sh"
. "$(dirname "$0")/strongswan.bash"
as_root_or_userns "$@"
need_strongswan
scratch
two_hosts
umask 077
echo 'o.example.org s.example.org : PSK "a secret of the two ends"' >"$work/psk"
within "$ns_o" sysctl -qw net.ipv6.conf.default.disable_ipv6=0 net.ipv6.conf.lo.disable_ipv6=0
address "$ns_o" lo 10.1.0.1/32 10.2.0.1/32 2001:db8:1::1/128
address "$ns_s" lo 10.8.0.1/32 10.9.0.1/32 2001:db8:8::1/128

# child NAME LOCAL-TS REMOTE-TS: another of strongSwan's connection peer
child() {
  cat >>"$work/swanctl/swanctl.conf" <<END
connections { peer { children { $1 {
    esp_proposals = aes128gcm16-x25519-noesn
    local_ts = $2
    remote_ts = $3
    start_action = none } } } }
END
}
# our_routes: what lies behind the other end
our_routes() {
  within "$ns_o" sysctl -qw net.ipv6.conf.ipsec0.disable_ipv6=0 &&
    ip -n "$ns_o" route replace 10.8.0.0/15 dev ipsec0 && ip -n "$ns_o" route replace 2001:db8:8::/48 dev ipsec0
}
# begin: ipsecifd, and the routes to what it leads to
begin() { start_ours && until_true 10 our_routes; }
# pair FROM TO: pings from one network to another
pair() { within "$ns_o" ping -n -q -c 2 -i 0.2 -W 2 -I "$1" "$2"; }
back() { within "$ns_s" ping -n -q -c 2 -i 0.2 -W 2 -I "$1" "$2"; }
# sas COUNT: the interface has that many Child SAs, all with both halves
sas() { [ "$(our_spis | jq length)" = $((2 * $1)) ] && [ "$(their_children)" = "$1" ]; }
# counted NAME: what a counter of ipsec0 says
counted() { rpc o interface.list '{"name":"ipsec0"}' | jq ".result[0].counters[] | select(.name == \"$1\") | .value"; }
# subnets [WORD=VALUE]...: the template subnets, with two networks at each end
subnets() {
  ours template=subnets "local_networks=10.1.0.0/24 10.2.0.0/24" "remote_networks=10.8.0.0/24 10.9.0.0/24" "$@"
}
all_pairs() { pair 10.1.0.1 10.8.0.1 && pair 10.1.0.1 10.9.0.1 && pair 10.2.0.1 10.8.0.1 && pair 10.2.0.1 10.9.0.1; }
families() { pair 10.1.0.1 10.8.0.1 && pair 2001:db8:1::1 2001:db8:8::1; }
end() { stop o && until_true 10 sas_gone; }
sas_gone() { [ "$(their_children)" = 0 ]; }
replaced_all() { [ "$(jq -n --argjson a "$1" --argjson b "$(our_spis)" '$b - $a | length')" = "$2" ] && [ "$(our_spis | jq length)" = "$2" ]; }

check "strongSwan starts" start_strongswan
# It routes IPv4 alone into its TUN device.
check "and has a route for IPv6" ip -n "$ns_s" route add 2001:db8:1::/48 dev ipsec0

heading "A family each: we initiate"
no_connections
secret peer o.example.org s.example.org "a secret of the two ends"
connection peer local_ts=0.0.0.0/0
child six ::/0 ::/0
check "strongSwan has a child for IPv4 and one for IPv6" load_connections
ours start=start
check "ipsecifd begins with both families" begin
check "there are two Child SAs" until_true 10 sas 2
check "both families pass" families
check "and back" back 2001:db8:8::1 2001:db8:1::1
spis=$(our_spis)
check "strongSwan rekeys one" swanctl --rekey --child six
check "and the other" swanctl --rekey --child peer
check "other SAs are in place" until_true 10 replaced_all "$spis" 4
check "both families pass" families
check "strongSwan deletes one" swanctl --terminate --child six
check "and the other is there still" pair 10.1.0.1 10.8.0.1
check "it comes back, as start says" until_true 20 sas 2
check "both families pass" families
check "ipsecifd stops" end

heading "A family each: strongSwan initiates"
ours start=add
check "ipsecifd starts" begin
check "strongSwan initiates one" swanctl --initiate --child peer
check "and the other" swanctl --initiate --child six
check "there are two Child SAs" until_true 10 sas 2
check "both families pass" families
check "strongSwan deletes one" swanctl --terminate --child peer
check "there is one Child SA" until_true 10 sas 1
check "and the other family passes" pair 2001:db8:1::1 2001:db8:8::1
before=$(counted outbound_selector_mismatch)
refute "but not the first" pair 10.1.0.1 10.8.0.1
check "whose packets are counted" test "$(counted outbound_selector_mismatch)" -gt "$before"
check "ipsecifd stops" end

heading "strongSwan has IPv4 only"
check "strongSwan's configuration" their
ours start=start
check "ipsecifd begins with both families" begin
check "there is one Child SA" until_true 10 sas 1
check "IPv6 is refused, and logged once" until_true 10 logged 'WARN ipsec0: .*TS_UNACCEPTABLE; we offered ::/0 === ::/0'
check "IPv4 passes" pair 10.1.0.1 10.8.0.1
refute "IPv6 does not" pair 2001:db8:1::1 2001:db8:8::1
equal "and is not asked for again" 1 "$(grep -c TS_UNACCEPTABLE "$work/o.log")"
check "ipsecifd stops" end

# strongSwan's children: lists of networks, or a child for each pair
lists() { their local_ts=10.8.0.0/24,10.9.0.0/24 remote_ts=10.1.0.0/24,10.2.0.0/24; }
pairs() {
  no_connections
  secret peer o.example.org s.example.org "a secret of the two ends"
  connection peer local_ts=10.8.0.0/24 remote_ts=10.1.0.0/24
  child two 10.9.0.0/24 10.1.0.0/24
  child three 10.8.0.0/24 10.2.0.0/24
  child four 10.9.0.0/24 10.2.0.0/24
  load_connections
}
# we_initiate OURS THEIRS COUNT
we_initiate() {
  check "strongSwan's configuration: $2" "$2"
  subnets start=start "children=$1" child_rekey_time=8
  check "$1, $2: ipsecifd begins" begin
  check "$1, $2: Child SAs: $3" until_true 15 sas "$3"
  check "$1, $2: all pairs of networks pass" all_pairs
  check "$1, $2: and back" back 10.9.0.1 10.2.0.1
  local spis
  spis=$(our_spis)
  check "$1, $2: we rekey, and other SAs are in place" until_true 20 replaced_all "$spis" $((2 * $3))
  check "$1, $2: all pairs of networks pass" all_pairs
  check "$1, $2: ipsecifd stops" end
}
heading "Pairs of networks: we initiate"
we_initiate pair lists 4
we_initiate all lists 1
we_initiate pair pairs 4
we_initiate all pairs 4

# strongSwan_initiates OURS THEIRS CHILD...
strongswan_initiates() {
  local each count
  count=$(($# - 2))
  check "strongSwan's configuration: $2" "$2"
  subnets start=add "children=$1"
  check "$1, $2: ipsecifd starts" begin
  for each in "${@:3}"; do check "$1, $2: strongSwan initiates $each" swanctl --initiate --child "$each"; done
  check "$1, $2: Child SAs: $count" until_true 15 sas "$count"
  check "$1, $2: all pairs of networks pass" all_pairs
  local spis
  spis=$(our_spis)
  for each in "${@:3}"; do check "$1, $2: strongSwan rekeys $each" swanctl --rekey --child "$each"; done
  check "$1, $2: other SAs are in place" until_true 15 replaced_all "$spis" $((2 * count))
  check "$1, $2: all pairs of networks pass" all_pairs
  check "$1, $2: ipsecifd stops" end
}
heading "Pairs of networks: strongSwan initiates"
strongswan_initiates pair lists peer
strongswan_initiates all lists peer
strongswan_initiates pair pairs peer two three four
strongswan_initiates all pairs peer two three four

heading "Packets ask for what they need"
check "strongSwan's configuration" lists
subnets start=trap children=pair
check "ipsecifd starts" begin
within "$ns_o" ping -n -c 1 -W 1 -I 10.1.0.1 10.9.0.1 >/dev/null
check "a packet makes its own Child SA" until_true 10 sas 1
check "which it passes by" pair 10.1.0.1 10.9.0.1
within "$ns_o" ping -n -c 1 -W 1 -I 10.2.0.1 10.8.0.1 >/dev/null
check "another packet makes another" until_true 10 sas 2
check "which it passes by" pair 10.2.0.1 10.8.0.1
check "ipsecifd stops" end
on_failure
summary strongswan-selectors
