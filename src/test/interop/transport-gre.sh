#!/usr/bin/env bash
# The template transport-gre: GRE and IP-in-IP tunnels of the kernel's, protected by ipsecifd at one end and by the kernel's own
# transport mode at the other.
#
#   namespace o (ours)                                             namespace k (kernel)
#   +--------------------------------+                      +--------------------------------+
#   | gre1 10.0.1.1   on ipsec1, raw |   ESP transport mode | gre1 10.0.1.2                  |
#   | ipip1 10.0.4.1  on ipsec1      |                      | ipip1 10.0.4.2                 |
#   | gre2 10.0.2.1   on ipsec2, UDP |                      | gre2 10.0.2.2                  |
#   | gre3 2001:db8:3::1 on ipsec3   |                      | gre3 2001:db8:3::2             |
#   |  vo 203.0.113.1, 203.0.113.11  +----------------------+ vk 203.0.113.2, 203.0.113.12   |
#   |     2001:db8:ff::1             |       MTU 1500       |    2001:db8:ff::2              |
#   +--------------------------------+                      +--------------------------------+
#
# Needs a kernel with esp4, esp6, gre and ipip; says so and exits with 77 where there is none.
. "$(dirname "$0")/../../../linux/lib.sh"
. "$(dirname "$0")/kernel.bash"
as_root_or_userns "$@"
need ip iproute2 jq jq perl perl-base ping iputils-ping sysctl procps
scratch
netns o
netns k
for each in "$ns_o" "$ns_k"; do within "$each" sysctl -qw net.ipv6.conf.default.router_solicitations=0; done
veth "$ns_o" vo "$ns_k" vk
address "$ns_o" vo 203.0.113.1/24 203.0.113.11/24 2001:db8:ff::1/64
address "$ns_k" vk 203.0.113.2/24 203.0.113.12/24 2001:db8:ff::2/64
require_kernel_esp "$ns_k" vk
if ! ip -n "$ns_k" tunnel add probe mode gre local 203.0.113.2 remote 203.0.113.1 2>"$work/probe"; then
  say "skipped: this kernel has no GRE ($(head -n 1 "$work/probe"))"
  exit 77
fi
ip -n "$ns_k" tunnel del probe

# The kernel's end: for what tunnels carry alone, states of transport mode.
setkey="-E aes-cbc 0x$k16 -A hmac-sha2-256 0x$k32"
words="auth-trunc hmac(sha256) 0x$k32 128 enc cbc(aes) 0x$k16 replay-window 64"
ends() { # N ENCAP OURS THEIRS PROTOCOL...
  local n=$1 encap=$2 ours=$3 theirs=$4 protocol
  kernel_state "$ours" "$theirs" $((0x1000 + n)) "$n" "$encap" "$words" transport
  kernel_state "$theirs" "$ours" $((0x2000 + n)) "$n" "$encap" "$words" transport
  for protocol in "${@:5}"; do
    printf 'xfrm policy add src %s dst %s proto %s dir %s tmpl proto esp reqid %s mode transport\n' \
      "$theirs" "$ours" "$protocol" out "$n" "$ours" "$theirs" "$protocol" in "$n"
  done
  printf 'add %s %s esp %d -m transport -u %d -r 8 %s;\n' \
    "$ours" "$theirs" $((0x1000 + n)) "$n" "$setkey" "$theirs" "$ours" $((0x2000 + n)) "$n" "$setkey" >>"$work/sa$n"
  cat >>"$work/rc.conf" <<END
create_args_ipsec$n="reqid $n"
ifconfig_ipsec$n="tunnel $ours $theirs up"
ipsecif_ipsec${n}_template="transport-gre"
ipsecif_ipsec${n}_encap="$encap"
ipsecif_ipsec${n}_sa_file="$work/sa$n"
END
}
umask 077
espinudp "$ns_k"
{
  ends 1 no 203.0.113.1 203.0.113.2 gre 4
  ends 2 udp 203.0.113.11 203.0.113.12 gre
  ends 3 no 2001:db8:ff::1 2001:db8:ff::2 gre
} >"$work/kernel"
check "the kernel takes states and policies of transport mode" kernel_batch "$ns_k" <"$work/kernel"
IPSECIF_START_SECONDS=900
mkdir "$work/hooks"
cat >"$work/hooks/route" <<'END'
#!/bin/sh
[ "$IPSECIF_INTERFACE" = ipsec3 ] && [ "$IPSECIF_EVENT" != destroyed ] || exit 0
exec ip -6 route replace 2001:db8:ff::2 dev ipsec3 table 100
END
chmod 700 "$work/hooks/route"
check "daemon starts" daemon ours "$ns_o" --rc-conf "$work/rc.conf" --hooks "$work/hooks"

