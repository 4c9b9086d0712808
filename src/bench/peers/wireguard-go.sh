#!/usr/bin/env bash
# wireguard-go on both sides. WIREGUARD_GO names another build of the program.
. "$(dirname "$0")/lib.sh"
: "${WIREGUARD_GO:=wireguard-go}"
up() {
  local run=$1 s
  umask 077
  for s in a b; do wg genkey >"$run/key.$s"; done
  # one control socket per side: wireguard-go names it after its interface, so the two interfaces differ
  LOG_LEVEL=error ip netns exec "$NSA" "$WIREGUARD_GO" -f pbwg0 >"$run/log.a" 2>&1 &
  echo $! >>"$run/pids"
  LOG_LEVEL=error ip netns exec "$NSB" "$WIREGUARD_GO" -f pbwg1 >"$run/log.b" 2>&1 &
  echo $! >>"$run/pids"
  for s in 1 2 3 4 5 6 7 8 9 10; do
    in_a wg show pbwg0 >/dev/null 2>&1 && in_b wg show pbwg1 >/dev/null 2>&1 && break
    sleep 0.2
  done
  in_a wg set pbwg0 listen-port 51820 private-key "$run/key.a" \
    peer "$(wg pubkey <"$run/key.b")" allowed-ips "$INB/32" endpoint "$OUTB:51820"
  in_b wg set pbwg1 listen-port 51820 private-key "$run/key.b" \
    peer "$(wg pubkey <"$run/key.a")" allowed-ips "$INA/32" endpoint "$OUTA:51820"
  ip -n "$NSA" addr add "$INA/30" dev pbwg0
  ip -n "$NSB" addr add "$INB/30" dev pbwg1
  ip -n "$NSA" link set pbwg0 mtu 1420 up
  ip -n "$NSB" link set pbwg1 mtu 1420 up
  echo "$("$WIREGUARD_GO" --version 2>&1 | head -1), ChaCha20-Poly1305, inner MTU 1420" >"$run/note"
}
main up "$@"
