#!/usr/bin/env bash
# ipsecifd against the Linux kernel's own ESP: a peer that nobody of this project wrote.
#
#   namespace o (ours)                                           namespace k (kernel)
#   +-----------------------------+                       +------------------------------+
#   | ipsecN 10.0.N.1 -> 10.0.N.2 |   ESP, raw and UDP    | xfrmN 10.0.N.2/30            |
#   |        2001:db8:N::1/64     |                       |       2001:db8:N::2/64       |
#   |             vo 203.0.113.1  +-----------------------+ vk 203.0.113.2               |
#   |            2001:db8:ff::1   |  MTU 1500, N 1 to 4   | 2001:db8:ff::2               |
#   | ipsecifd                    |                       |                      ip xfrm |
#   |             wo 198.51.100.1 +-----------------------+ wk 198.51.100.2              |
#   |            2001:db8:fe::1   |  MTU 9500, N 5 to 8   | 2001:db8:fe::2               |
#   +-----------------------------+                       +------------------------------+
#
# Of each four tunnels two are raw and two in UDP, two over IPv4 and two over IPv6. Their SAs, manual keys that both sides share,
# are replaced for each algorithm, with and without ESN; then datagrams of all sizes cross all tunnels, both ways, IPv4 and IPv6.
# What is too long for MTU 1500 goes in inner fragments, over MTU 9500 in one piece; at the end in outer fragments too. Needs a
# kernel with esp4, esp6 and xfrm interfaces; says so and exits with 77 where there is none.
. "$(dirname "$0")/../../../linux/lib.sh"
. "$(dirname "$0")/kernel.bash"
as_root_or_userns "$@"
need ip iproute2 jq jq perl perl-base
scratch
netns o
netns k
for each in v w; do veth "$ns_o" "${each}o" "$ns_k" "${each}k"; done
address "$ns_o" vo 203.0.113.1/24 2001:db8:ff::1/64
address "$ns_k" vk 203.0.113.2/24 2001:db8:ff::2/64
ip -n "$ns_o" link set wo mtu 9500
ip -n "$ns_k" link set wk mtu 9500
address "$ns_o" wo 198.51.100.1/24 2001:db8:fe::1/64
address "$ns_k" wk 198.51.100.2/24 2001:db8:fe::2/64
require_kernel_esp "$ns_k" vk

