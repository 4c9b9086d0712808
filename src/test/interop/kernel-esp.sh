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
# are replaced for each algorithm, with and without ESN, those with ESN beginning shortly before 2^32; then datagrams of all sizes
# cross, both ways, IPv4 and IPv6. What is too long for MTU 1500 goes in inner fragments, over MTU 9500 in one piece; at the end in
# outer fragments too. IPSECIF_STREAM is the length of the longest stream (20,000); IPSECIF_ROWS, a pattern of names, limits the
# algorithms. Needs a kernel with esp4, esp6 and xfrm interfaces; says so and exits with 77 where there is none.
. "$(dirname "$0")/../../../linux/lib.sh"
. "$(dirname "$0")/kernel.bash"
as_root_or_userns "$@"
need ip iproute2 jq jq perl perl-base sysctl procps
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
# Nobody sends but who is told to: a router solicitation would be counted too.
for each in "$ns_o" "$ns_k"; do within "$each" sysctl -qw net.ipv6.conf.default.router_solicitations=0; done

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
  rows+=("$1|$2|$3|" "$1 ESN|$2 -f esn|$3|esn")
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
  aead AES-GCM-$icv aes-gcm-$icv 'rfc4106(gcm(aes))' $((8 * icv)) "$salt" 128 192 256
  aead AES-CCM-$icv aes-ccm-$icv 'rfc4309(ccm(aes))' $((8 * icv)) "${salt%??}" 128 192 256
done
aead AES-GMAC aes-gmac 'rfc4543(gcm(aes))' 128 "$salt" 128 192 256
aead ChaCha20-Poly1305 chacha20-poly1305 'rfc7539esp(chacha20,poly1305)' 128 $salt 256

all=("${rows[@]}")
rows=()
for each in "${all[@]}"; do
  # shellcheck disable=SC2053 # a pattern
  if [[ ${each%%|*} = ${IPSECIF_ROWS:-*} ]]; then rows+=("$each"); fi
done
[ "${#rows[@]}" -gt 0 ] || die "no algorithm is called $IPSECIF_ROWS"

