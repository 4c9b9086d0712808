#!/usr/bin/env bash
# What a user gets wrong: one clear line each, exit status not 0, nothing left behind: no device, no policy, no socket.
#
#   namespace e: va 203.0.113.1 (a veth pair's other end, vb, is in the same namespace)
. "$(dirname "$0")/../../../linux/lib.sh"
as_root_or_userns "$@"
need ip iproute2 jq jq
scratch
netns e
veth "$ns_e" va "$ns_e" vb
address "$ns_e" va 203.0.113.1/24

good='ifconfig_ipsec0="inet tunnel 203.0.113.1 203.0.113.2 10.0.0.1/30 10.0.0.2 up"'
nothing_left() {
  [ "$(ip -n "$ns_e" -o link | grep -cv -e ' lo:' -e ' va@' -e ' vb@')" = "${1:-0}" ] &&
    [ -z "$(ip -n "$ns_e" xfrm policy)" ] && [ ! -e "$work/e.sock" ] && [ ! -s "$work/e.state/interfaces.json" ]
}
# fails DESCRIPTION PATTERN RC-CONF [OPTIONS...]: the start fails with one line that matches, and leaves nothing
fails() {
  local what=$1 pattern=$2 status lines
  printf '%s\n' "$3" >"$work/rc.conf"
  shift 3
  within "$ns_e" timeout 30 "${prefix[@]}" "$dist/sbin/ipsecifd" --foreground --rc-conf "$work/rc.conf" --socket "$work/e.sock" \
    --state-dir "$work/e.state" "$@" >"$work/out" 2>&1
  status=$?
  equal "$what: exit status" 1 "$status"
  lines=$(grep -c . "$work/out")
  if [ "$lines" = 1 ] && grep -qE "$pattern" "$work/out"; then ok "$what: $(cat "$work/out" | sed "s#$work/##g")"; else
    not_ok "$what: one line like /$pattern/"
    sed 's/^/    | /' "$work/out" | head -n 20
  fi
  check "$what: nothing is left behind" nothing_left "$left"
}
prefix=()
left=0
fails "unterminated quote" 'rc.conf:1: .*quote' 'ifconfig_ipsec0="inet'
fails "command substitution" 'rc.conf:2: ' $'a=b\nifconfig_ipsec0="`id`"'
fails "unknown ifconfig word" 'rc.conf:1: ifconfig_ipsec0: .*mediaopt.*tunnel' 'ifconfig_ipsec0="inet mediaopt x"'
fails "unknown ipsecif variable" 'rc.conf:2: ipsecif_ipsec0_tempalte: ' "$good"$'\nipsecif_ipsec0_tempalte="x"'
fails "tunnel ends of two families" 'rc.conf:1: ifconfig_ipsec0: .*famil' 'ifconfig_ipsec0="tunnel 203.0.113.1 2001:db8::1"'
fails "mtu out of range" 'rc.conf:1: ifconfig_ipsec0: .*1280' 'ifconfig_ipsec0="tunnel 203.0.113.1 203.0.113.2 mtu 100"'
fails "one reqid twice" 'ipsec0.*ipsec1|ipsec1.*ipsec0' \
  $'create_args_ipsec0="reqid 5"\nifconfig_ipsec0="up"\ncreate_args_ipsec1="reqid 5"\nifconfig_ipsec1="up"'
fails "missing rc.conf" 'nowhere' "$good" --rc-conf "$work/nowhere"

mkdir "$work/templates"
template() { printf '%s\n' "[out]" "direction = out" "for-each = family" "source = any" "destination = any" "protocol = any" "action = protect" "priority = 1" "scope = if_id" "$@" >"$work/templates/route-based.conf"; }
template 'transform = esp/tunnel/${tunnel.local}-${tunnel.remote}/unique:${reqid}' 'colour = blue'
fails "unknown key in a template" 'route-based.conf.*colour' "$good" --templates "$work/templates"
template 'transform = esp/tunnel/${tunnel.local}-${tunnel.remote}/unique:${rekid}'
fails "unknown name in a template" 'route-based.conf.*rekid' "$good" --templates "$work/templates"
template 'transform = esp/tunnel/${env:HOME}-${tunnel.remote}/unique:${reqid}'
fails "environment in a template" 'route-based.conf.*env:HOME' "$good" --templates "$work/templates"
fails "missing template" 'nosuch' "$good"$'\nipsecif_ipsec0_template="nosuch"'

