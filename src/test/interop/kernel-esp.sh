#!/usr/bin/env bash
# ipsecifd against the Linux kernel's own ESP: a peer that nobody of this project wrote.
#
#   namespace o (ours)                                      namespace k (kernel)
#   +------------------------------+                +--------------------------------+
#   | ipsecN 10.0.N.1 -> 10.0.N.2  |      ESP       | xfrmN 10.0.N.2/30              |
#   |        2001:db8:N::1/64      |  raw and UDP   |       2001:db8:N::2/64         |
#   | ipsecifd      vo 203.0.113.1 +----------------+ vk 203.0.113.2    ip xfrm      |
#   |               2001:db8:ff::1 |                |    2001:db8:ff::2              |
#   +------------------------------+                +--------------------------------+
#
# One interface for each algorithm, encapsulation and outer family; same manual keys on both sides. Needs a kernel with
# esp4, esp6 and xfrm interfaces; says so and exits with 77 where there is none.
. "$(dirname "$0")/../../../linux/lib.sh"
as_root_or_userns "$@"
need ip iproute2 ping iputils-ping jq jq perl perl-base
scratch
netns o
netns k
veth "$ns_o" vo "$ns_k" vk
address "$ns_o" vo 203.0.113.1/24 2001:db8:ff::1/64
address "$ns_k" vk 203.0.113.2/24 2001:db8:ff::2/64

kernel_has_esp() {
  ip -n "$ns_k" xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x999 mode tunnel \
    auth-trunc 'hmac(sha256)' 0x"$(printf '%064d' 1)" 128 enc ecb\(cipher_null\) '' &&
    ip -n "$ns_k" xfrm state flush &&
    ip -n "$ns_k" link add xfrm-probe type xfrm dev vk if_id 9 && ip -n "$ns_k" link del xfrm-probe
}
kernel_has_esp 2>"$work/probe" || {
  say "skipped: this kernel has no ESP or no xfrm interfaces ($(head -n 1 "$work/probe"))"
  exit 77
}

