# shellcheck shell=bash
# Shared by the scripts whose messages must get through bad links; sourced after linux/lib.sh.

# bad_weather NAMESPACE DEVICE: of what leaves by the device 30 % is lost, and with netem 10 % doubled and a quarter overtakes the
# rest. Where the kernel has no netem, nftables loses packets and duplicates none; the variable weather says which it is.
bad_weather() {
  if within "$1" tc qdisc replace dev "$2" root netem delay 20ms 5ms loss 30% duplicate 10% reorder 25% 50% 2>/dev/null; then
    weather="30 % loss, reordering and duplication"
  else
    weather="30 % loss"
    within "$1" nft -f - <<END
table netdev weather_$2 {
  chain out { type filter hook egress device $2 priority 0; numgen random mod 100 < 30 drop; }
}
END
  fi
}
good_weather() {
  within "$1" tc qdisc del dev "$2" root 2>/dev/null || within "$1" nft delete table netdev "weather_$2"
}
# masquerade NAMESPACE DEVICE SOURCE PORTS: UDP from there leaves by the device with the device's address and one of these ports; what
# was known of connections is forgotten
masquerade() {
  within "$1" nft -f - <<END
table ip nat
delete table ip nat
table ip nat {
  chain out { type nat hook postrouting priority srcnat; oifname "$2" ip saddr $3 meta l4proto udp masquerade to :$4; }
}
END
  within "$1" conntrack -F
}
