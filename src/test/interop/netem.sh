#!/usr/bin/env bash
# IKEv2 over links that lose 30 % of all packets, double 10 % and let a quarter overtake the rest: between two of ours, and with
# strongSwan, whose ESP is the kernel's.
#
#   namespace b (ours)               namespace o (ours)               namespace s (strongSwan)
#   +------------------+             +------------------------+       +------------------+
#   | ipsec1 10.0.1.2  |    netem    | ipsec1         ipsec0  | netem | lo 10.0.0.2      |
#   | vb 198.51.100.2  +-------------+ 10.0.1.1     10.0.0.1  +-------+ vs 203.0.113.2   |
#   +------------------+             | wo 198.51.100.1     vo |       +------------------+
#                                    |            203.0.113.1 |
#                                    +------------------------+
#
# Needs a kernel with ESP and netem; says so and exits with 77 where there is none.
. "$(dirname "$0")/../../../linux/lib.sh"
. "$(dirname "$0")/kernel.bash"
. "$(dirname "$0")/strongswan.bash"
. "$(dirname "$0")/weather.bash"
as_root_or_userns "$@"
need_strongswan
need tc iproute2
IPSECIF_START_SECONDS=900 # an emulated processor
scratch
two_hosts
umask 077
require_kernel_esp "$ns_s" vs
address "$ns_s" lo 10.0.0.2/32
ip -n "$ns_s" route add 10.0.0.1/32 dev vs src 10.0.0.2
echo 'o.example.org s.example.org : PSK "a secret of the two ends"' >"$work/psk"
if ! within "$ns_s" tc qdisc add dev vs root netem delay 1ms 2>"$work/probe"; then
  say "skipped: this kernel has no netem ($(head -n 1 "$work/probe"))"
  exit 77
fi
strongswan_kernel=kernel-netlink
netns b
within "$ns_b" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
veth "$ns_o" wo "$ns_b" vb
address "$ns_o" wo 198.51.100.1/24
address "$ns_b" vb 198.51.100.2/24

words=("psk_file=$work/psk" ike=aes128gcm16-prfsha256-x25519 esp=aes128gcm16-x25519)
no_interfaces
interface 0 local_id=o.example.org remote_id=s.example.org "${words[@]}" start=start
interface 1 here=198.51.100.1 there=198.51.100.2 local_id=o.example.org remote_id=b.example.org "${words[@]}" start=start
{
  printf 'create_args_ipsec1="reqid 101"\nifconfig_ipsec1="inet tunnel 198.51.100.2 198.51.100.1 10.0.1.2/30 10.0.1.1 up"\n'
  printf 'ipsecif_ipsec1_%s\n' 'local_id="b.example.org"' 'remote_id="o.example.org"' 'start="add"'
  for each in "${words[@]}"; do printf 'ipsecif_ipsec1_%s="%s"\n' "${each%%=*}" "${each#*=}"; done
} >"$work/b.rc"
echo 'o.example.org b.example.org : PSK "a secret of these two, and of nobody else"' >>"$work/psk"

heading "Coming up"
weather_everywhere() {
  local each
  for each in "$ns_o vo" "$ns_s vs" "$ns_o wo" "$ns_b vb"; do "$1" "${each% *}" "${each#* }" || return; done
}
check "strongSwan starts" start_strongswan 'retransmit_timeout = 0.5' 'retransmit_base = 1.4' 'retransmit_tries = 12'
check "its configuration" their local_ts=10.0.0.2/32 remote_ts=10.0.0.1/32 esp=aes128gcm16-x25519-esn-noesn
check "b starts" daemon b "$ns_b" --rc-conf "$work/b.rc"
check "bad weather" weather_everywhere bad_weather
check "ours starts" start_ours
for n in 0 1; do check "$n: comes up in spite of $weather" until_true 120 active $n; done

# Pings in bad weather: of 60, about half are answered, and those that netem doubles once.
pinged() {
  within "$ns_o" ping -c 60 -i 0.05 -W 3 "10.0.$1.2" >"$work/pings"
  answered=$(grep -c 'ttl=' "$work/pings")
  echo "$answered of 60 were answered"
  [ "$answered" -ge 8 ] && [ "$answered" -lt 60 ] && ! grep -q 'DUP!' "$work/pings"
}
traffic() {
  local n
  for n in 0 1; do check "$n: of 60 pings some are answered, and none twice" pinged $n; done
}
replays() { rpc "$1" interface.list | jq '[.result[].counters[] | select(.name == "inbound_replayed") | .value] | add'; }
# renewed N WHAT WHO COMMAND...: the command, again if its exchange was lost altogether
renewed() {
  local n=$1 what=$2 who=$3
  spis=$(our_spis "$n")
  mark
  check "$n: $who rekeys the $what" until_true 120 "${@:4}"
  if [ "$what" = IKE_SA ]; then
    check "$n: which is replaced" until_true 60 logged "ipsec$n: IKE_SA .* replaces"
  else
    check "$n: other SAs are in place" until_true 60 replaced "$spis" "$n"
  fi
}
rekey_of() { rpc "$1" ike.rekey "{\"name\":\"$2\",\"what\":\"$3\",\"seconds\":100}"; }
traffic
for what in child ike; do
  name=CHILD_SA
  [ $what = child ] || name=IKE_SA
  heading "Rekeying of the $name"
  renewed 0 $name "our end" rekey_of o ipsec0 $what
  renewed 0 $name strongSwan swanctl --rekey --$what peer
  renewed 1 $name "our end" rekey_of o ipsec1 $what
  renewed 1 $name "the other end" rekey_of b ipsec1 $what
  traffic
done
check "packets came twice, and were dropped here" [ "$(replays o)" -gt 0 ]
check "and at the other end" [ "$(replays b)" -gt 0 ]

heading "Good weather"
check "good weather" weather_everywhere good_weather
for n in 0 1; do check "$n: every ping is answered" until_true 20 reaches $n; done
check "b stops" stop b
check "ours stops" stop o
check "strongSwan stops" stop_strongswan
[ "$failed" = 0 ] || tail -n 100 "$work/o.log" "$work/b.log" "$work/charon.log"
summary netem
