# shellcheck shell=bash
# Shared by the scripts whose peer is strongSwan with ESP in userspace (kernel-libipsec, always in UDP); sourced after linux/lib.sh.
#
#   namespace o (ours)                          namespace s (strongSwan)
#   +-------------------------------+           +-------------------------------+
#   | ipsecN 10.0.N.1 -> 10.0.N.2   |  IKE, ESP | ipsec0 10.0.N.2, for all N    |
#   |      vo 203.0.113.1           +-----------+ vs 203.0.113.2                |
#   +-------------------------------+           +-------------------------------+

# need_strongswan: charon-systemd, swanctl and the plugins, which run without systemd and without ESP in the kernel; else exits with 77
need_strongswan() {
  local plugins=/usr/lib/ipsec/plugins
  need ip iproute2 jq jq ping iputils-ping perl perl-base iperf3 iperf3 sysctl procps
  if [ -n "${IPSECIF_USERNS:-}" ] && [ ! -e $plugins/libstrongswan-kernel-libipsec.so ]; then
    say "skipped: strongSwan is not installed, and only root can install it"
    exit 77
  fi
  need swanctl strongswan-swanctl charon-systemd charon-systemd
  [ -e $plugins/libstrongswan-kernel-libipsec.so ] || need kernel-libipsec libcharon-extra-plugins
  [ -e $plugins/libstrongswan-openssl.so ] || need openssl-plugin libstrongswan-standard-plugins
  [ -e $plugins/libstrongswan-curve25519.so ] || need curve25519-plugin libstrongswan-extra-plugins
  charon=$(PATH=$PATH:/usr/lib/ipsec command -v charon-systemd)
}

# two_hosts: the namespaces o and s, with a link between them
two_hosts() {
  netns o
  netns s
  # A router solicitation of the host's would be a packet that asks for an SA.
  within "$ns_o" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
  veth "$ns_o" vo "$ns_s" vs
  address "$ns_o" vo 203.0.113.1/24
  address "$ns_s" vs 203.0.113.2/24
}

# strongSwan's side

# start_strongswan [SETTING...]: charon in s, with these lines of strongswan.conf beside the usual ones, and 10.0.0.2 at its ipsec0.
# strongswan_kernel is the plugin that has ESP. Certificates and keys are in $work/swanctl, as swanctl has them.
start_strongswan() {
  local setting settings=
  for setting in "$@"; do settings+="  $setting"$'\n'; done
  mkdir -p "$work"/swanctl/{x509,x509ca,x509ocsp,x509aa,x509ac,x509crl,pubkey,private,rsa,ecdsa,bliss,pkcs8,pkcs12}
  cat >"$work/strongswan.conf" <<END
charon-systemd {
  load = random nonce drbg openssl aes sha1 sha2 hmac xcbc cmac kdf gcm ccm chapoly pem pkcs1 pkcs8 pubkey x509 revocation constraints curl curve25519 gmp ${strongswan_kernel:-kernel-libipsec kernel-netlink} socket-default vici
  routing_table = 220
  routing_table_prio = 40000
  install_virtual_ip = no
  plugins { vici { socket = unix://$work/vici } }
  journal { default = -1 }
  filelog { log { path = $work/charon.log
      time_format = %H:%M:%S
      default = 1
      flush_line = yes } }
$settings}
swanctl { load = pem pkcs1 pkcs8 x509 openssl random }
END
  : >"$work/charon.log"
  rm -f "$work/vici"
  STRONGSWAN_CONF=$work/strongswan.conf nsenter --net="/run/netns/$ns_s" "$charon" >"$work/charon.out" 2>&1 &
  pid_strongswan=$!
  daemons+=("$pid_strongswan")
  until_true 20 swanctl --stats && strongswan_inner 0
}
# stop_strongswan [SIGNAL]: TERM has it tell its peers
stop_strongswan() {
  kill -"${1:-TERM}" "$pid_strongswan"
  until_true 20 process_gone "$pid_strongswan"
}
swanctl() { STRONGSWAN_CONF=$work/strongswan.conf command swanctl "$@" --uri "unix://$work/vici"; }
# strongswan_inner N...: the inner addresses 10.0.N.2, where its TUN device is
strongswan_inner() {
  local n
  ip -n "$ns_s" link show ipsec0 >/dev/null 2>&1 || return 0
  for n in "$@"; do ip -n "$ns_s" address replace "10.0.$n.2/30" dev ipsec0; done
}

# connection NAME [WORD=VALUE]...: adds a connection and a child of this name to swanctl.conf, which load_connections has it take.
# Words are those of the local variables here; local, remote, lines and child_lines are lines of swanctl.conf.
connection() {
  local name=$1
  shift
  local local_addrs=203.0.113.2 remote_addrs=203.0.113.1 proposals=aes128gcm16-prfsha256-x25519 esp=aes128gcm16-x25519-noesn
  local local_ts=0.0.0.0/0 remote_ts=0.0.0.0/0 lines='' child_lines=''
  local local=$'auth = psk\nid = s.example.org' remote=$'auth = psk\nid = o.example.org'
  local "$@"
  cat >>"$work/swanctl/swanctl.conf" <<END
connections { $name {
    version = 2
    local_addrs = $local_addrs
    remote_addrs = $remote_addrs
    proposals = $proposals
    mobike = no
    $lines
    local { $local
    }
    remote { $remote
    }
    children { $name {
        esp_proposals = $esp
        local_ts = $local_ts
        remote_ts = $remote_ts
        start_action = none
        $child_lines
    } } } }
END
}
# secret NAME ID ID TEXT: adds one that these two share
secret() {
  cat >>"$work/swanctl/swanctl.conf" <<END
secrets { ike-$1 { id-a = $2
    id-b = $3
    secret = "$4" } }
END
}
no_connections() { mkdir -p "$work/swanctl" && : >"$work/swanctl/swanctl.conf"; }
load_connections() { swanctl --load-all --noprompt --clear --file "$work/swanctl/swanctl.conf"; }
# their [WORD=VALUE]...: the connection peer, and no other
their() {
  no_connections
  secret peer o.example.org s.example.org "a secret of the two ends"
  connection peer "$@"
  load_connections
}
their_children() { swanctl --list-sas --raw | grep -o 'state=INSTALLED' | wc -l; }

# Our side

# interface N [WORD=VALUE]...: adds ipsecN to rc.conf, with these of its ipsecif_ words; here and there are the outer addresses
interface() {
  local n=$1 here=203.0.113.1 there=203.0.113.2 each
  shift
  for each in "$@"; do
    case $each in
      here=*) here=${each#*=} ;;
      there=*) there=${each#*=} ;;
    esac
  done
  printf 'create_args_ipsec%d="reqid %d"\n' "$n" $((100 + n))
  printf 'ifconfig_ipsec%d="inet tunnel %s %s 10.0.%d.1/30 10.0.%d.2 up"\n' "$n" "$here" "$there" "$n" "$n"
  for each in "$@"; do
    case $each in
      here=* | there=*) ;;
      *) printf 'ipsecif_ipsec%d_%s="%s"\n' "$n" "${each%%=*}" "${each#*=}" ;;
    esac
  done
} >>"$work/rc.conf"
no_interfaces() { : >"$work/rc.conf"; }
# ours [WORD=VALUE]...: ipsec0 alone, with a pre-shared key
ours() {
  no_interfaces
  interface 0 local_id=o.example.org remote_id=s.example.org "psk_file=$work/psk" ike=aes128gcm16-prfsha256-x25519 \
    esp=aes128gcm16-x25519 "$@"
}
# start_ours [OPTIONS]
start_ours() { marked=0 && daemon o "$ns_o" --rc-conf "$work/rc.conf" "$@"; }
reload() { rpc o reload; }

