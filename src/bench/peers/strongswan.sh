#!/usr/bin/env bash
# strongSwan with kernel-libipsec on both sides: charon's own ESP (UDP 4500) and its own TUN device, ipsec0.
# The configuration is in strongswan-libipsec/. STRONGSWAN_TS=any negotiates 0.0.0.0/0 === 0.0.0.0/0 (route-based);
# the default negotiates 10.99.0.0/30 === 10.99.0.0/30. STRONGSWAN_ESP is another ESP proposal.
. "$(dirname "$0")/lib.sh"
esp=${STRONGSWAN_ESP:-aes128gcm16-x25519}
up() {
  local run=$1 s n i
  for s in a b; do
    mkdir -p "$run/$s"
    # each side's charon reads its own copy, with its own vici socket and log
    sed "s|@RUN@|$run/$s|g" "$HERE/strongswan-libipsec/strongswan.conf" >"$run/$s/strongswan.conf"
    sed "s|esp_proposals = .*|esp_proposals = $esp|" \
      "$HERE/strongswan-libipsec/swanctl-${STRONGSWAN_TS:-net}.$s.conf" >"$run/$s/swanctl.conf"
    n=$NSA; [[ $s = b ]] && n=$NSB
    STRONGSWAN_CONF=$run/$s/strongswan.conf ip netns exec "$n" charon-systemd >"$run/$s/out" 2>&1 &
    echo $! >>"$run/pids"
  done
  for s in a b; do
    for i in $(seq 50); do [[ -S $run/$s/charon.vici ]] && break; sleep 0.1; done
  done
  ip -n "$NSA" addr add "$INA/30" dev ipsec0
  ip -n "$NSB" addr add "$INB/30" dev ipsec0
  for s in a b; do
    STRONGSWAN_CONF=$run/$s/strongswan.conf swanctl --load-all --file "$run/$s/swanctl.conf" \
      --uri "unix://$run/$s/charon.vici" >"$run/$s/load" 2>&1
  done
  STRONGSWAN_CONF=$run/a/strongswan.conf swanctl --initiate --child net \
    --uri "unix://$run/a/charon.vici" >"$run/a/initiate" 2>&1 || { tail -20 "$run/a/initiate" >&2; return 1; }
  echo "strongSwan $(dpkg-query -W -f '${Version}' strongswan-libcharon) kernel-libipsec, ESP $esp in UDP, inner MTU 1400" >"$run/note"
}
main up "$@"
