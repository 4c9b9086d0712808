#!/usr/bin/env bash
# IKEv2 against a peer whose ESP is the kernel's: strongSwan, with a pre-shared key and RSA certificates, each end as
# initiator and as responder; rekeying of both kinds by the peer and by us; raw ESP with ESN, and ESP in UDP; DPD.
#
#   namespace o (ours)                          namespace s (strongSwan)
#   +-------------------------------+           +-------------------------------+
#   | ipsec0 10.0.0.1 -> 10.0.0.2   |  IKE, ESP | lo 10.0.0.2                   |
#   |      vo 203.0.113.1           +-----------+ vs 203.0.113.2                |
#   +-------------------------------+           +-------------------------------+
#
# Needs a kernel with ESP; says so and exits with 77 where there is none.
. "$(dirname "$0")/../../../linux/lib.sh"
. "$(dirname "$0")/kernel.bash"
. "$(dirname "$0")/strongswan.bash"
. "$(dirname "$0")/pki.bash"
as_root_or_userns "$@"
need ip iproute2 jq jq perl perl-base
IPSECIF_START_SECONDS=900 # an emulated processor
scratch
two_hosts
umask 077
require_kernel_esp "$ns_s" vs
need_strongswan
need openssl openssl
strongswan_kernel=kernel-netlink
address "$ns_s" lo 10.0.0.2/32
ip -n "$ns_s" route add 10.0.0.1/32 dev vs src 10.0.0.2
echo 'o.example.org s.example.org : PSK "a secret of the two ends"' >"$work/psk"
certificates() {
  authority root rsa2048 && certificate o1 root rsa2048 DNS:o.example.org && certificate s1 root rsa2048 DNS:s.example.org
}
check "certificates" certificates

secret_words=("psk_file=$work/psk")
certificate_words=("cert=$work/pki/o1.crt" "key=$work/pki/o1.key" "cacert=$work/pki/root.crt" revocation=off auth=rsa_pss)
ours_by() { # WAY START [WORD=VALUE]...
  local -n words=${1}_words
  no_interfaces
  interface 0 local_id=o.example.org remote_id=s.example.org "${words[@]}" ike=aes128gcm16-prfsha256-x25519 esp=aes128gcm16-x25519 \
    "start=$2" "${@:3}"
}
renewed() { replaced "$spis"; }
we_rekey() { rpc o ike.rekey "{\"name\":\"ipsec0\",\"what\":\"$1\",\"seconds\":60}"; }
# rekeyed WHAT COMMAND...: the command replaces the CHILD_SA
rekeyed() {
  spis=$(our_spis)
  check "$1" "${@:2}"
  check "$1: other SAs are in place" until_true 20 renewed
  check "$1: traffic passes" reaches
}
tcp() { serve_tcp "$ns_s" && within "$ns_o" iperf3 -c 10.0.0.2 -t 2; }
# short_list PEER: with peer_initiate, peer_down, peer_rekey_child, peer_rekey_ike; ipsecifd runs, and the peer knows both ways
short_list() {
  local way
  for way in secret certificate; do
    heading "$1, by $way: we initiate"
    check "the peer's configuration" peer_load $way
    ours_by $way start
    [ -z "$started" ] || mark
    check "ours" start_or_reload
    check "the tunnel comes up" until_true 40 active
    check "traffic passes" reaches
    if [ $way = secret ]; then
      check "TCP for 2 s" tcp
      rekeyed "the peer rekeys the CHILD_SA" peer_rekey_child
      check "the peer rekeys the IKE_SA" peer_rekey_ike
      check "which is replaced" until_true 20 logged 'IKE_SA .* replaces'
      check "traffic passes" reaches
      rekeyed "the peer rekeys the CHILD_SA again" peer_rekey_child
    else
      rekeyed "we rekey the CHILD_SA" we_rekey child
      check "we rekey the IKE_SA" we_rekey ike
      check "traffic passes" reaches
      rekeyed "we rekey the CHILD_SA again" we_rekey child
    fi
    heading "$1, by $way: the peer initiates"
    ours_by $way add
    check "ours" reload
    check "the peer ends all" peer_down
    check "which is so here too" until_true 20 no_spis
    check "it initiates" peer_initiate
    check "the tunnel comes up" until_true 20 active
    check "traffic passes" reaches
    check "the peer ends all" peer_down
    check "which is so here too" until_true 20 no_spis
  done
}
started=
start_or_reload() { if [ -z "$started" ]; then start_ours && started=yes; else reload; fi; }

# strongSwan
cp_strongswan() { mkdir -p "$work"/swanctl/{x509,x509ca,private} && cp "$work/pki/s1.crt" "$work/swanctl/x509/s1.pem" &&
  cp "$work/pki/s1.key" "$work/swanctl/private/s1.pem" && cp "$work/pki/root.crt" "$work/swanctl/x509ca/root.pem"; }
peer_load() {
  no_connections
  local words=(local_ts=10.0.0.2/32 remote_ts=10.0.0.1/32 esp=aes128gcm16-x25519-esn-noesn lines='dpd_delay = 2s')
  if [ "$1" = secret ]; then
    secret peer o.example.org s.example.org "a secret of the two ends"
    connection peer "${words[@]}"
  else
    connection peer "${words[@]}" local=$'auth = pubkey\ncerts = s1.pem\nid = s.example.org' remote=$'auth = pubkey\nid = o.example.org'
  fi
  load_connections
}
peer_initiate() { swanctl --initiate --child peer --timeout 30; }
peer_down() { swanctl --terminate --ike peer; }
peer_rekey_child() { swanctl --rekey --child peer; }
peer_rekey_ike() { swanctl --rekey --ike peer; }
check "certificates for strongSwan" cp_strongswan
check "strongSwan starts" start_strongswan 'retransmit_timeout = 0.5' 'retransmit_tries = 3'
short_list strongSwan
heading "strongSwan, ESP in UDP, and a dead peer"
ours_by secret start encap=udp
check "the peer's configuration" peer_load secret
check "ours, encap=udp" reload
check "the tunnel comes up" until_true 40 active
check "in UDP" logged 'CHILD_SA .* established, .*in UDP'
check "traffic passes" reaches
kill -9 "$pid_o"
check "strongSwan notices that we died" until_true 40 charon_logged 'giving up after 3 retransmits'
check "strongSwan stops" stop_strongswan
[ "$failed" = 0 ] || tail -n 80 "$work/o.log" "$work/charon.log"
summary kernel-ike
