#!/usr/bin/env bash
# IKEv2 against strongSwan, whose ESP is in userspace too (kernel-libipsec, always in UDP): each as initiator and as responder.
# The drawing is in strongswan.bash.
. "$(dirname "$0")/../../../linux/lib.sh"
. "$(dirname "$0")/strongswan.bash"
as_root_or_userns "$@"
need_strongswan
scratch
two_hosts
umask 077
echo 'o.example.org s.example.org : PSK "a secret of the two ends"' >"$work/psk"

heading "We initiate"
check "strongSwan starts" start_strongswan
check "its configuration" their
ours start=start
check "ipsecifd starts" start_ours
check "the interface comes up" until_true 10 active
check "traffic passes" reaches
through "strongSwan rekeys the CHILD_SA" swanctl --rekey --child peer
check "strongSwan rekeys the IKE_SA" swanctl --rekey --ike peer
check "traffic passes" reaches
through "and the CHILD_SA once more" swanctl --rekey --child peer
check "iperf3 listens" serve_tcp "$ns_s"
check "TCP for 3 s" within "$ns_o" iperf3 -c 10.0.0.2 -t 3
check "strongSwan deletes the IKE_SA" swanctl --terminate --ike peer
check "and it comes back, as start says" until_true 30 active
check "traffic passes" reaches
check "ipsecifd stops" stop o
gone() { [ "$(their_children)" = 0 ]; }
check "and has told strongSwan" until_true 10 gone

heading "strongSwan initiates"
ours start=add
check "ipsecifd starts" start_ours
equal "and waits" "no outbound SA" "$(status)"
check "strongSwan initiates" swanctl --initiate --child peer
check "the interface is up" until_true 10 active
check "traffic passes" reaches
through "strongSwan rekeys the CHILD_SA" swanctl --rekey --child peer
check "strongSwan deletes it all" swanctl --terminate --ike peer
check "which is so here too" until_true 10 no_spis
check "ipsecifd stops" stop o

heading "A packet asks for it"
ours start=trap
check "ipsecifd starts" start_ours
equal "and waits" "no outbound SA" "$(status)"
within "$ns_o" ping -c 1 -W 1 10.0.0.2 >/dev/null
check "the interface comes up" until_true 10 active
check "traffic passes" reaches
check "ipsecifd stops" stop o

heading "Choice of algorithms" # strongswan-algorithms.sh has all of them
# pair OURS THEIRS OUR-ESP THEIR-ESP
pair() {
  check "strongSwan's configuration" their "proposals=$2" "esp=$4"
  ours "ike=$1" "esp=$3" start=start
  check "$1, $3: ipsecifd starts" start_ours
  check "$1, $3: the interface comes up" until_true 15 active
  check "$1, $3: traffic passes" reaches
  check "$1, $3: rekeying" swanctl --rekey --child peer
  check "$1, $3: traffic passes" reaches
  check "ipsecifd stops" stop o
}
pair default aes256gcm16-prfsha384-ecp384 default aes256gcm16-ecp384-noesn
pair aes128-aes256-sha384-sha256-x25519-ecp256 aes128-sha256-ecp256 aes192gcm16-aes128-sha256 aes128-sha256-noesn

heading "Refusals"
check "strongSwan's configuration" their
echo 'o.example.org s.example.org : PSK "another secret altogether"' >"$work/psk"
ours start=start
check "ipsecifd starts with another secret" start_ours
refused() { grep -q 'WARN ipsec0: .*AUTHENTICATION_FAILED' "$work/o.log"; }
check "it is refused, and says so" until_true 10 refused
equal "there is no SA" "no outbound SA" "$(status)"
refute "strongSwan is refused too" swanctl --initiate --child peer --timeout 5
check "which says why" until_true 10 grep -q 'WARN ipsec0: .*pre-shared keys of s.example.org differ' "$work/o.log"
check "no secret is in the log" eval '! grep -q "another secret" "$work/o.log"'
check "ipsecifd stops" stop o
ours ike=aes256gcm16-prfsha384-ecp384 start=start
check "ipsecifd starts with other algorithms" start_ours
offered() { grep -q 'WARN ipsec0: .*NO_PROPOSAL_CHOSEN; we offered AES_GCM_16_256/PRF_HMAC_SHA2_384/ECP_384' "$work/o.log"; }
check "it is refused, and says what it offered" until_true 10 offered
check "ipsecifd stops" stop o
on_failure
summary strongswan
