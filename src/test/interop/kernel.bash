# shellcheck shell=bash
# Shared by the scripts whose peer is a kernel's own ESP; sourced after linux/lib.sh. Tunnel N has the reqid and the if_id N on
# both sides, and on the kernel's side the interface xfrmN.

here=$top/src/test/interop

# Keys are counted out, so that both sides can be read side by side.
k16=101112131415161718191a1b1c1d1e1f
k20=${k16}20212223
k24=${k20}24252627
k32=${k16}202122232425262728292a2b2c2d2e2f
k48=${k32}303132333435363738393a3b3c3d3e3f
k64=${k48}404142434445464748494a4b4c4d4e4f
salt=a0a1a2a3

# require_kernel_esp NAMESPACE DEVICE: exits with 77 where the kernel has no ESP or no xfrm interfaces
require_kernel_esp() {
  kernel_has_esp "$@" 2>"$work/probe" && return
  say "skipped: this kernel has no ESP or no xfrm interfaces ($(head -n 1 "$work/probe"))"
  exit 77
}
kernel_has_esp() {
  ip -n "$1" xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x999 mode tunnel \
    auth-trunc 'hmac(sha256)' 0x"$(printf '%064d' 1)" 128 enc ecb\(cipher_null\) '' &&
    ip -n "$1" xfrm state flush &&
    ip -n "$1" link add xfrm-probe type xfrm dev "$2" if_id 9 && ip -n "$1" link del xfrm-probe
}

# kernel_state SRC DST SPI N ENCAP WORDS [transport]: a line for ip -batch; among the words the replay window's and the flags'
kernel_state() {
  local mode="tunnel if_id $4"
  [ "${7:-}" != transport ] || mode=transport
  printf 'xfrm state add src %s dst %s proto esp spi %s reqid %s mode %s %s' "$1" "$2" "$3" "$4" "$mode" "$6"
  [ "$5" = no ] || printf ' encap espinudp 4500 4500 0.0.0.0'
  printf '\n'
}
# kernel_policies OURS THEIRS N: any to any, lines for ip -batch
kernel_policies() {
  local net
  for net in 0.0.0.0/0 ::/0; do
    printf 'xfrm policy add src %s dst %s dir %s if_id %s tmpl src %s dst %s proto esp reqid %s mode tunnel\n' \
      "$net" "$net" out "$3" "$2" "$1" "$3" "$net" "$net" in "$3" "$1" "$2" "$3"
  done
}
# kernel_batch NAMESPACE: ip's commands from standard input; all of them succeed
kernel_batch() { ip -n "$1" -batch -; }

# espinudp NAMESPACE: the kernel takes ESP in UDP only where a socket with the option UDP_ENCAP (100) = UDP_ENCAP_ESPINUDP (2) is
# bound.
espinudp() {
  : >"$work/encap"
  nsenter --net="/run/netns/$1" perl -MSocket=:all -e '
    socket(my $four, PF_INET, SOCK_DGRAM, 17) or die; bind($four, sockaddr_in(4500, INADDR_ANY)) or die "bind: $!";
    socket(my $six, PF_INET6, SOCK_DGRAM, 17) or die; setsockopt($six, 41, 26, pack("i", 1)) or die;
    bind($six, sockaddr_in6(4500, Socket::IN6ADDR_ANY)) or die "bind: $!";
    for ($four, $six) { setsockopt($_, 17, 100, pack("i", 2)) or die "UDP_ENCAP: $!" }
    $| = 1; print "bound\n"; sleep' >"$work/encap" 2>&1 &
  daemons+=($!)
  until_true 20 grep -q bound "$work/encap" || die "the UDP_ENCAP sockets: $(cat "$work/encap")"
}

# datagrams ...: between the namespaces o (ours) and k (the kernel's)
datagrams() { "$here/datagrams" "$ns_o" "$ns_k" "$@"; }

# xfrm_errors: what the kernel counted in k. Acquire is no error: a packet asked for a state before there was one.
xfrm_errors() { within "$ns_k" awk '$2 != 0 && $1 !~ /XfrmAcquire/' /proc/net/xfrm_stat; }
# our_errors NAME: every counter of the daemon's that is not about packets that went well
our_errors() {
  { rpc "$1" host.counters | jq '.result[]'; rpc "$1" interface.list | jq '.result[] | .name as $of | .counters[] | .name = $of + " " + .name'; } |
    jq -r 'select(.value > 0 and (.name | test("_(packets|bytes)$") | not)) | "\(.name) \(.value)"'
}

# our_setkey NAME SCRIPT: the script on one line, without a quotation mark
our_setkey() { rpc "$1" setkey "{\"origin\":\"script\",\"script\":\"$2\"}"; }
