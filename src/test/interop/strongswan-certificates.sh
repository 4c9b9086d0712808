#!/usr/bin/env bash
# IKEv2 with certificates against strongSwan: every kind of key that both have, a tunnel for each, which either initiates; identities of
# every type; chains in fragments over a path of 1,280 bytes; and who must be refused, by both. The drawing is in strongswan.bash;
# strongSwan has the addresses 203.0.113.1NN and 2001:db8::2 besides, so that each tunnel has a connection of its own.
. "$(dirname "$0")/../../../linux/lib.sh"
. "$(dirname "$0")/strongswan.bash"
. "$(dirname "$0")/pki.bash"
as_root_or_userns "$@"
need_strongswan
need openssl openssl nsenter util-linux
scratch
two_hosts
umask 077
for each in "$ns_o vo" "$ns_s vs"; do ip -n ${each% *} link set "${each#* }" mtu 1280; done # the least that IPv6 has
within "$ns_o" sysctl -qw net.ipv6.conf.vo.disable_ipv6=0
address "$ns_o" vo 2001:db8::1/64
address "$ns_s" vs 2001:db8::2/64

# Who issues: the root, which both trust, an authority below it, and one that nobody trusts.
crl="crlDistributionPoints=URI:http://203.0.113.2/inter.crl"
make_authorities() {
  authority root P-384 && authority inter rsa4096 root && authority other P-256
}
check "authorities" make_authorities
check "a server of their CRLs" serve_http "$ns_s"

# The tunnels: N, kind of our key, of theirs, our identity, theirs (- for the outer addresses), strongSwan's way to sign.
tunnels=(
  "1 rsa2048 rsa2048 o1.example.org         s1.example.org         rsa-sha256"
  "2 rsa2048 rsa2048 o2@example.org         s2@example.org         rsa/pss-sha256"
  "3 P-256   P-256   C=DE,O=Example,CN=o3   C=DE,O=Example,CN=s3   ecdsa-sha256"
  "4 P-384   P-384   -                      -                      ecdsa-sha384"
  "5 P-521   P-521   o5.example.org         s5.example.org         ecdsa-sha512"
  "6 ed25519 ed25519 o6@example.org         s6.example.org         ed25519"
  "7 ed448   ed448   o7.example.org         C=DE,O=Example,CN=s7   ed448"
  "8 rsa3072 rsa3072 -                      -                      rsa-sha512"
  "9 P-256   rsa2048 o9.example.org         s9@example.org         rsa/pss-sha512"
)
# alternative IDENTITY ADDRESS: its subjectAltName; none is needed for a distinguished name
alternative() {
  case $1 in
    -) printf 'IP:%s' "$2" ;;
    *=*) ;;
    *@*) printf 'email:%s' "$1" ;;
    *) printf 'DNS:%s' "$1" ;;
  esac
}
here() { if [ "$1" = 8 ]; then echo 2001:db8::1; else echo 203.0.113.1; fi; }
there() { if [ "$1" = 8 ]; then echo 2001:db8::2; else printf '203.0.113.%d\n' $((100 + $1)); fi; }
# their_files NAME: strongSwan has the certificate and its key
their_files() {
  cp "$work/pki/$1.crt" "$work/swanctl/x509/$1.pem" && cp "$work/pki/$1.key" "$work/swanctl/private/$1.pem"
}
# tunnel_to N OURS THEIRS OUR-ID THEIR-ID SIGNS [WORD=VALUE]...: with the certificates OURS and THEIRS; more words for us
tunnel_to() {
  local n=$1 own=$2 their=$3 own_id=$4 their_id=$5 signs=$6 ids=()
  shift 6
  [ "$own_id" = - ] || ids+=("local_id=$own_id")
  [ "$their_id" = - ] || ids+=("remote_id=$their_id")
  [ "$own_id" != - ] || own_id=$(here "$n")
  [ "$their_id" != - ] || their_id=$(there "$n")
  interface "$n" "here=$(here "$n")" "there=$(there "$n")" "${ids[@]}" "cert=pki/$own.crt,pki/inter.crt" "key=pki/$own.key" \
    cacert=pki/root.crt ike=aes128gcm16-prfsha256-x25519 esp=aes128gcm16-x25519 start=add "$@"
  their_files "$their"
  connection "t$n" "local_addrs=$(there "$n")" "remote_addrs=$(here "$n")" "local_ts=10.0.$n.2/32" "remote_ts=10.0.$n.1/32" \
    local="auth = ike:${signs:-pubkey}
    certs = $their.pem
    id = $their_id" remote="auth = pubkey
    id = $own_id
    revocation = ${their_revocation:-relaxed}"
  strongswan_inner "$n"
  case $(there "$n") in
    *.*) ip -n "$ns_s" address replace "$(there "$n")/24" dev vs ;;
  esac
}

