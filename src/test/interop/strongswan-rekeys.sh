#!/usr/bin/env bash
# Rekeying with strongSwan while traffic flows: no ping and no byte is lost, and there is no gap worth the name. The drawing is in
# strongswan.bash. Packets are counted: what one end takes comes out of the other, but for what strongSwan's socket had no room for, by
# the kernel's count, while charon did not read it; a ping among these is not ours. IPSECIF_REKEYS is how many CHILD_SAs are replaced
# (100), and a fifth as many IKE_SAs; IPSECIF_RATE that of TCP.
. "$(dirname "$0")/../../../linux/lib.sh"
. "$(dirname "$0")/strongswan.bash"
. "$(dirname "$0")/storm.bash"
as_root_or_userns "$@"
need_strongswan
scratch
two_hosts
within "$ns_s" sysctl -qw net.ipv6.conf.default.disable_ipv6=1 # no policy of strongSwan's takes its router solicitations
umask 077
echo 'o.example.org s.example.org : PSK "a secret of the two ends"' >"$work/psk"
storm_log=$work/o.log
rekey_here() { rpc o ike.rekey "{\"name\":\"ipsec0\",\"what\":\"$1\",\"seconds\":5}" >/dev/null; }
rekey_there() { swanctl --rekey "--$1" peer >/dev/null; }
storm_excuses() { unread "$ns_s"; }

heading "Rekeying"
check "strongSwan starts" start_strongswan "filelog { log { esp = 2 } }"
check "its configuration" their
ours start=start
check "ipsecifd starts" start_ours --no-offload=tun # packets are counted at the device: none may pass it joined
check "the interface comes up" until_true 10 active
before=$(our_drops o) # the host counts what it drops while the link is down, too
storm_of "$ns_o" 10.0.0.2 "$ns_s"
one_is_left() { [ "$(our_spis | jq length)" = 2 ] && [ "$(their_children)" = 1 ] && [ "$(swanctl --list-sas --raw | grep -o 'state=ESTABLISHED' | wc -l)" = 1 ]; }
check "one of each is left" until_true 20 one_is_left
check "traffic passes" reaches
all_arrived "$ns_o" "$ns_s" "$(unread "$ns_s")"
all_arrived "$ns_s" "$ns_o"
equal "ipsecifd dropped nothing since" "$before" "$(our_drops o)"
refute "strongSwan had each SA that we sent with" charon_logged 'does not belong to an installed SA'
check "ipsecifd stops" stop o
on_failure 200
summary strongswan-rekeys
