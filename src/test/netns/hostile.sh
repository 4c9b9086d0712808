#!/usr/bin/env bash
# Packets that must not pass: each kind raises its own counter, reaches nothing, and the daemon stays up.
#
#   namespace x (hostile)                        namespace v (victim)
#   +---------------------+                +-------------------------------------+
#   | HostileSender       |                | ipsec0 10.0.0.1 -> 10.0.0.2  raw    |
#   |                     |  ESP, garbage  | ipsec1 10.0.1.1 -> 10.0.1.2  UDP    |
#   | vx 203.0.113.2      +----------------+ vv 203.0.113.1            ipsecifd  |
#   |    203.0.113.3      |                |                                     |
#   +---------------------+                +-------------------------------------+
#
# The sender knows the keys: it is the peer, and what it sends is wrong in one way each.
. "$(dirname "$0")/../../../linux/lib.sh"
as_root_or_userns "$@"
need ip iproute2 ping iputils-ping jq jq
scratch
netns v
netns x
veth "$ns_v" vv "$ns_x" vx
address "$ns_v" vv 203.0.113.1/24
address "$ns_x" vx 203.0.113.2/24 203.0.113.3/24

mkdir "$work/templates"
cat >"$work/templates/narrow.conf" <<'END'
[template]
description = Only between the two inner addresses
[out]
direction = out
for-each = inner
source = ${inner.local}
destination = ${inner.remote}
protocol = any
action = protect
transform = esp/tunnel/${tunnel.local}-${tunnel.remote}/unique:${reqid}
priority = 1000
scope = if_id
[in]
direction = in
for-each = inner
source = ${inner.remote}
destination = ${inner.local}
protocol = any
action = protect
transform = esp/tunnel/${tunnel.remote}-${tunnel.local}/unique:${reqid}
priority = 1000
scope = if_id
END
sa_file() { # FILE PEER REQID SPI-IN SPI-OUT
  (
    umask 077
    cat >"$1" <<END
add $2 203.0.113.1 esp $4 -u $3 -r 128 -E aes-cbc 0x000102030405060708090a0b0c0d0e0f -A hmac-sha2-256 0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f;
add 203.0.113.1 $2 esp $5 -u $3 -r 128 -E aes-cbc 0x000102030405060708090a0b0c0d0e0f -A hmac-sha2-256 0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f;
END
  )
}
sa_file "$work/sa0" 203.0.113.2 100 0x1000 0x1001
sa_file "$work/sa1" 203.0.113.3 101 0x1100 0x1101
cat >"$work/rc.conf" <<END
create_args_ipsec0="reqid 100"
ifconfig_ipsec0="inet tunnel 203.0.113.1 203.0.113.2 10.0.0.1/30 10.0.0.2 up"
ipsecif_ipsec0_template="narrow"
ipsecif_ipsec0_sa_file="$work/sa0"
create_args_ipsec1="reqid 101"
ifconfig_ipsec1="inet tunnel 203.0.113.1 203.0.113.3 10.0.1.1/30 10.0.1.2 up"
ipsecif_ipsec1_template="narrow"
ipsecif_ipsec1_encap="udp"
ipsecif_ipsec1_sa_file="$work/sa1"
END
daemon v "$ns_v" --rc-conf "$work/rc.conf" --templates "$work/templates" || die "ipsecifd: $(cat "$work/v.log")"

# What the host is handed on both interfaces, seen by a capture.
for each in ipsec0 ipsec1; do
  "${in_v[@]}" "$top/linux/capture" "$each" >"$work/$each.packets" &
  daemons+=($!)
  until_true 10 grep -q listening "$work/$each.packets" || die "no capture on $each"
done
delivered() { grep -c '^in 4' "$work/$1.packets"; }
host_counter() { ctl v stats --json | jq -r --arg c "$1" '.host[] | select(.name == $c) | .value'; }

