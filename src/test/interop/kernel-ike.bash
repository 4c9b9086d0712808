# shellcheck shell=bash
# IKEv2 against peers whose ESP is the kernel's, a short list that is the same for each of them: with a pre-shared key and with RSA
# certificates, each end as initiator, rekeying of both kinds by either, ESP raw and in UDP, and our death, which the peer notices.
#
#   namespace o (ours)                          namespace s (the peer)
#   +-------------------------------+           +-------------------------------+
#   | ipsec0 10.0.0.1 -> 10.0.0.2   |  IKE, ESP | lo 10.0.0.2                   |
#   |      vo 203.0.113.1           +-----------+ vs 203.0.113.2                |
#   +-------------------------------+           +-------------------------------+
#
# Sourced after linux/lib.sh by the script of each peer, which has peer_load WAY (the way is secret or certificate), peer_initiate,
# peer_down, peer_rekey_child, peer_rekey_ike and peer_noticed.
. "$(dirname "$0")/kernel.bash"
. "$(dirname "$0")/strongswan.bash"
. "$(dirname "$0")/pki.bash"

IPSECIF_START_SECONDS=900 # an emulated processor

# kernel_peer: the namespaces, and what both ends know; exits with 77 where the kernel has no ESP
kernel_peer() {
  scratch
  two_hosts
  umask 077
  require_kernel_esp "$ns_s" vs
  address "$ns_s" lo 10.0.0.2/32
  ip -n "$ns_s" route add 10.0.0.1/32 dev vs src 10.0.0.2
  echo 'o.example.org s.example.org : PSK "a secret of the two ends"' >"$work/psk"
  check "certificates" certificates
}
certificates() {
  authority root rsa2048 && certificate o1 root rsa2048 DNS:o.example.org && certificate s1 root rsa2048 DNS:s.example.org
}

# ours_by WAY [WORD=VALUE]...
ours_by() {
  local -A words=([secret]="psk_file=$work/psk"
    [certificate]="cert=$work/pki/o1.crt key=$work/pki/o1.key cacert=$work/pki/root.crt revocation=off auth=rsa_pss")
  no_interfaces
  # shellcheck disable=SC2086
  interface 0 local_id=o.example.org remote_id=s.example.org ${words[$1]} ike=aes128gcm16-prfsha256-x25519 \
    esp=aes128gcm16-x25519 "${@:2}"
}
# begin WAY [WORD=VALUE]...: both have it, and nothing of what was before; an attempt that is under way would go on otherwise
begin() {
  no_interfaces
  check "there is nothing of before" nothing
  check "the peer's configuration" peer_load "$1"
  ours_by "$@"
  check "ours" start_or_reload
}
nothing() { [ -z "${pid_o:-}" ] || { reload && until_true 20 no_states; }; }
start_or_reload() { if [ -z "${pid_o:-}" ]; then start_ours; else mark && reload; fi; }
# renewed WHAT COMMAND...: the command replaces the CHILD_SA
renewed() {
  spis=$(our_spis)
  check "$1" "${@:2}"
  check "$1: other SAs are in place" until_true 20 replaced "$spis"
  check "$1: traffic passes" reaches
}
our_rekey_child() { rpc o ike.rekey '{"name":"ipsec0","what":"child","seconds":60}'; }
our_rekey_ike() { rpc o ike.rekey '{"name":"ipsec0","what":"ike","seconds":60}'; }
rekeyings() { # our|peer WHO
  renewed "$2 rekeys the CHILD_SA" "$1_rekey_child"
  mark
  check "$2 rekeys the IKE_SA" "$1_rekey_ike"
  check "which is replaced" until_true 20 logged 'IKE_SA .* replaces'
  check "traffic passes" reaches
  renewed "$2 rekeys the CHILD_SA again" "$1_rekey_child"
}
tcp() { serve_tcp "$ns_s" && within "$ns_o" iperf3 -c 10.0.0.2 -t 2; }
we_initiate() { # PEER WAY
  heading "$1, by $2: we initiate"
  begin "$2" start=start
  check "the tunnel comes up" until_true 40 active
  check "with ESN" until_true 5 logged 'CHILD_SA .* established, .*/ESN'
  check "traffic passes" reaches
  check "TCP for 2 s" tcp
  rekeyings peer "the peer"
}
they_initiate() { # PEER WAY
  heading "$1, by $2: the peer initiates"
  begin "$2" start=add
  equal "and waits" "no outbound SA" "$(status)"
  check "it initiates" peer_initiate
  check "the tunnel comes up" until_true 20 active
  check "with ESN" until_true 5 logged 'CHILD_SA .* established, .*/ESN'
  check "traffic passes" reaches
  rekeyings our "our end"
  check "the peer ends all" peer_down
  check "which is so here too" until_true 20 no_spis
}
no_states() { [ -z "$(ip -n "$ns_s" xfrm state)" ]; }
# short_list PEER
short_list() {
  local way
  for way in secret certificate; do
    we_initiate "$1" $way
    they_initiate "$1" $way
  done
  heading "$1: ESP in UDP, and a dead peer"
  begin secret start=start encap=udp
  check "the tunnel comes up" until_true 40 active
  check "in UDP" until_true 5 logged 'CHILD_SA .* established, .*in UDP'
  check "the kernel's too" their_udp
  check "traffic passes" reaches
  kill -9 "$pid_o"
  check "we die, and the peer notices" until_true 60 peer_noticed
  check "and has no SAs any more" until_true 20 no_states
}
their_udp() { [ "$(ip -n "$ns_s" xfrm state | grep -c 'encap type espinudp sport 4500 dport 4500')" = 2 ]; }
