#!/usr/bin/env bash
# all.sh [PEER...]: every peer in turn, and all again for every repetition, so that what else the machine does meets all alike. Lines go to
# stdout (peer, metric, value, unit; see bench.sh), notes begin with '#'; ratios.sh makes a table of them.
# A peer is NAME or NAME:VAR=VALUE,VAR=VALUE: settings for its script; LABEL=WORD among them names it in the lines. limit is no tunnel but
# the plain veth pair.
# REPS is the number of repetitions (5), WARM_S the seconds of traffic that each tunnel gets every time before it is measured (12). It takes
# about 2 minutes per peer and repetition; TCP_S, UDP_S, STEPS and more make it shorter, see bench.sh and pace.sh. A peer that fails
# has lines that say so, and no figure.
# Needs the packages iperf3 jq ethtool iputils-ping wireguard-go wireguard-tools openvpn charon-systemd
# strongswan-swanctl libcharon-extra-plugins libstrongswan-extra-plugins libstrongswan-standard-plugins, and root.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
: "${REPS:=5}" "${WARM_S:=12}"
export WARM_S
peers=("$@")
[[ $# -gt 0 ]] || peers=(limit strongswan wireguard-go openvpn ipsecif ipsecif:ENCAP=no,LABEL=ipsecif_raw)

# pace.sh's iperf3 needs room for 4 MiB.
rmem=$(sysctl -n net.core.rmem_max)
wmem=$(sysctl -n net.core.wmem_max)
raise() { # WORD NOW
  (($2 >= 4194304)) || sysctl -q -w "net.core.${1}_max=4194304"
}
raise rmem "$rmem"
raise wmem "$wmem"

# Whatever ends this, no tunnel stays up. name and run are those of the peer that is.
name='' run=''
down() {
  [[ -n $run ]] || return 0
  "$here/$name.sh" down "$run" || true
  rm -rf "$run"
  run=''
}
trap 'down; sysctl -q -w "net.core.rmem_max=$rmem" "net.core.wmem_max=$wmem"' EXIT
trap 'exit 130' INT TERM

out() { printf '%s\t%s\t%s\t%s\n' "$@"; }
# measure PEER: once
measure() {
  local settings=() label s
  name=${1%%:*}
  run=$(mktemp -d)
  [[ $1 = *:* ]] && IFS=, read -ra settings <<<"${1#*:}"
  label=$name
  for s in "${settings[@]}"; do [[ $s = LABEL=* ]] && label=${s#LABEL=}; done
  if env "${settings[@]}" "$here/$name.sh" up "$run" 1>&2; then
    out "$label" up 1 yes
    echo "# $label: $(cat "$run/note"); load $(cut -d' ' -f1 /proc/loadavg)"
    "$here/warm.sh" "$NSA" "$NSB" "$INB"
    # shellcheck disable=SC2046
    REPS=1 "$here/bench.sh" "$label" "$NSA" "$NSB" "$INB" $(cat "$run/pids") || out "$label" bench failed "ended with $?"
    "$here/pace.sh" "$label" "$NSA" "$NSB" "$INB" || out "$label" pace failed "ended with $?"
  else
    out "$label" up failed "did not come up"
  fi
  down
}

echo "# $(date -u '+%F %T') UTC, $(nproc) cores of $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), Linux $(uname -r), $(iperf3 --version | head -1)"
for ((rep = 1; rep <= REPS; rep++)); do
  echo "# repetition $rep of $REPS"
  for word in "${peers[@]}"; do measure "$word"; done
done
