#!/usr/bin/env bash
# IKEv2 against strongSwan over the kernel's ESP, with ESN: the list of kernel-ike.bash. Needs a kernel with ESP; says so and exits
# with 77 where there is none.
. "$(dirname "$0")/../../../linux/lib.sh"
. "$(dirname "$0")/kernel-ike.bash"
as_root_or_userns "$@"
need_strongswan
need openssl openssl
kernel_peer
strongswan_kernel=kernel-netlink

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
peer_noticed() { charon_logged 'giving up after 3 retransmits'; }
their_certificates() {
  mkdir -p "$work"/swanctl/{x509,x509ca,private} && cp "$work/pki/s1.crt" "$work/swanctl/x509/s1.pem" &&
    cp "$work/pki/s1.key" "$work/swanctl/private/s1.pem" && cp "$work/pki/root.crt" "$work/swanctl/x509ca/root.pem"
}
check "certificates for strongSwan" their_certificates
check "strongSwan starts" start_strongswan 'retransmit_timeout = 0.5' 'retransmit_tries = 3'
short_list strongSwan
check "strongSwan stops" stop_strongswan
on_failure 80
summary kernel-strongswan