# The tunnels: encapsulation, outer addresses of ours and of the kernel's, the kernel's device.
tunnels=(
  "" # N counts from 1
  "no  203.0.113.1    203.0.113.2    vk" "udp 203.0.113.1    203.0.113.2    vk"
  "no  2001:db8:ff::1 2001:db8:ff::2 vk" "udp 2001:db8:ff::1 2001:db8:ff::2 vk"
  "no  198.51.100.1   198.51.100.2   wk" "udp 198.51.100.1   198.51.100.2   wk"
  "no  2001:db8:fe::1 2001:db8:fe::2 wk" "udp 2001:db8:fe::1 2001:db8:fe::2 wk"
)
# each_tunnel COMMAND...: with N, ENCAP, OURS, THEIRS, DEVICE
each_tunnel() {
  local n words
  for ((n = 1; n < ${#tunnels[@]}; n++)); do
    read -ra words <<<"${tunnels[n]}"
    "$@" "$n" "${words[@]}"
  done
}

# The algorithms, each row: name, setkey's words, ip-xfrm's words.
declare -A key=([128]=$k16 [160]=$k20 [192]=$k24 [256]=$k32 [384]=$k48 [512]=$k64)
rows=()
add_rows() { # NAME SETKEY KERNEL
  rows+=("$1|$2|$3 replay-window 128 flag af-unspec" "$1 ESN|$2 -f esn|$3 replay-window 128 flag af-unspec esn")
}
aead() { # NAME SETKEY KERNEL ICV-BITS SALT KEY-BITS...
  local bits
  for bits in "${@:6}"; do
    add_rows "$1-$bits" "-E $2 0x${key[$bits]}$5" "aead $3 0x${key[$bits]}$5 $4"
  done
}
macs=( # name, setkey's name, the kernel's name, bits of key and ICV
  "HMAC-SHA2-256 hmac-sha2-256 hmac(sha256) 256 128"
  "HMAC-SHA1 hmac-sha1 hmac(sha1) 160 96"
  "HMAC-SHA2-384 hmac-sha2-384 hmac(sha384) 384 192"
  "HMAC-SHA2-512 hmac-sha2-512 hmac(sha512) 512 256"
  "AES-XCBC aes-xcbc-mac xcbc(aes) 128 96"
  "AES-CMAC aes-cmac cmac(aes) 128 96"
)
encrypt_then_mac() { # MAC NAME SETKEY KERNEL
  local mac setkey kernel bits icv
  read -r mac setkey kernel bits icv <<<"$1"
  add_rows "$2/$mac" "-E $3 -A $setkey 0x${key[$bits]}" "auth-trunc $kernel 0x${key[$bits]} $icv enc $4"
}
for bits in 128 192 256; do
  encrypt_then_mac "${macs[0]}" AES-CBC-$bits "aes-cbc 0x${key[$bits]}" "cbc(aes) 0x${key[$bits]}"
  encrypt_then_mac "${macs[0]}" AES-CTR-$bits "aes-ctr 0x${key[$bits]}$salt" "rfc3686(ctr(aes)) 0x${key[$bits]}$salt"
  encrypt_then_mac "${macs[0]}" Camellia-CBC-$bits "camellia-cbc 0x${key[$bits]}" "cbc(camellia) 0x${key[$bits]}"
done
encrypt_then_mac "${macs[0]}" 3DES-CBC "3des-cbc 0x$k24" "cbc(des3_ede) 0x$k24"
for each in "${macs[@]}"; do
  [ "$each" = "${macs[0]}" ] || encrypt_then_mac "$each" AES-CBC-128 "aes-cbc 0x$k16" "cbc(aes) 0x$k16"
  encrypt_then_mac "$each" NULL null 'ecb(cipher_null) ""'
done
for icv in 16 12 8; do
  aead AES-GCM-$icv aes-gcm-$icv 'rfc4106(gcm(aes))' $((8 * icv)) $salt 128 192 256
  aead AES-CCM-$icv aes-ccm-$icv 'rfc4309(ccm(aes))' $((8 * icv)) ${salt%??} 128 192 256
done
aead AES-GMAC aes-gmac 'rfc4543(gcm(aes))' 128 $salt 128 192 256
aead ChaCha20-Poly1305 chacha20-poly1305 'rfc7539esp(chacha20,poly1305)' 128 $salt 256

# SPIs tell row and tunnel.
ours_out() { ours_add "$1" "$3" "$4" $((0x10000 + row * 16 + $1)); }
ours_in() { ours_add "$1" "$4" "$3" $((0x20000 + row * 16 + $1)); }
ours_add() { printf 'add %s %s esp %d -u %d -r 128 %s; ' "$2" "$3" "$4" "$1" "$setkey"; }
ours_delete() { printf 'delete %s %s esp %d; delete %s %s esp %d; ' "$3" "$4" $((0x10000 + before * 16 + $1)) "$4" "$3" $((0x20000 + before * 16 + $1)); }
kernel_in() { kernel_state "$3" "$4" $((0x10000 + row * 16 + $1)) "$1" "$2" "$kernel"; }
kernel_out() { kernel_state "$4" "$3" $((0x20000 + row * 16 + $1)) "$1" "$2" "$kernel"; }
kernel_delete_in() { printf 'xfrm state delete dst %s proto esp spi %d\n' "$4" $((0x10000 + before * 16 + $1)); }
kernel_delete_out() { printf 'xfrm state delete dst %s proto esp spi %d\n' "$3" $((0x20000 + before * 16 + $1)); }
select_row() { IFS='|' read -r name setkey kernel <<<"${rows[$1]}" && row=$1; }
# rekey: each side receives with a new SA before the other sends with it, so that nothing is lost.
rekey() {
  before=$row
  select_row "$1"
  each_tunnel kernel_in | kernel_batch "$ns_k" &&
    our_setkey ours "$(each_tunnel ours_in)$(each_tunnel ours_out)" >/dev/null &&
    { each_tunnel kernel_out; each_tunnel kernel_delete_out; each_tunnel kernel_delete_in; } | kernel_batch "$ns_k" &&
    our_setkey ours "$(each_tunnel ours_delete)" >/dev/null
}

describe() {
  cat <<END
create_args_ipsec$1="reqid $1"
ifconfig_ipsec$1="inet tunnel $3 $4 10.0.$1.1/30 10.0.$1.2 up"
ifconfig_ipsec$1_ipv6="inet6 2001:db8:$1::1/64"
ipsecif_ipsec$1_encap="$2"
ipsecif_ipsec$1_sa_file="$work/sa"
END
}
kernel_interface() {
  # Room for the longest headers and trailers: what its xfrm interface cannot pass on in one piece, the kernel drops at first.
  local mtu=9370
  [ "$5" = wk ] || mtu=1370
  kernel_policies "$3" "$4" "$1"
  cat <<END
link add xfrm$1 type xfrm dev $5 if_id $1
link set xfrm$1 mtu $mtu up
address add 10.0.$1.2/30 dev xfrm$1
address add 2001:db8:$1::2/64 dev xfrm$1 nodad
END
}

# The first row: states before policies and interfaces, which send router solicitations as soon as they are up.
select_row 0
espinudp "$ns_k"
{ each_tunnel kernel_in; each_tunnel kernel_out; } | kernel_batch "$ns_k" || die "ip xfrm refused $name"
(umask 077 && { each_tunnel ours_in; each_tunnel ours_out; } >"$work/sa")
each_tunnel describe >"$work/rc.conf"
IPSECIF_START_SECONDS=300
daemon ours "$ns_o" --rc-conf "$work/rc.conf" --insecure-manual-aead --legacy-algorithms || die "ipsecifd: $(cat "$work/ours.log")"
each_tunnel kernel_interface | kernel_batch "$ns_k" || die "no policies or interfaces in the kernel"
say "$((${#tunnels[@]} - 1)) tunnels between ipsecifd and the kernel $(uname -r), $((${#rows[@]} / 2)) algorithms with and without ESN; ready after $SECONDS s"

pairs=()
pairs_of() { pairs+=("10.0.$1.1=10.0.$1.2" "2001:db8:$1::1=2001:db8:$1::2"); }
each_tunnel pairs_of
# carried: whether each SA of this row carried the datagrams, at least as many packets
carried() {
  [ "$(rpc ours sa.list | jq "[.result[] | select(.packets >= $1)] | length")" = $((2 * (${#tunnels[@]} - 1))) ]
}
exchange() {
  datagrams sizes "${pairs[@]}" >"$work/said" || ! cat "$work/said" || return
  local datagrams
  read -r datagrams _ <"$work/said"
  crossed=$((crossed + datagrams))
  carried $((datagrams / 2 / (${#tunnels[@]} - 1))) || ! echo "not all of it by these SAs"
}
errors() { our_errors ours; xfrm_errors; }
find_row() { local i; for i in "${!rows[@]}"; do [ "${rows[i]%%|*}" != "$1" ] || echo "$i"; done; }
for r in "AES-CBC-128/HMAC-SHA2-256" "AES-CBC-128/HMAC-SHA2-256 ESN" "AES-CTR-128/HMAC-SHA2-256 ESN" "AES-GCM-16-128 ESN" "AES-GCM-16-128" "Camellia-CBC-128/HMAC-SHA2-256 ESN"; do
  i=$(find_row "$r"); [ "$i" = 0 ] || rekey "$i"
  for d in out in; do
    echo "== $r $d"; datagrams --wait 5 stream ${STREAM:-10000} $d 10.0.1.1=10.0.1.2; errors
    within "$ns_o" cat /proc/net/snmp | grep -E '^(Udp|Ip):' | head -4
  done
done
nproc; grep -m1 flags /proc/cpuinfo; grep -E 'name|driver|async' /proc/crypto | paste - - - | grep -E 'authenc|cbc|gcm' 
stop ours
summary esn