send() { # ENCAP PEER SPI INNER-SOURCE INNER-DESTINATION KIND...
  within "$ns_x" java -cp "$top/target/test-classes:$dist/lib/ipsecif/*" org.ipsecif.tunnel.HostileSender 203.0.113.1 "$@"
}
# arrives DEVICE COUNTER VALUE: an interface's counter reaches the value, no more
arrives() { until_true 5 counter_is "$@" && counter_is "$@"; }
counter_is() { [ "$(counter v "$1" "$2")" = "$3" ]; }
host_counter_is() { [ "$(host_counter "$1")" -ge "$2" ]; }

attack() { # DEVICE ENCAP PEER SPI INNER-SOURCE INNER-DESTINATION
  local device=$1
  shift
  send "$@" good
  check "$device: a good packet is delivered" arrives "$device" inbound_packets 1
  send "$@" damaged
  check "$device: a damaged packet counts as such" arrives "$device" inbound_bad_icv 1
  send "$@" truncated
  check "$device: a truncated packet counts as such" arrives "$device" inbound_truncated 1
  send "$@" replayed
  check "$device: a replayed packet counts as such" arrives "$device" inbound_replayed 1
  send "$@" selector
  check "$device: a packet of foreign inner addresses counts as such" arrives "$device" inbound_policy_mismatch 1
  send "$@" padding
  check "$device: malformed padding counts as such" arrives "$device" inbound_bad_padding 1
  local before
  before=$(host_counter inbound_unknown_spi)
  send "$@" spi
  check "$device: an unknown SPI counts as such" until_true 5 host_counter_is inbound_unknown_spi $((before + 1))
}
attack ipsec0 no 203.0.113.2 0x1000 10.0.0.2 10.0.0.1
attack ipsec1 udp 203.0.113.3 0x1100 10.0.1.2 10.0.1.1
send no 203.0.113.3 0x1100 10.0.1.2 10.0.1.1 good
check "raw ESP for an interface that wants UDP counts as such" arrives ipsec1 inbound_encapsulation_mismatch 1
send udp 203.0.113.3 0x1100 10.0.1.2 10.0.1.1 keepalive ike
check "a NAT keepalive counts as such" until_true 5 host_counter_is inbound_keepalive 1
check "an IKE packet on port 4500 counts as such" until_true 5 host_counter_is inbound_not_esp 1

say "100,000 random datagrams"
send no 203.0.113.2 0x1000 10.0.0.2 10.0.0.1 random:50000
send udp 203.0.113.3 0x1100 10.0.1.2 10.0.1.1 random:50000
refute "the daemon is still there" process_gone "$pid_v"
# replayed and each good one before it: the sender's "replayed" sends one packet twice
equal "ipsec0 delivered only the good packets" 2 "$(counter v ipsec0 inbound_packets)"
equal "ipsec1 delivered only the good packets" 2 "$(counter v ipsec1 inbound_packets)"
equal "the host saw only those on ipsec0" 2 "$(delivered ipsec0)"
equal "the host saw only those on ipsec1" 2 "$(delivered ipsec1)"
equal "no fault in the program" "0 0" "$(counter v ipsec0 internal_error) $(counter v ipsec1 internal_error)"
equal "nor in a transport" 0 "$(host_counter internal_error)"
seen=$(($(host_counter inbound_unknown_spi) + $(host_counter inbound_truncated) + $(host_counter inbound_not_esp) + $(counter v ipsec0 inbound_bad_icv) + $(counter v ipsec0 inbound_truncated) + $(counter v ipsec1 inbound_bad_icv) + $(counter v ipsec1 inbound_truncated) + $(counter v ipsec0 inbound_replayed) + $(counter v ipsec1 inbound_replayed)))
if [ "$seen" -ge 50000 ]; then ok "$seen of them were counted (the rest overran the socket's buffer)"; else
  not_ok "only $seen of 100,000 were counted"; fi
send no 203.0.113.2 0x1000 10.0.0.2 10.0.0.1 later
check "a good packet afterwards is delivered" arrives ipsec0 inbound_packets 3
check "nothing listens on port 4500 any more" ctl v ipsec1 encap no
equal "what was counted there is not forgotten" "1 1" "$(host_counter inbound_keepalive) $(host_counter inbound_not_esp)"
check "SIGTERM ends the daemon" stop v
summary hostile
