#!/usr/bin/env bash
# ipsecifd against scapy's ESP layer, an implementation that nobody of this project and nobody of a kernel's wrote.
#
#   namespace o (ours)                             namespace s (scapy)
#   +-----------------------------+                +-----------------------------+
#   | ipsecN 10.0.N.1 -> 10.0.N.2 |      ESP       | scapy-peer answers          |
#   |        2001:db8:N::1/64     |  raw and UDP   | for 10.0.N.2, 2001:db8:N::2 |
#   | ipsecifd     vo 203.0.113.1 +----------------+ vs 203.0.113.2              |
#   |              2001:db8:ff::1 |                | 2001:db8:ff::2              |
#   +-----------------------------+                +-----------------------------+
#
# One tunnel for each algorithm, in turn over raw IPv4, UDP over IPv4, raw IPv6 and UDP over IPv6. scapy 2.5.0 has ESN with combined
# modes only, AES-GCM with an ICV of 16 bytes only, and neither Camellia nor AES-XCBC nor AES-GMAC.
. "$(dirname "$0")/../../../linux/lib.sh"
as_root_or_userns "$@"
need ip iproute2 ping iputils-ping perl perl-base
/usr/bin/python3 -c 'import scapy.layers.ipsec, cryptography' 2>/dev/null || need scapy-is-missing python3-scapy scapy-is-missing python3-cryptography
scratch
netns o
netns s
veth "$ns_o" vo "$ns_s" vs
address "$ns_o" vo 203.0.113.1/24 2001:db8:ff::1/64
address "$ns_s" vs 203.0.113.2/24 2001:db8:ff::2/64

k16=101112131415161718191a1b1c1d1e1f
k20=${k16}20212223
k24=${k20}24252627
k32=${k16}202122232425262728292a2b2c2d2e2f
k48=${k32}303132333435363738393a3b3c3d3e3f
k64=${k48}404142434445464748494a4b4c4d4e4f
salt=a0a1a2a3
sha256="SHA2-256-128 $k32"

umask 077
n=0
names=()
# tunnel NAME SETKEY SCAPY: SCAPY is CIPHER KEY ICV-BYTES MAC KEY
tunnel() { numbered "$1" "$2" - "$3"; }
with_esn() { tunnel "$@" && numbered "$1 ESN" "$2 -f esn" esn "$3"; }
numbered() {
  local ours=203.0.113.1 theirs=203.0.113.2 encap=no
  n=$((n + 1))
  if ((n & 1)); then encap=udp; fi
  if ((n & 2)); then ours=2001:db8:ff::1 theirs=2001:db8:ff::2; fi
  names[n]="$1, encap $encap, outer $([[ $ours = *:* ]] && echo IPv6 || echo IPv4)"
  cat >>"$work/sa" <<END
add $ours $theirs esp $((0x1000 + n)) -u $n -r 16 $2;
add $theirs $ours esp $((0x2000 + n)) -u $n -r 16 $2;
END
  echo "$theirs $ours $((0x1000 + n)) $((0x2000 + n)) $encap $3 $4" >>"$work/tunnels"
  cat >>"$work/rc.conf" <<END
create_args_ipsec$n="reqid $n"
ifconfig_ipsec$n="inet tunnel $ours $theirs 10.0.$n.1/30 10.0.$n.2 up"
ifconfig_ipsec${n}_ipv6="inet6 2001:db8:$n::1/64"
ipsecif_ipsec${n}_encap="$encap"
ipsecif_ipsec${n}_sa_file="$work/sa"
END
}
tunnel AES-CBC-128/HMAC-SHA2-256 "-E aes-cbc 0x$k16 -A hmac-sha2-256 0x$k32" "AES-CBC $k16 - $sha256"
tunnel AES-CBC-192/HMAC-SHA2-384 "-E aes-cbc 0x$k24 -A hmac-sha2-384 0x$k48" "AES-CBC $k24 - SHA2-384-192 $k48"
tunnel AES-CBC-256/HMAC-SHA2-512 "-E aes-cbc 0x$k32 -A hmac-sha2-512 0x$k64" "AES-CBC $k32 - SHA2-512-256 $k64"
tunnel AES-CBC-128/HMAC-SHA1 "-E aes-cbc 0x$k16 -A hmac-sha1 0x$k20" "AES-CBC $k16 - HMAC-SHA1-96 $k20"
tunnel AES-CBC-128/AES-CMAC "-E aes-cbc 0x$k16 -A aes-cmac 0x$k16" "AES-CBC $k16 - AES-CMAC-96 $k16"
tunnel 3DES-CBC/HMAC-SHA1 "-E 3des-cbc 0x$k24 -A hmac-sha1 0x$k20" "3DES $k24 - HMAC-SHA1-96 $k20"
tunnel NULL/HMAC-SHA2-256 "-E null -A hmac-sha2-256 0x$k32" "NULL - - $sha256"
for key in "$k16" "$k24" "$k32"; do
  bits=$((4 * ${#key}))
  tunnel AES-CTR-$bits/HMAC-SHA2-256 "-E aes-ctr 0x$key$salt -A hmac-sha2-256 0x$k32" "AES-CTR $key$salt - $sha256"
  with_esn AES-GCM-16-$bits "-E aes-gcm-16 0x$key$salt" "AES-GCM $key$salt - - -"
  for icv in 16 12 8; do
    with_esn AES-CCM-$icv-$bits "-E aes-ccm-$icv 0x$key${salt%??}" "AES-CCM $key${salt%??} $icv - -"
  done
done
with_esn ChaCha20-Poly1305 "-E chacha20-poly1305 0x$k32$salt" "CHACHA20-POLY1305 $k32$salt - - -"

"${in_s[@]}" /usr/bin/python3 "$(dirname "$0")/scapy-peer" "$work/tunnels" >"$work/scapy.log" 2>&1 &
daemons+=($!)
until_true 60 grep -q listening "$work/scapy.log" || die "scapy-peer: $(cat "$work/scapy.log")"
daemon ours "$ns_o" --rc-conf "$work/rc.conf" --insecure-manual-aead --legacy-algorithms || die "ipsecifd: $(cat "$work/ours.log")"

each_size() { # ADDRESS
  local size
  for size in 0 7 14 15 1201; do
    within "$ns_o" ping -q -c 1 -W 5 -s "$size" "$1" || ! echo "at $size bytes" || return
  done
}
both_inside() { each_size "10.0.$1.2" && each_size "2001:db8:$1::2"; }
for ((i = 1; i <= n; i++)); do check "${names[i]}: pings of all sizes are answered by scapy" both_inside "$i"; done
equal "scapy took all packets" listening "$(cat "$work/scapy.log")"
check "SIGTERM ends the daemon" stop ours
summary scapy