with_sa() { # DESCRIPTION PATTERN LINE [MODE]
  printf '%s\n' "$3" >"$work/sa"
  chmod "${4:-600}" "$work/sa"
  fails "$1" "$2" "create_args_ipsec0=\"reqid 100\""$'\n'"$good"$'\n'"ipsecif_ipsec0_sa_file=\"$work/sa\""
}
key16=0x000102030405060708090a0b0c0d0e0f
key32=${key16}101112131415161718191a1b1c1d1e1f
with_sa "setkey: short key" 'sa:1: .*aes-cbc.*(120|128)' "add 203.0.113.1 203.0.113.2 esp 300 -u 100 -E aes-cbc ${key16%??} -A hmac-sha2-256 $key32;"
refute "the short key is not in the message" grep -q 0102030405 "$work/out"
with_sa "setkey: readable by others" 'sa: .*600' "add 203.0.113.1 203.0.113.2 esp 300 -u 100 -E aes-cbc $key16 -A hmac-sha2-256 $key32;" 644
with_sa "setkey: AEAD with manual keys" 'sa:1: .*aes-gcm-16.*(8221|4106)' "add 203.0.113.1 203.0.113.2 esp 300 -u 100 -E aes-gcm-16 ${key16}10111213;"
with_sa "setkey: no integrity" 'sa:1: ' "add 203.0.113.1 203.0.113.2 esp 300 -u 100 -E aes-cbc $key16;"
with_sa "setkey: SPI reserved" 'sa:1: .*25[56]' "add 203.0.113.1 203.0.113.2 esp 255 -u 100 -E aes-cbc $key16 -A hmac-sha2-256 $key32;"
with_sa "setkey: no SA for the interface" 'sa: .*reqid 100' "add 203.0.113.1 203.0.113.2 esp 300 -u 7 -E aes-cbc $key16 -A hmac-sha2-256 $key32;"
with_sa "setkey: policy lines" 'sa:1: .*spdadd.*template' "spdadd 10.0.0.0/8 10.0.0.0/8 any -P out discard;"

left=2
ip -n "$ns_e" link add ipsec0 type veth peer name other0
fails "name already taken, by no TUN device" 'ipsec0: .*already' "$good"
ip -n "$ns_e" link del ipsec0
left=0
ip -n "$ns_e" xfrm policy add src 10.9.0.0/24 dst 10.9.1.0/24 dir out if_id 100 tmpl src 192.0.2.1 dst 192.0.2.2 proto esp reqid 100 mode tunnel
foreign=$(ip -n "$ns_e" xfrm policy)
printf '%s\n' 'create_args_ipsec0="reqid 100"' "$good" >"$work/rc.conf"
within "$ns_e" "$dist/sbin/ipsecifd" --foreground --rc-conf "$work/rc.conf" --socket "$work/e.sock" --state-dir "$work/e.state" >"$work/out" 2>&1
equal "a reqid of somebody else's policy: exit status" 1 $?
check "a reqid of somebody else's policy: says so" grep -qE 'reqid.* 100 .*in use' "$work/out"
equal "somebody else's policy is untouched" "$foreign" "$(ip -n "$ns_e" xfrm policy)"
ip -n "$ns_e" xfrm policy flush

if command -v setpriv >/dev/null; then
  prefix=(setpriv --bounding-set -all --inh-caps -all)
  fails "no permission" 'ipsec0|permitted' "$good"
  prefix=()
fi
prefix=(unshare -m sh -c 'mount -t tmpfs tmpfs /dev && exec "$@"' sh)
fails "no /dev/net/tun" '/dev/net/tun: No such file' "$good"
prefix=()

printf '%s\n' "$good" >"$work/rc.conf"
check "--check of a good rc.conf" "$dist/sbin/ipsecifd" --check --rc-conf "$work/rc.conf"
equal "prints what would be made" 6 "$("$dist/sbin/ipsecifd" --check --rc-conf "$work/rc.conf" | grep -c policy)"
printf '%s\n' "$good" 'ipsecif_ipsec0_df="copy"' >"$work/rc.conf"
"$dist/sbin/ipsecifd" --check --rc-conf "$work/rc.conf" >"$work/out"
check "an MTU that is to be computed" grep -q '^ipsec0: mtu auto ' "$work/out"
check "what is not at its default" grep -q '^.options: df copy$' "$work/out"
printf 'add 203.0.113.1 203.0.113.2 esp 300 -E aes-cbc %s -A hmac-sha2-256 %s;\n' "$key16" "$key32" >"$work/sa" && chmod 600 "$work/sa"
printf '%s\n' 'create_args_ipsec0="reqid 100"' "$good" "ipsecif_ipsec0_sa_file=\"$work/sa\"" >"$work/rc.conf"
"$dist/sbin/ipsecifd" --check --rc-conf "$work/rc.conf" >"$work/out"
check "an SA with the bits of its key" grep -q '^.sa 203.0.113.1 203.0.113.2 esp 0x0000012c ENCR_AES_CBC/128 AUTH_HMAC_SHA2_256_128$' "$work/out"
printf '%s\n' 'ifconfig_ipsec0="inet bogus"' >"$work/rc.conf"
"$dist/sbin/ipsecifd" --check --rc-conf "$work/rc.conf" >"$work/out" 2>&1
equal "--check of a bad one: exit status" 1 $?
"$dist/sbin/ipsecifd" --no-such-option >"$work/out" 2>&1
equal "wrong usage: exit status" 2 $?
check "--version" "$dist/sbin/ipsecifd" --version
summary errors
