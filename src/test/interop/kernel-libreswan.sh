#!/usr/bin/env bash
# IKEv2 against libreswan, whose ESP is the kernel's: the list of kernel-ike.bash. Needs a kernel with ESP; says so and exits with 77
# where there is none.
. "$(dirname "$0")/../../../linux/lib.sh"
. "$(dirname "$0")/kernel-ike.bash"
. "$(dirname "$0")/libreswan.bash"
as_root_or_userns "$@"
need ip iproute2 jq jq ping iputils-ping perl perl-base iperf3 iperf3 sysctl procps openssl openssl
need_libreswan
kernel_peer

connection_of() { # NAME LINE...
  printf 'conn %s\n' "$1"
  printf '  %s\n' ikev2=insist left=203.0.113.2 leftid=@s.example.org leftsubnet=10.0.0.2/32 right=203.0.113.1 \
    rightid=@o.example.org rightsubnet=10.0.0.1/32 narrowing=yes ike=aes_gcm128-sha2_256-dh31 esp=aes_gcm128-null-dh31 pfs=yes \
    leftupdown=%disabled auto=ignore dpddelay=2 dpdaction=clear retransmit-timeout=10s "${@:2}"
}
{
  printf 'config setup\n  uniqueids=yes\n'
  connection_of secret authby=secret
  connection_of certificate authby=rsa-sha2 leftcert=s1 leftsendcert=always
} >"$work/ipsec.conf"
echo '@s.example.org @o.example.org : PSK "a secret of the two ends"' >"$work/ipsec.secrets"

# One of them at a time
peer_load() {
  [ -z "${loaded:-}" ] || whack --delete --name "$loaded"
  loaded=$1
  load_libreswan "$1"
}
peer_initiate() { whack --initiate --name "$loaded"; }
peer_down() { whack --terminate --name "$loaded"; }
peer_rekey_child() { whack --rekey-ipsec --name "$loaded"; }
peer_rekey_ike() { whack --rekey-ike --name "$loaded"; }
peer_noticed() { pluto_logged 'STATE_V2_ESTABLISHED_IKE_SA: [0-9]+ second timeout exceeded after'; }
check "libreswan starts" start_libreswan
short_list libreswan
check "libreswan stops" stop_libreswan
[ "$failed" = 0 ] || tail -n 120 "$work/o.log" "$work/pluto.log"
summary kernel-libreswan