heading "Certificates"
make_certificates() {
  local n own their own_id their_id signs
  for each in "${tunnels[@]}"; do
    read -r n own their own_id their_id signs <<<"$each"
    certificate "o$n" inter "$own" "$(alternative "$own_id" "$(here "$n")")" 30 "$crl" &&
      certificate "s$n" inter "$their" "$(alternative "$their_id" "$(there "$n")")" 30 "$crl" || return
  done
}
check "18, of all kinds" make_certificates
make_more() {
  local name
  for name in o10 o21 o22 s10 s11 s14 s15 s16; do
    certificate $name inter P-256 DNS:$name.example.org "$([ $name = s14 ] && echo 0 || echo 30)" ${crl_of[$name]-"$crl"} || return
  done
  certificate s12 inter P-256 DNS:s12.example.org 30 "authorityInfoAccess=OCSP;URI:http://203.0.113.2:8080" &&
    certificate s13 other P-256 DNS:s13.example.org && revoke o21 inter && revoke s11 inter && revoke s12 inter && revocations inter
}
declare -A crl_of=([s15]="")
check "others, some of them revoked or expired" make_more
check "an OCSP responder" serve_ocsp "$ns_s" inter 8080
check "a chain of 2,000 bytes and more" [ "$(cat "$work/pki/o8.der" "$work/pki/inter.der" | wc -c)" -ge 2000 ]
check "strongSwan starts" start_strongswan 'plugins { revocation { enable_ocsp = yes } }'
cp "$work/pki/root.crt" "$work/swanctl/x509ca/root.pem"
cp "$work/pki/inter.crt" "$work/swanctl/x509ca/inter.pem"
no_interfaces
no_connections
configure_tunnels() { # START
  local n own their own_id their_id signs more
  no_interfaces
  no_connections
  for each in "${tunnels[@]}"; do
    read -r n own their own_id their_id signs <<<"$each"
    more=()
    [ "$n" != 2 ] || more+=(auth=rsa_pss)
    tunnel_to "$n" "o$n" "s$n" "$own_id" "$their_id" "$signs" "start=$1" "${more[@]}"
  done
  load_connections
}
# all_reach: through each tunnel
all_reach() {
  local n rest result=0
  for each in "${tunnels[@]}"; do
    read -r n rest <<<"$each"
    check "$n: traffic passes, $(echo $rest)" reaches "$n"
  done
}
# signed N SCHEME: strongSwan has verified our signature of this scheme, and we its
signed_by_us() { until_true 5 charon_logged "authentication of '$1' with $2 successful"; }
fragmented() { ! within "$ns_o" grep -q '^Ip6FragCreates[[:space:]]*[1-9]' /proc/net/snmp6 && charon_logged 'received fragment #2 of'; }

