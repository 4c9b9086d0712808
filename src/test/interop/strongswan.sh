#!/usr/bin/env bash
# IKEv2 against strongSwan, whose ESP is in userspace too (kernel-libipsec, always in UDP): each as initiator and as responder.
#
#   namespace o (ours)                          namespace s (strongSwan)
#   +-------------------------------+           +-------------------------------+
#   | ipsec0 10.0.0.1 -> 10.0.0.2   |  IKE, ESP | ipsec0 10.0.0.2               |
#   |      vo 203.0.113.1           +-----------+ vs 203.0.113.2                |
#   +-------------------------------+           +-------------------------------+
#
# Needs charon-systemd, swanctl and the plugin kernel-libipsec, which run without systemd and without ESP in the kernel.
. "$(dirname "$0")/../../../linux/lib.sh"
as_root_or_userns "$@"
need ip iproute2 jq jq ping iputils-ping iperf3 iperf3 sysctl procps
plugins=/usr/lib/ipsec/plugins
if [ -n "${IPSECIF_USERNS:-}" ] && [ ! -e $plugins/libstrongswan-kernel-libipsec.so ]; then
  say "skipped: strongSwan is not installed, and only root can install it"
  exit 77
fi
need swanctl strongswan-swanctl charon-systemd charon-systemd
[ -e $plugins/libstrongswan-kernel-libipsec.so ] || need kernel-libipsec libcharon-extra-plugins
[ -e $plugins/libstrongswan-curve25519.so ] || need curve25519-plugin libstrongswan-extra-plugins
scratch
netns o
netns s
# A router solicitation of the host's would be a packet that asks for an SA.
within "$ns_o" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
veth "$ns_o" vo "$ns_s" vs
address "$ns_o" vo 203.0.113.1/24
address "$ns_s" vs 203.0.113.2/24
umask 077
charon=$(PATH=$PATH:/usr/lib/ipsec command -v charon-systemd)

