#!/usr/bin/env bash
# all.sh [PEER...]: every peer back to back, the limit first and last. Lines go to stdout, notes begin with '#'.
# A peer is NAME or NAME:VAR=VALUE,VAR=VALUE: settings for its script; LABEL=WORD among them names it in the lines.
# REPS is the number of repetitions of every figure (3). It takes about 4 minutes per peer.
# Needs the packages iperf3 jq ethtool iputils-ping wireguard-go wireguard-tools openvpn charon-systemd
# strongswan-swanctl libcharon-extra-plugins libstrongswan-extra-plugins libstrongswan-standard-plugins, and root.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
export REPS=${REPS:-3}
peers=("$@")
[[ $# -gt 0 ]] || peers=(limit strongswan wireguard-go openvpn ipsecif ipsecif:ENCAP=no,LABEL=ipsecif_raw limit:LABEL=limit_again)
for word in "${peers[@]}"; do
  run=$(mktemp -d)
  name=${word%%:*}
  settings=()
  [[ $word = *:* ]] && IFS=, read -ra settings <<<"${word#*:}"
  label=$name
  for s in "${settings[@]}"; do [[ $s = LABEL=* ]] && label=${s#LABEL=}; done
  if env "${settings[@]}" "$here/$name.sh" up "$run"; then
    echo "# $label: $(cat "$run/note"); load $(cut -d' ' -f1 /proc/loadavg)"
    "$here/bench.sh" "$label" "$NSA" "$NSB" "$INB" $(cat "$run/pids") || echo "# $label: bench failed"
    for ((i = 0; i < REPS; i++)); do "$here/pace.sh" "$label" "$NSA" "$NSB" "$INB" || break; done
  else
    echo "# $label: did not come up"
  fi
  "$here/$name.sh" down "$run"
  rm -rf "$run"
done