# Over IPv6 a tunnel's device alone does not bind its packets: rules do, as in ipsecif-templates(5). The hook adds the route.
own="from 2001:db8:ff::1 to 2001:db8:ff::2 ipproto gre lookup 100"
# shellcheck disable=SC2086
ip -n "$ns_o" -6 rule add $own
ip -n "$ns_o" -6 rule add oif ipsec3 lookup 100
ip -n "$ns_o" -6 route add unreachable default metric 4096 table 100
route() { ip -n "$ns_o" -6 route show table 100 | grep '^2001:db8:ff::2 dev ipsec3 '; }
check "the hook adds the route for ipsec3" until_true 60 route
tunnel() { # NAMESPACE NAME MODE LOCAL REMOTE INNER [DEVICE]
  local limit=
  [ "$3" != ip6gre ] || limit="encaplimit none" # an option in a header of its own, else
  # shellcheck disable=SC2086
  ip -n "$1" tunnel add "$2" mode "$3" local "$4" remote "$5" ${7:+dev $7} $limit && address "$1" "$2" "$6" && ip -n "$1" link set "$2" up
}
pair() { # NAME MODE OURS THEIRS OUR-INNER THEIR-INNER DEVICE
  check "$1 on $7" tunnel "$ns_o" "$1" "$2" "$3" "$4" "$5" "$7"
  check "$1 at the kernel's end" tunnel "$ns_k" "$1" "$2" "$4" "$3" "$6"
}
pair gre1 gre 203.0.113.1 203.0.113.2 10.0.1.1/30 10.0.1.2/30 ipsec1
pair ipip1 ipip 203.0.113.1 203.0.113.2 10.0.4.1/30 10.0.4.2/30 ipsec1
pair gre2 gre 203.0.113.11 203.0.113.12 10.0.2.1/30 10.0.2.2/30 ipsec2
pair gre3 ip6gre 2001:db8:ff::1 2001:db8:ff::2 2001:db8:3::1/64 2001:db8:3::2/64 ipsec3

mtu() { ip -n "$ns_o" -j link show "$1" | jq '.[0].mtu'; }
reaches() { # NAME THEIR-INNER OUR-INNER HEADERS
  local full=$(($(mtu "$1") - $4))
  check "$1: ping" within "$ns_o" ping -c 3 -i 0.2 -W 5 "$2"
  check "$1: ping from the kernel's end" within "$ns_k" ping -c 3 -i 0.2 -W 5 "$3"
  check "$1: $full bytes, which fill the MTU" within "$ns_o" ping -c 3 -i 0.2 -W 5 -M do -s "$full" "$2"
  check "$1: 4,000 bytes in fragments" within "$ns_o" ping -c 3 -i 0.2 -W 5 -s 4000 "$2"
  check "$1: and from the kernel's end" within "$ns_k" ping -c 3 -i 0.2 -W 5 -s 4000 "$3"
}
# AES-CBC: SPI and number 8, IV 16, ICV 16; the text is a multiple of 16 with a trailer of 2. IP header 20.
equal "ipsec1's MTU is the longest that fits 1,500 bytes" $((20 + (1500 - 20 - 8 - 16 - 16) / 16 * 16 - 2)) "$(mtu ipsec1)"
equal "ipsec2's, in UDP" $((20 + (1500 - 20 - 8 - 8 - 16 - 16) / 16 * 16 - 2)) "$(mtu ipsec2)"
equal "ipsec3's, over IPv6" $((40 + (1500 - 40 - 8 - 16 - 16) / 16 * 16 - 2)) "$(mtu ipsec3)"
reaches gre1 10.0.1.2 10.0.1.1 28
reaches ipip1 10.0.4.2 10.0.4.1 28
reaches gre2 10.0.2.2 10.0.2.1 28
reaches gre3 2001:db8:3::2 2001:db8:3::1 48
lost=$(our_errors ours | grep -v outbound_no_policy)
equal "we counted no error but what the interfaces themselves say to nobody" "" "$lost"
equal "the kernel counted no error" "" "$(xfrm_errors)"
equal "its states carried it all" 6 "$(ip -n "$ns_k" -s xfrm state | grep -c '^	  [1-9][0-9]*(bytes), [1-9]')"

# Nothing in the clear, which the kernel's end would count, since its policies ask for ESP.
check "ipsec3 goes down" ctl ours ipsec3 down
refute "and has no route" route
refute "nothing crosses" within "$ns_o" ping -c 2 -W 2 2001:db8:3::2
check "ipsec3 is up again" ctl ours ipsec3 up
check "and gre3 crosses" until_true 60 within "$ns_o" ping -c 1 -W 5 2001:db8:3::2
equal "nothing crossed in the clear" "" "$(xfrm_errors)"

# That it is protected: with its states gone the kernel takes nothing.
ip -n "$ns_k" xfrm state flush
refute "without the kernel's states nothing crosses" within "$ns_o" ping -c 2 -W 2 10.0.1.2
check "daemon stops" stop ours
equal "and leaves no policy" "" "$(ip -n "$ns_o" xfrm policy)"
before=$(xfrm_errors)
for each in 10.0.1.2 10.0.4.2 10.0.2.2 2001:db8:3::2; do
  refute "nothing crosses to $each" within "$ns_o" ping -c 2 -W 2 "$each"
done
equal "and nothing went in the clear" "$before" "$(xfrm_errors)"
# shellcheck disable=SC2086
ip -n "$ns_o" -6 rule del $own
refute "without the rule for GRE nothing crosses either" within "$ns_o" ping -c 2 -W 2 2001:db8:3::2
refute "but it went in the clear" test "$before" = "$(xfrm_errors)"
summary transport-gre