cat >"$work/strongswan.conf" <<END
charon-systemd {
  load = random nonce drbg openssl aes sha1 sha2 hmac kdf gcm ccm chapoly pem pkcs1 pubkey x509 curve25519 kernel-libipsec kernel-netlink socket-default vici
  routing_table = 220
  routing_table_prio = 40000
  install_virtual_ip = no
  plugins { vici { socket = unix://$work/vici } }
  journal { default = -1 }
  filelog { log { path = $work/charon.log
      time_format = %H:%M:%S
      default = 1
      flush_line = yes } }
}
swanctl { load = pem pkcs1 x509 openssl random }
END
# their PROPOSAL ESP-PROPOSAL
their() {
  cat >"$work/swanctl.conf" <<END
connections { peer {
    version = 2
    local_addrs = 203.0.113.2
    remote_addrs = 203.0.113.1
    proposals = $1
    mobike = no
    local { auth = psk
      id = s.example.org }
    remote { auth = psk
      id = o.example.org }
    children { net {
        esp_proposals = $2
        local_ts = 0.0.0.0/0
        remote_ts = 0.0.0.0/0
        start_action = none } } } }
secrets { ike-peer { id-a = o.example.org
    id-b = s.example.org
    secret = "a secret of the two ends" } }
END
  swanctl --load-all --noprompt --file "$work/swanctl.conf"
}
swanctl() { STRONGSWAN_CONF=$work/strongswan.conf command swanctl "$@" --uri "unix://$work/vici"; }
start_strongswan() {
  : >"$work/charon.log"
  STRONGSWAN_CONF=$work/strongswan.conf nsenter --net="/run/netns/$ns_s" "$charon" >"$work/charon.out" 2>&1 &
  daemons+=($!)
  pid_strongswan=$!
  until_true 20 swanctl --stats && ip -n "$ns_s" address add 10.0.0.2/30 dev ipsec0
}
echo 'o.example.org s.example.org : PSK "a secret of the two ends"' >"$work/psk"
ours() { # IKE ESP START
  cat >"$work/rc.conf" <<END
create_args_ipsec0="reqid 100"
ifconfig_ipsec0="inet tunnel 203.0.113.1 203.0.113.2 10.0.0.1/30 10.0.0.2 up"
ipsecif_ipsec0_local_id="o.example.org"
ipsecif_ipsec0_remote_id="s.example.org"
ipsecif_ipsec0_psk_file="$work/psk"
ipsecif_ipsec0_ike="$1"
ipsecif_ipsec0_esp="$2"
ipsecif_ipsec0_start="$3"
END
}
reaches() { within "$ns_o" ping -c 3 -i 0.2 -W 2 10.0.0.2; }
status() { ctl o show ipsec0 --json | jq -r '.[0].status'; }
active() { [ "$(status)" = active ]; }

their_children() { swanctl --list-sas --raw | grep -o 'state=INSTALLED' | wc -l; }
our_spis() { ctl o show ipsec0 --json | jq -c '[.[0].securityAssociations[].spi] | sort'; }
changed() { [ "$(our_spis)" != "$spis" ] && [ "$(ctl o show ipsec0 --json | jq '.[0].securityAssociations | length')" = 2 ]; }
none() { [ "$(our_spis)" = "[]" ]; }
# through WHAT COMMAND...: pings go on during the command, and none is lost
through() {
  local what=$1
  shift
  spis=$(our_spis)
  "${in_o[@]}" ping -q -i 0.02 -w 6 -W 5 10.0.0.2 >"$work/pings" 2>&1 &
  local pings=$!
  check "$what" "$@"
  check "$what: other SAs are in place" until_true 10 changed
  wait "$pings"
  equal "$what: no ping was lost" 1 "$(grep -c ' 0% packet loss' "$work/pings")"
}

heading "We initiate"
check "strongSwan starts" start_strongswan
check "its configuration" their aes128gcm16-prfsha256-x25519 aes128gcm16-x25519-noesn
ours aes128gcm16-prfsha256-x25519 aes128gcm16-x25519 start
check "ipsecifd starts" daemon o "$ns_o" --rc-conf "$work/rc.conf"
check "the interface comes up" until_true 10 active
check "traffic passes" reaches
through "strongSwan rekeys the CHILD_SA" swanctl --rekey --child net
spis=
through_ike() { swanctl --rekey --ike peer; }
check "strongSwan rekeys the IKE_SA" through_ike
check "traffic passes" reaches
through "and the CHILD_SA once more" swanctl --rekey --child net
check "iperf3 listens" eval '"${in_s[@]}" iperf3 -s -1 -D'
check "TCP for 3 s" within "$ns_o" iperf3 -c 10.0.0.2 -t 3
check "strongSwan deletes the IKE_SA" swanctl --terminate --ike peer
check "and it comes back, as start says" until_true 30 active
check "traffic passes" reaches
check "ipsecifd stops" stop o
gone() { [ "$(their_children)" = 0 ]; }
check "and has told strongSwan" until_true 10 gone

heading "strongSwan initiates"
ours aes128gcm16-prfsha256-x25519 aes128gcm16-x25519 add
check "ipsecifd starts" daemon o "$ns_o" --rc-conf "$work/rc.conf"
equal "and waits" "no outbound SA" "$(status)"
check "strongSwan initiates" swanctl --initiate --child net
check "the interface is up" until_true 10 active
check "traffic passes" reaches
through "strongSwan rekeys the CHILD_SA" swanctl --rekey --child net
check "strongSwan deletes it all" swanctl --terminate --ike peer
check "which is so here too" until_true 10 none
check "ipsecifd stops" stop o

heading "A packet asks for it"
ours aes128gcm16-prfsha256-x25519 aes128gcm16-x25519 trap
check "ipsecifd starts" daemon o "$ns_o" --rc-conf "$work/rc.conf"
equal "and waits" "no outbound SA" "$(status)"
within "$ns_o" ping -c 1 -W 1 10.0.0.2 >/dev/null
check "the interface comes up" until_true 10 active
check "traffic passes" reaches
check "ipsecifd stops" stop o

heading "Algorithms"
# pair OURS THEIRS OUR-ESP THEIR-ESP
pair() {
  check "strongSwan's configuration" their "$2" "$4"
  ours "$1" "$3" start
  check "$1, $3: ipsecifd starts" daemon o "$ns_o" --rc-conf "$work/rc.conf"
  check "$1, $3: the interface comes up" until_true 15 active
  check "$1, $3: traffic passes" reaches
  check "$1, $3: rekeying" swanctl --rekey --child net
  check "$1, $3: traffic passes" reaches
  check "ipsecifd stops" stop o
}
pair default aes256gcm16-prfsha384-ecp384 default aes256gcm16-ecp384-noesn
pair aes256-sha256-modp2048 aes256-sha256-modp2048 aes256-sha512-modp2048 aes256-sha512-modp2048-noesn
pair chacha20poly1305-prfsha512-ecp521 chacha20poly1305-prfsha512-ecp521 chacha20poly1305-ecp521 chacha20poly1305-ecp521-noesn
pair aes128-aes256-sha384-sha256-x25519-ecp256 aes128-sha256-ecp256 aes192gcm16-aes128-sha256 aes128-sha256-noesn

heading "Refusals"
check "strongSwan's configuration" their aes128gcm16-prfsha256-x25519 aes128gcm16-x25519-noesn
echo 'o.example.org s.example.org : PSK "another secret altogether"' >"$work/psk"
ours aes128gcm16-prfsha256-x25519 aes128gcm16-x25519 start
check "ipsecifd starts with another secret" daemon o "$ns_o" --rc-conf "$work/rc.conf"
refused() { grep -q 'WARN ipsec0: .*AUTHENTICATION_FAILED' "$work/o.log"; }
check "it is refused, and says so" until_true 10 refused
equal "there is no SA" "no outbound SA" "$(status)"
refute "strongSwan is refused too" swanctl --initiate --child net --timeout 5
check "which says why" grep -q 'WARN ipsec0: .*pre-shared keys of s.example.org differ' "$work/o.log"
check "no secret is in the log" eval '! grep -q "another secret" "$work/o.log"'
check "ipsecifd stops" stop o
ours aes256gcm16-prfsha384-ecp384 aes128gcm16-x25519 start
check "ipsecifd starts with other algorithms" daemon o "$ns_o" --rc-conf "$work/rc.conf"
offered() { grep -q 'WARN ipsec0: .*NO_PROPOSAL_CHOSEN; we offered AES_GCM_16_256/PRF_HMAC_SHA2_384/ECP_384' "$work/o.log"; }
check "it is refused, and says what it offered" until_true 10 offered
check "ipsecifd stops" stop o
[ "$failed" = 0 ] || { tail -n 60 "$work/o.log" "$work/charon.log"; }
summary strongswan