# The algorithms: name, setkey's words, ip-xfrm's words. Keys are counted out, so that both sides can be read side by side.
# ESN: extended sequence numbers on both sides.
k16=101112131415161718191a1b1c1d1e1f
k20=${k16}20212223
k24=${k20}24252627
k32=${k16}202122232425262728292a2b2c2d2e2f
k48=${k32}303132333435363738393a3b3c3d3e3f
k64=${k48}404142434445464748494a4b4c4d4e4f
salt=a0a1a2a3
salt3=a0a1a2
sha256="auth-trunc hmac(sha256) 0x$k32 128"
cbc="enc cbc(aes) 0x$k16"
algorithms=(
  "AES-CBC-128/HMAC-SHA2-256|-E aes-cbc 0x$k16 -A hmac-sha2-256 0x$k32|$sha256 $cbc"
  "AES-CBC-128/HMAC-SHA2-256 ESN|-E aes-cbc 0x$k16 -A hmac-sha2-256 0x$k32 -f esn|$sha256 $cbc"
  "AES-CBC-192/HMAC-SHA2-384|-E aes-cbc 0x$k24 -A hmac-sha2-384 0x$k48|auth-trunc hmac(sha384) 0x$k48 192 enc cbc(aes) 0x$k24"
  "AES-CBC-256/HMAC-SHA1|-E aes-cbc 0x$k32 -A hmac-sha1 0x$k20|auth-trunc hmac(sha1) 0x$k20 96 enc cbc(aes) 0x$k32"
  "AES-CBC-256/HMAC-SHA2-512 ESN|-E aes-cbc 0x$k32 -A hmac-sha2-512 0x$k64 -f esn|auth-trunc hmac(sha512) 0x$k64 256 enc cbc(aes) 0x$k32"
  "AES-CBC-128/AES-XCBC|-E aes-cbc 0x$k16 -A aes-xcbc-mac 0x$k16|auth-trunc xcbc(aes) 0x$k16 96 $cbc"
  "AES-CBC-128/AES-CMAC|-E aes-cbc 0x$k16 -A aes-cmac 0x$k16|auth-trunc cmac(aes) 0x$k16 96 $cbc"
  "AES-CTR-128/HMAC-SHA2-256|-E aes-ctr 0x$k16$salt -A hmac-sha2-256 0x$k32|$sha256 enc rfc3686(ctr(aes)) 0x$k16$salt"
  "AES-CTR-256/HMAC-SHA2-256 ESN|-E aes-ctr 0x$k32$salt -A hmac-sha2-256 0x$k32 -f esn|$sha256 enc rfc3686(ctr(aes)) 0x$k32$salt"
  "Camellia-CBC-128/HMAC-SHA2-256|-E camellia-cbc 0x$k16 -A hmac-sha2-256 0x$k32|$sha256 enc cbc(camellia) 0x$k16"
  "Camellia-CBC-256/HMAC-SHA2-256|-E camellia-cbc 0x$k32 -A hmac-sha2-256 0x$k32|$sha256 enc cbc(camellia) 0x$k32"
  "3DES-CBC/HMAC-SHA1|-E 3des-cbc 0x$k24 -A hmac-sha1 0x$k20|auth-trunc hmac(sha1) 0x$k20 96 enc cbc(des3_ede) 0x$k24"
  "NULL/HMAC-SHA2-256|-E null -A hmac-sha2-256 0x$k32|$sha256 enc ecb(cipher_null) "
  "AES-GCM-16-128|-E aes-gcm-16 0x$k16$salt|aead rfc4106(gcm(aes)) 0x$k16$salt 128"
  "AES-GCM-16-256 ESN|-E aes-gcm-16 0x$k32$salt -f esn|aead rfc4106(gcm(aes)) 0x$k32$salt 128"
  "AES-GCM-12-192|-E aes-gcm-12 0x$k24$salt|aead rfc4106(gcm(aes)) 0x$k24$salt 96"
  "AES-GCM-8-128 ESN|-E aes-gcm-8 0x$k16$salt -f esn|aead rfc4106(gcm(aes)) 0x$k16$salt 64"
  "AES-CCM-16-128|-E aes-ccm-16 0x$k16$salt3|aead rfc4309(ccm(aes)) 0x$k16$salt3 128"
  "AES-CCM-12-192|-E aes-ccm-12 0x$k24$salt3|aead rfc4309(ccm(aes)) 0x$k24$salt3 96"
  "AES-CCM-8-256 ESN|-E aes-ccm-8 0x$k32$salt3 -f esn|aead rfc4309(ccm(aes)) 0x$k32$salt3 64"
  "ChaCha20-Poly1305|-E chacha20-poly1305 0x$k32$salt|aead rfc7539esp(chacha20,poly1305) 0x$k32$salt 128"
  "ChaCha20-Poly1305 ESN|-E chacha20-poly1305 0x$k32$salt -f esn|aead rfc7539esp(chacha20,poly1305) 0x$k32$salt 128"
  "AES-GMAC-128|-E aes-gmac 0x$k16$salt|aead rfc4543(gcm(aes)) 0x$k16$salt 128"
  "AES-GMAC-256 ESN|-E aes-gmac 0x$k32$salt -f esn|aead rfc4543(gcm(aes)) 0x$k32$salt 128"
)

: >"$work/sa"
chmod 600 "$work/sa"
: >"$work/rc.conf"
kernel_state() { # SRC DST SPI N ENCAP WORDS...
  local encap=()
  [ "$5" = no ] || encap=(encap espinudp 4500 4500 0.0.0.0)
  ip -n "$ns_k" xfrm state add src "$1" dst "$2" proto esp spi "$3" reqid "$4" mode tunnel if_id "$4" \
    replay-window 32 flag "${flags[@]}" "${@:6}" ${encap[@]+"${encap[@]}"}
}
kernel_policies() { # OURS THEIRS N
  local net
  for net in 0.0.0.0/0 ::/0; do
    ip -n "$ns_k" xfrm policy add src "$net" dst "$net" dir out if_id "$3" \
      tmpl src "$2" dst "$1" proto esp reqid "$3" mode tunnel &&
      ip -n "$ns_k" xfrm policy add src "$net" dst "$net" dir in if_id "$3" \
        tmpl src "$1" dst "$2" proto esp reqid "$3" mode tunnel || return
  done
}
# The variable flags holds the flags of the kernel's states.
tunnel() { # N OURS THEIRS ENCAP SETKEY-WORDS KERNEL-WORDS
  local n=$1 ours=$2 theirs=$3 words=()
  local out=$((0x1000 + n)) in=$((0x2000 + n))
  read -ra words <<<"$6"
  [[ $6 != *cipher_null* ]] || words+=("")
  {
    printf 'add %s %s esp %d -u %d -r 128 %s;\n' "$ours" "$theirs" "$out" "$n" "$5"
    printf 'add %s %s esp %d -u %d -r 128 %s;\n' "$theirs" "$ours" "$in" "$n" "$5"
  } >>"$work/sa"
  cat >>"$work/rc.conf" <<END
create_args_ipsec$n="reqid $n"
ifconfig_ipsec$n="inet tunnel $ours $theirs 10.0.$n.1/30 10.0.$n.2 up"
ifconfig_ipsec${n}_ipv6="inet6 2001:db8:$n::1/64"
ipsecif_ipsec${n}_encap="$4"
ipsecif_ipsec${n}_sa_file="$work/sa"
END
  # At 1,400 bytes the kernel loses its first long answer to its own "packet too big" where the outer headers are longest.
  # States before policies before the interface: it sends router solicitations as soon as it is up.
  kernel_state "$ours" "$theirs" "$out" "$n" "$4" "${words[@]}" &&
    kernel_state "$theirs" "$ours" "$in" "$n" "$4" "${words[@]}" &&
    kernel_policies "$ours" "$theirs" "$n" &&
    ip -n "$ns_k" link add "xfrm$n" type xfrm dev vk if_id "$n" && ip -n "$ns_k" link set "xfrm$n" mtu 1370 up &&
    address "$ns_k" "xfrm$n" "10.0.$n.2/30" "2001:db8:$n::2/64"
}

