#!/usr/bin/env bash
# OpenVPN 2.6 point to point over UDP with TLS, AES-128-GCM, its userspace data path (no DCO).
# OPENVPN_MTU is the tun MTU (1500 is OpenVPN's own default; mssfix keeps TCP below the outer MTU).
. "$(dirname "$0")/lib.sh"
: "${OPENVPN_MTU:=1500}"
cert() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
    -keyout "$1/$2.key" -out "$1/$2.crt" -subj "/CN=pb-$2" 2>/dev/null
  openssl x509 -in "$1/$2.crt" -noout -fingerprint -sha256 | sed 's/.*=//'
}
up() {
  local run=$1 fa fb
  fa=$(cert "$run" a) fb=$(cert "$run" b)
  local common=(--dev-type tun --proto udp --disable-dco --data-ciphers AES-128-GCM
    --tun-mtu "$OPENVPN_MTU" --dh none --verb 3 --ping 10 --nobind)
  ip netns exec "$NSB" openvpn "${common[@]/--nobind/--float}" --tls-server --dev pbovpn1 --local "$OUTB" --port 1194 \
    --ifconfig "$INB" "$INA" --cert "$run/b.crt" --key "$run/b.key" --peer-fingerprint "$fa" \
    >"$run/log.b" 2>&1 &
  local b=$!
  sleep 0.5
  ip netns exec "$NSA" openvpn "${common[@]}" --tls-client --dev pbovpn0 --remote "$OUTB" 1194 \
    --ifconfig "$INA" "$INB" --cert "$run/a.crt" --key "$run/a.key" --peer-fingerprint "$fb" \
    >"$run/log.a" 2>&1 &
  echo "$! $b" >"$run/pids"
  echo "$(openvpn --version | head -1 | cut -d' ' -f1,2), AES-128-GCM, no DCO, inner MTU $OPENVPN_MTU" >"$run/note"
}
main up "$@"
