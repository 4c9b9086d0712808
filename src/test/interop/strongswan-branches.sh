#!/usr/bin/env bash
# Branches that are strongSwan: interfaces of ours come into being with them, known by their certificates, and inner addresses are
# assigned to them (vips in swanctl.conf). The drawing is in strongswan.bash; all branches are the one charon, at 203.0.113.2.
. "$(dirname "$0")/../../../linux/lib.sh"
. "$(dirname "$0")/strongswan.bash"
. "$(dirname "$0")/pki.bash"
as_root_or_userns "$@"
need_strongswan
need openssl openssl nsenter util-linux
scratch
two_hosts
umask 077

heading "Certificates"
make_certificates() {
  authority root P-256 && authority other P-256 && certificate o root P-256 DNS:center.example.org &&
    certificate s1 root P-256 && certificate s2 root P-256 DNS:s2.branches.example.org && certificate s3 other P-256 &&
    private_key s4 P-256 && issue s4 root /C=DE/O=Elsewhere/CN=s4 30 basicConstraints=CA:FALSE
}
check "of the center and four branches" make_certificates
check "strongSwan starts" start_strongswan
# What it is about to be assigned is on its TUN device already: else kernel-libipsec finds no source for its routes.
for each in 10.9.1.7 10.9.0.7; do ip -n "$ns_s" address add $each/32 dev ipsec0; done
cp "$work/pki/root.crt" "$work/swanctl/x509ca/root.pem"
no_connections
# branch NAME ID [WORD=VALUE]...: a connection of strongSwan's
branch() {
  cp "$work/pki/$1.crt" "$work/swanctl/x509/$1.pem" && cp "$work/pki/$1.key" "$work/swanctl/private/$1.pem"
  connection "$1" local_ts=dynamic remote_ts=10.0.0.0/24 "lines=vips = 0.0.0.0" local="auth = pubkey
    certs = $1.pem
    id = $2" remote="auth = pubkey
    id = center.example.org" "${@:3}"
}
branch s1 "C=DE, O=Example, CN=s1"
branch s2 s2.branches.example.org
branch s3 "C=DE, O=Example, CN=s3"
branch s4 "C=DE, O=Elsewhere, CN=s4"
check "strongSwan's configuration" load_connections
: >"$work/rc.conf"
echo "s2.branches.example.org : 10.9.0.7" >"$work/reserved"
kind() { # NAME REMOTE-ID POOL
  cat <<END
[dynamic $1%d]
tunnel = 203.0.113.1 any
inner = 10.0.0.1/32
local_id = center.example.org
remote_id = $2
cert = pki/o.crt
key = pki/o.key
cacert = pki/root.crt
ike = aes128gcm16-prfsha256-x25519
esp = aes128gcm16-x25519-noesn
pool = $3
pool_file = reserved
END
}
{ kind named '*.branches.example.org' 10.9.0.0/24 && kind branch 'C=DE, O=Example, CN=*' 10.9.1.7/32; } >"$work/ipsecif.conf"
check "the center starts" daemon o "$ns_o" --rc-conf "$work/rc.conf" --conf "$work/ipsecif.conf"
interfaces() { rpc o interface.list | jq -r '[.result[] | select(.status == "active") | .name] | join(" ")'; }
vip() { swanctl --list-sas --raw --ike "$1" | sed -nE 's/.*local-vips=\[([0-9.]+)\].*/\1/p'; }
selectors() { swanctl --list-sas --raw --ike "$1" | sed -nE 's/.*local-ts=\[([^]]*)\].*/\1/p'; }
initiate() { swanctl --initiate --child "$1" --timeout 10; }
refused() { ! initiate "$1"; }

heading "Branches come"
check "one with a distinguished name" initiate s1
equal "has an interface" branch0 "$(interfaces)"
first=10.9.1.7
equal "and an address of the pool" $first "$(vip s1)"
equal "which is what it selects" "$first/32" "$(selectors s1)"
check "the center reaches it" pings "$ns_o" "$first"
check "it reaches the center" pings "$ns_s" 10.0.0.1 -I $first
check "one with a host name" initiate s2
equal "has another" "branch0 named0" "$(interfaces)"
equal "and its own address" 10.9.0.7 "$(vip s2)"
check "the center reaches it" pings "$ns_o" 10.9.0.7
check "and the first" pings "$ns_o" "$first"

heading "Others do not"
check "one of another authority" refused s3
check "is refused" until_true 5 logged 'no trust anchor|not issued|unknown authority|IKE_SA with 203.0.113.2 failed'
mark
check "one of another name" refused s4
check "is nobody we know" until_true 5 logged 'which is nobody we know'
equal "no more interfaces" "branch0 named0" "$(interfaces)"

heading "Rekeying and coming again"
check "strongSwan rekeys the IKE SA" swanctl --rekey --ike s1
check "the center reaches it" pings "$ns_o" "$first"
check "strongSwan authenticates again" swanctl --rekey --ike s1 --reauth
check "and has the same address" until_true 10 eval '[ "$(vip s1)" = "$first" ]'
check "the center reaches it" until_true 5 pings "$ns_o" "$first"
check "the branch goes" swanctl --terminate --ike s1
check "and comes again" initiate s1
equal "with the same address" "$first" "$(vip s1)"
equal "and interface" "branch0 named0" "$(interfaces)"
on_failure
check "the center stops" stop o
check "strongSwan stops" stop_strongswan
summary strongswan-branches