# A row's SAs. Those with ESN have sent and received all but the last few numbers of the first 2^32. SPIs tell their step, which
# counts the replacements of SAs, and the tunnel.
last=4294967280
out_spi() { spi=$((0x10000 + step * 16 + $1)); }
in_spi() { spi=$((0x20000 + step * 16 + $1)); }
select_row() { # NAME: sets name, setkey and kernel's words
  local each
  for each in "${all[@]}"; do
    [ "${each%%|*}" = "$1" ] || continue
    IFS='|' read -r name setkey kernel esn <<<"$each"
    [ -z "$esn" ] || setkey+=" -seq $last"
    return 0
  done
  die "no row $1"
}
ours_add() { printf 'add %s %s esp %d -u %d -r 128 %s;\n' "$2" "$3" "$spi" "$1" "$setkey"; }
ours_out() { out_spi "$1" && ours_add "$1" "$3" "$4"; }
ours_in() { in_spi "$1" && ours_add "$1" "$4" "$3"; }
ours_delete() {
  out_spi "$1" && printf 'delete %s %s esp %d;\n' "$3" "$4" "$spi"
  in_spi "$1" && printf 'delete %s %s esp %d;\n' "$4" "$3" "$spi"
}
kernel_in() {
  local words="$kernel replay-window 128 flag af-unspec $esn"
  [ -z "$esn" ] || words+=" replay-seq $last"
  out_spi "$1" && kernel_state "$3" "$4" "$spi" "$1" "$2" "$words"
}
kernel_out() {
  local words="$kernel replay-window 128 flag af-unspec $esn"
  [ -z "$esn" ] || words+=" replay-oseq $last"
  in_spi "$1" && kernel_state "$4" "$3" "$spi" "$1" "$2" "$words"
}
kernel_delete() {
  out_spi "$1" && printf 'xfrm state delete dst %s proto esp spi %d\n' "$4" "$spi"
  in_spi "$1" && printf 'xfrm state delete dst %s proto esp spi %d\n' "$3" "$spi"
}
spis() {
  local least=20
  [ -z "$esn" ] || least=4294967296
  out_spi "$1" && printf '%d=%d ' "$spi" "$least"
  in_spi "$1" && printf '%d=%d ' "$spi" "$least"
}
# write_row DIRECTORY N: files for datagrams(1) that replace the SAs of the step before by those of the row selected: each side
# receives with a new SA before the other sends with it. Ours of the step before are removed a step later: there may be packets on
# the way.
step=0
write_row() {
  local prefix=$1/$2 before=$((step - 1)) next=$step
  printf '%s\n' "$name" >"$prefix.name"
  each_tunnel spis >"$prefix.spis"
  if [ "$step" = 0 ]; then return; fi
  each_tunnel kernel_in >"$prefix.receive"
  { each_tunnel ours_in; each_tunnel ours_out; [ "$step" = 1 ] || { step=$((step - 2)) && each_tunnel ours_delete; }; } >"$prefix.ours"
  step=$next
  { each_tunnel kernel_out; step=$before; each_tunnel kernel_delete; } >"$prefix.send"
  step=$next
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

# The first row's SAs are there from the start: states before policies and interfaces, which send as soon as they are up.
select_row "${rows[0]%%|*}"
espinudp "$ns_k"
{ each_tunnel kernel_in; each_tunnel kernel_out; } | kernel_batch "$ns_k" || die "ip xfrm refused $name"
(umask 077 && { each_tunnel ours_in; each_tunnel ours_out; } >"$work/sa")
each_tunnel describe >"$work/rc.conf"
IPSECIF_START_SECONDS=900
daemon ours "$ns_o" --rc-conf "$work/rc.conf" --insecure-manual-aead --legacy-algorithms || die "ipsecifd: $(cat "$work/ours.log")"
each_tunnel kernel_interface | kernel_batch "$ns_k" || die "no policies or interfaces in the kernel"
say "$((${#tunnels[@]} - 1)) tunnels between ipsecifd and the kernel $(uname -r), $((${#rows[@]} / 2)) algorithms with and without ESN; ready after $SECONDS s"

# What an interface sent before its worker ran is no fault of a tunnel's.
at_start=$(our_errors ours)
new_errors() { comm -13 <(sort <<<"$at_start") <(our_errors ours | sort); }

pairs=()
pairs_of() { pairs+=("10.0.$1.1=10.0.$1.2" "2001:db8:$1::1=2001:db8:$1::2"); }
each_tunnel pairs_of
mkdir "$work/rows"
for index in "${!rows[@]}"; do
  select_row "${rows[index]%%|*}"
  write_row "$work/rows" "$index"
  step=$((step + 1))
done
while IFS=$'\t' read -r verdict name lost; do
  equal "$name: all sizes in all tunnels" ok "$verdict${lost:+: $lost}"
  tested+=("$name")
done < <(datagrams rows "$work/ours.sock" "$work/rows" "${pairs[@]}" 2>&1)
equal "all rows were tested" "${#rows[@]}" "${#tested[@]}"
say "after $SECONDS s"

# use_row NAME: its SAs are in place and have carried datagrams
use_row() {
  local directory
  directory=$(mktemp -d "$work/row.XXXX")
  select_row "$1"
  write_row "$directory" 0
  step=$((step + 1))
  datagrams rows "$work/ours.sock" "$directory" "${pairs[@]}"
}
streams() { # COUNT ROW...
  local each
  for each in "${@:2}"; do
    check "$each" use_row "$each"
    check "$each: a stream of $1 to the kernel, none lost, none out of order" datagrams stream "$1" out 10.0.1.1=10.0.1.2
    show_output
    check "$each: a stream of $1 from the kernel" datagrams stream "$1" in 10.0.1.1=10.0.1.2
    show_output
  done
}
streams "${IPSECIF_STREAM:-20000}" "AES-GCM-16-128 ESN"
streams 10000 "AES-CBC-128/HMAC-SHA2-256" "AES-CBC-128/HMAC-SHA2-256 ESN" "Camellia-CBC-256/HMAC-SHA2-256 ESN"
say "after $SECONDS s"

# ESP packets longer than the path: interfaces of MTU 9100 over MTU 1500; DF inside in what we send, not in the kernel's.
outer_fragments() {
  local n wide=() before after
  for n in 1 2 3 4; do
    rpc ours interface.configure "{\"name\":\"ipsec$n\",\"words\":[\"mtu\",\"9100\"]}" &&
      ip -n "$ns_k" link set "xfrm$n" mtu 9100 || return
    wide+=("10.0.$n.1=10.0.$n.2")
  done
  before="$(reassembled "$ns_o") $(reassembled "$ns_k")"
  datagrams --cut sizes "${wide[@]}" || return
  after="$(reassembled "$ns_o") $(reassembled "$ns_k")"
  echo "reassembled by us and by the kernel before: $before, after: $after"
  [ "${after% *}" -gt "${before% *}" ] && [ "${after#* }" -gt "${before#* }" ]
}
reassembled() { within "$1" nstat -asz IpReasmOKs Ip6ReasmOKs | awk 'NR > 1 {n += $2} END {print n}'; }
check "ESP packets of 9,000 bytes and more in outer fragments" outer_fragments
equal "we counted no error" "" "$(new_errors)"
equal "the kernel counted no error" "" "$(xfrm_errors)"

# That the above can fail: the kernel's SAs of the first tunnel get other keys, of which each begins with another byte. (With the
# right key of the ICV and a wrong one of the cipher the kernel would take the garbage's padding for what it says, one time in three.)
step=$((step - 1))
kernel=${kernel//0x??/0xee}
read -ra first <<<"${tunnels[1]}"
{ kernel_delete 1 "${first[@]}"; kernel_in 1 "${first[@]}"; kernel_out 1 "${first[@]}"; } | kernel_batch "$ns_k"
refute "with another key nothing crosses to the kernel" datagrams --wait 2 stream 1 out 10.0.1.1=10.0.1.2
refute "nor from it" datagrams --wait 2 stream 1 in 10.0.1.1=10.0.1.2
equal "we counted why" "ipsec1 inbound_bad_icv 1" "$(new_errors)"
equal "the kernel counted it too" "XfrmInStateProtoError 1" "$(xfrm_errors | tr -s '\t ' ' ')"
if [ "$failed" != 0 ]; then
  our_errors ours
  grep -v ' MTU ' "$work/ours.log"
fi
check "SIGTERM ends the daemon" stop ours
summary kernel-esp