names=()
n=0
for row in "${algorithms[@]}"; do
  IFS='|' read -r name setkey_words kernel_words <<<"$row"
  flags=(af-unspec)
  [[ $name != *ESN ]] || flags+=(esn)
  for encap in no udp; do
    for outer in "203.0.113.1 203.0.113.2" "2001:db8:ff::1 2001:db8:ff::2"; do
      # The first row in all four ways; of the others two suffice.
      [ "$row" = "${algorithms[0]}" ] || [[ "$encap $outer" = "no 203"* ]] || [[ "$encap $outer" = "udp 2001"* ]] || continue
      n=$((n + 1))
      read -r ours theirs <<<"$outer"
      names[n]="$name, encap $encap, outer $([[ $ours = *:* ]] && echo IPv6 || echo IPv4)"
      tunnel "$n" "$ours" "$theirs" "$encap" "$setkey_words" "$kernel_words" || die "ip xfrm refused ${names[n]}"
    done
  done
done

# The kernel takes ESP in UDP only where a socket with the option UDP_ENCAP (100) = UDP_ENCAP_ESPINUDP (2) is bound.
"${in_k[@]}" perl -MSocket=:all -e '
  socket(my $four, PF_INET, SOCK_DGRAM, 17) or die; bind($four, sockaddr_in(4500, INADDR_ANY)) or die "bind: $!";
  socket(my $six, PF_INET6, SOCK_DGRAM, 17) or die; setsockopt($six, 41, 26, pack("i", 1)) or die;
  bind($six, sockaddr_in6(4500, Socket::IN6ADDR_ANY)) or die "bind: $!";
  for ($four, $six) { setsockopt($_, 17, 100, pack("i", 2)) or die "UDP_ENCAP: $!" }
  $| = 1; print "bound\n"; sleep 3600' >"$work/encap" 2>&1 &
daemons+=($!)
until_true 20 grep -q bound "$work/encap" || die "the UDP_ENCAP sockets: $(cat "$work/encap")"

IPSECIF_START_SECONDS=300
daemon ours "$ns_o" --rc-conf "$work/rc.conf" --insecure-manual-aead --legacy-algorithms || die "ipsecifd: $(cat "$work/ours.log")"
say "$n tunnels between ipsecifd and the kernel $(uname -r)"

each_size() { # NAMESPACE ADDRESS
  local size
  for size in 0 1 56 1300 4000; do
    within "$1" ping -q -c 1 -W 5 -s "$size" "$2" || {
      echo "at $size bytes"
      return 1
    }
  done
}
for ((i = 1; i <= n; i++)); do
  check "${names[i]}: to the kernel, IPv4 inside" each_size "$ns_o" "10.0.$i.2"
  check "${names[i]}: from the kernel, IPv4 inside" each_size "$ns_k" "10.0.$i.1"
  check "${names[i]}: to the kernel, IPv6 inside" each_size "$ns_o" "2001:db8:$i::2"
  check "${names[i]}: from the kernel, IPv6 inside" each_size "$ns_k" "2001:db8:$i::1"
done
equal "the kernel counted no error" "" "$(within "$ns_k" awk '$2 != 0 && $1 !~ /XfrmAcquire/' /proc/net/xfrm_stat)"
if [ "$failed" != 0 ]; then
  ctl ours stats
  within "$ns_k" grep -v ' 0$' /proc/net/xfrm_stat
  cat "$work/ours.log"
fi
check "SIGTERM ends the daemon" stop ours
summary kernel-esp