heading "We initiate"
check "strongSwan's configuration" configure_tunnels start
check "ipsecifd starts" start_ours
check "all come up" until_true 20 all_active ${#tunnels[@]}
all_reach
for each in "o1.example.org RSA_EMSA_PKCS1_SHA2_256" "o2@example.org RSA_EMSA_PSS_SHA2_256_SALT_32" "C=DE, O=Example, CN=o3 ECDSA_WITH_SHA256_DER" \
  "203.0.113.1 ECDSA_WITH_SHA384_DER" "o5.example.org ECDSA_WITH_SHA512_DER" "o6@example.org ED25519" "o7.example.org ED448"; do
  check "strongSwan takes our signature: $each" signed_by_us "${each% *}" "${each##* }"
done
for each in "CN=s1, RSA_PKCS1_SHA2_256" "CN=s2, RSASSA_PSS_SHA2_256" "CN=s3, ECDSA_SHA2_256" "CN=s4, ECDSA_SHA2_384" \
  "CN=s5, ECDSA_SHA2_512" "CN=s6, ED25519" "CN=s7, ED448" "CN=s8, RSA_PKCS1_SHA2_512" "CN=s9, RSASSA_PSS_SHA2_512"; do
  check "and we its: ${each##* }" until_true 5 logged "peer has the certificate of .*${each% *}.* and signed with ${each##* }"
done
check "the chain went in IKE's fragments, none of IP's" fragmented
check "CRLs were asked for by both" [ "$(grep -c 'GET /inter.crl' "$work/http.log")" -ge 2 ]

heading "strongSwan initiates"
check "its configuration" configure_tunnels add
check "ours" reload
terminate_all() {
  for each in "${tunnels[@]}"; do swanctl --terminate --ike "t${each%% *}" || return; done
}
check "strongSwan deletes all" terminate_all
check "which are gone here too" until_true 10 all_active 0
for each in "${tunnels[@]}"; do check "${each%% *}: strongSwan initiates" swanctl --initiate --child "t${each%% *}" --timeout 10; done
check "all are up" until_true 10 all_active ${#tunnels[@]}
all_reach

heading "Who is refused"
# What they have, and why it is not taken: by us of strongSwan's, ...
refused_by_us=(
  "11 s11 CN=s11 was revoked on .*"
  "12 s12 CN=s12 was revoked on .*"
  "13 s13 no trusted CA stands behind the certificate of .*CN=s13: its issuer .*CN=CA other is not among the CA certificates"
  "14 s14 the certificate of .*CN=s14 expired on"
  "15 s15 whether the certificate of .*CN=s15 was revoked is not known: it names no OCSP responder; there is no CRL file"
  "16 s16 peer refused IKE_AUTH with AUTHENTICATION_FAILED" # for it is not whom we want
)
# ... and by strongSwan of ours: certificate, identity.
refused_by_them=(
  "21 o21 o21.example.org certificate was revoked on"
  "22 o22 lie.example.org no trusted ECDSA public key found for 'lie.example.org'"
)
configure_refusals() {
  local n name id more why
  no_interfaces
  no_connections
  for each in "${refused_by_us[@]}"; do
    read -r n name why <<<"$each"
    more=()
    [ "$n" != 15 ] || more+=(revocation=strict)
    [ "$n" != 16 ] || more+=(remote_id=another.example.org)
    tunnel_to "$n" o10 "$name" o10.example.org "$name.example.org" "" start=start "${more[@]}"
  done
  for each in "${refused_by_them[@]}"; do
    read -r n name id why <<<"$each"
    tunnel_to "$n" "$name" s10 "$id" s10.example.org "" start=start
  done
  load_connections
}
check "strongSwan's configuration" configure_refusals
check "ours" reload
for each in "${refused_by_us[@]}"; do
  read -r n name why <<<"$each"
  check "$n: refused, and why: $why" until_true 10 logged "WARN ipsec$n: IKE_SA with .* failed: .*$why"
done
for each in "${refused_by_them[@]}"; do
  read -r n name id why <<<"$each"
  check "$n: refused by strongSwan: $why" until_true 10 charon_logged "$why"
  check "$n: and that is told" until_true 10 logged "WARN ipsec$n: IKE_SA with .* failed: peer refused IKE_AUTH with AUTHENTICATION_FAILED"
done
check "22: we have known it" until_true 5 logged "WARN ipsec22: our certificate of .*CN=o22, DNS o22.example.org is not one of local_id lie.example.org"
mark
for each in "${refused_by_us[@]}"; do
  read -r n name why <<<"$each"
  # That strongSwan has no such peer is said before anything is verified.
  [ "$n" != 16 ] || why="peer says it is s16.example.org, which is nobody we know at 203.0.113.116"
  refute "$n: strongSwan initiates, and is refused" swanctl --initiate --child "t$n" --timeout 5
  check "$n: which is said: $why" until_true 10 logged "WARN ipsec$n: IKE_SA with .* failed: .*$why"
done
equal "there are no SAs" "[]" "$(rpc o sa.list | jq -c .result)"
check "the OCSP responder was asked" grep -q 'OCSP Request Data' "$work/ocsp.log"

heading "A peer that does not know RFC 7427's signatures"
old_ways() {
  local n own their own_id their_id signs
  no_interfaces
  no_connections
  for each in "${tunnels[@]:0:5}"; do
    read -r n own their own_id their_id signs <<<"$each"
    [ "$n" = 2 ] || tunnel_to "$n" "o$n" "s$n" "$own_id" "$their_id" "" start=start
  done
  load_connections
}
check "strongSwan stops" stop_strongswan
check "and starts without them" start_strongswan 'signature_authentication = no'
check "its configuration" old_ways
check "ours" reload
for each in 3 4 5; do
  check "$each: ECDSA in RFC 4754's way" until_true 20 active "$each"
  check "$each: traffic passes" reaches "$each"
done
check "strongSwan says so" until_true 5 charon_logged 'authentication of .* with ECDSA-521 signature successful'
check "1: an RSA signature with SHA-1 is refused" until_true 10 logged 'WARN ipsec1: IKE_SA with .* failed: .*SHA1?'
check "ipsecifd stops" stop o
on_failure 200
summary strongswan-certificates
