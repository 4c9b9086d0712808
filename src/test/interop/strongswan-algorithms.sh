#!/usr/bin/env bash
# Every algorithm that strongSwan has too, for IKE and for ESP: a tunnel for each row of the table that is made below, all at once. The
# drawing is in strongswan.bash; strongSwan has the addresses 203.0.113.1NN besides, so that each tunnel has a connection of its own.
# StrongswanAlgorithmsTest holds the lists to what ipsecif has.
. "$(dirname "$0")/../../../linux/lib.sh"
. "$(dirname "$0")/strongswan.bash"
as_root_or_userns "$@"
need_strongswan
scratch
two_hosts
umask 077
echo "a secret of the two ends, long enough" >"$work/psk"

groups=(x25519 x448 ecp256 ecp384 ecp521 modp2048 modp3072 modp4096 ecp224bp ecp256bp ecp384bp ecp512bp)
prfs=(prfsha256 prfsha384 prfsha512 prfaesxcbc prfaescmac prfsha1)
macs=(sha256 sha384 sha512 aesxcbc aescmac sha1)
ciphers=(aes128 aes192 aes256)
combined=(aes128gcm16 aes192gcm16 aes256gcm16 aes128gcm12 aes192gcm12 aes256gcm12 aes128gcm8 aes192gcm8 aes256gcm8
  aes128ccm16 aes192ccm16 aes256ccm16 aes128ccm12 aes192ccm12 aes256ccm12 aes128ccm8 aes192ccm8 aes256ccm8 chacha20poly1305)
esp_ciphers=(aes128ctr aes192ctr aes256ctr camellia128 camellia192 camellia256 3des null)
# Not there, or not in kernel-libipsec: its AES-GMAC does not work, and ML-KEM came with strongSwan 6.
lacking=(aes128gmac aes192gmac aes256gmac mlkem512 mlkem768 mlkem1024)

ike=()
esp=()
# next WHAT: the next of a list, which begins again after its end
declare -A turn
next() {
  local -n list=$1
  word=${list[${turn[$1]:-0} % ${#list[@]}]}
  turn[$1]=$((${turn[$1]:-0} + 1))
}
for mac in "${macs[@]}"; do
  next ciphers
  both=$word-$mac
  next prfs
  row=$both-$word
  next groups
  ike+=("$row-$word")
  esp+=("$both-$word-noesn")
done
for cipher in "${combined[@]}"; do
  next prfs
  row=$cipher-$word
  next groups
  ike+=("$row-$word")
  esp+=("$cipher-$word-noesn")
done
for cipher in "${esp_ciphers[@]}"; do
  next groups
  esp+=("$cipher-sha256-$word-noesn")
done

no_interfaces
no_connections
for ((n = 1; n <= ${#esp[@]}; n++)); do
  row=${ike[(n - 1) % ${#ike[@]}]}
  there=203.0.113.$((100 + n))
  ip -n "$ns_s" address add $there/24 dev vs
  interface $n "there=$there" "local_id=o$n.example.org" "remote_id=s$n.example.org" "psk_file=$work/psk" "ike=$row" "esp=${esp[n - 1]}"
  secret $n o$n.example.org s$n.example.org "$(cat "$work/psk")"
  connection t$n "local_addrs=$there" "proposals=$row" "esp=${esp[n - 1]}" local_ts=10.0.$n.2/32 remote_ts=10.0.$n.1/32 \
    local="auth = psk
    id = s$n.example.org" remote="auth = psk
    id = o$n.example.org"
done
count=${#esp[@]}
# all_reach: pings through all tunnels at once
all_reach() {
  local n pings=()
  for ((n = 1; n <= count; n++)); do
    "${in_o[@]}" ping -q -c 3 -i 0.2 -W 3 10.0.$n.2 >"$work/pings.$n" 2>&1 &
    pings[n]=$!
  done
  for ((n = 1; n <= count; n++)); do
    check "$n: $1: IKE ${ike[(n - 1) % ${#ike[@]}]}, ESP ${esp[n - 1]}" wait "${pings[n]}"
  done
}
their_addresses() { for ((n = 1; n <= count; n++)); do strongswan_inner $n; done; }
rekey_all() { for ((n = 1; n <= count; n++)); do swanctl --rekey "--$1" t$n >/dev/null || return; done; }
rekeyed() { [ "$(grep -c "$1" "$work/o.log")" -ge "$2" ]; }

heading "$count tunnels"
check "strongSwan starts" start_strongswan
check "its configuration" load_connections
check "the inner addresses" their_addresses
check "ipsecifd starts" start_ours
check "all come up" until_true 30 all_active "$count"
all_reach "traffic passes"
check "strongSwan rekeys all CHILD_SAs" rekey_all child
check "which are replaced" until_true 30 rekeyed 'CHILD_SA .* established' $((2 * count))
check "strongSwan rekeys all IKE_SAs" rekey_all ike
check "which are replaced" until_true 30 rekeyed 'IKE_SA .* replaces' "$count"
all_reach "after rekeying"
check "ipsecifd stops" stop o
on_failure 100
summary strongswan-algorithms