# status [N], active [N], inactive [N]: of ipsecN
status() { rpc o interface.list "{\"name\":\"ipsec${1:-0}\"}" | jq -r '.result[0].status'; }
active() { [ "$(status "$@")" = active ]; }
inactive() { [ "$(status "$@")" = "no outbound SA" ]; }
# all_active COUNT: interfaces
all_active() { [ "$(rpc o interface.list | jq '[.result[] | select(.status == "active")] | length')" = "$1" ]; }
# our_spis [N]: of all its SAs, sorted
our_spis() { rpc o interface.list "{\"name\":\"ipsec${1:-0}\"}" | jq -c '[.result[0].securityAssociations[].spi] | sort'; }
no_spis() { [ "$(our_spis "$@")" = "[]" ]; }
# logged PATTERN: in our log since the last mark
marked=0
mark() { marked=$(wc -l <"$work/o.log"); }
logged() { tail -n +$((marked + 1)) "$work/o.log" | grep -Eq "$1"; }
charon_logged() { grep -Eq "$1" "$work/charon.log"; }

# reaches [N]: pings through ipsecN
reaches() { pings "$ns_o" "10.0.${1:-0}.2"; }
# through WHAT COMMAND...: pings go on during the command, which replaces ipsec0's SAs, and none is lost
through() {
  local what=$1 pings spis more
  shift
  spis=$(our_spis)
  "${in_o[@]}" ping -D -i 0.02 -W 5 10.0.0.2 >"$work/pings" 2>&1 &
  pings=$!
  check "$what" "$@"
  check "$what: other SAs are in place" until_true 10 replaced "$spis"
  more=$(($(wc -l <"$work/pings") + 10))
  until_true 10 lines "$work/pings" "$more"
  kill -INT "$pings"
  wait "$pings"
  check "$what: no ping was lost" no_gap "$work/pings"
}
# replaced SPIS [N]: there are two others instead
replaced() {
  local now
  now=$(our_spis "${2:-0}")
  jq -en --argjson before "$1" --argjson now "$now" '($now | length) == 2 and ($now - $before | length) == 2'
}
# on_failure: what both have logged, if a check failed
on_failure() { [ "$failed" = 0 ] || tail -n "${1:-60}" "$work/o.log" "$work/charon.log"; }
