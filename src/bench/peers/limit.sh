#!/usr/bin/env bash
# The ceiling: the inner addresses sit on the veth pair itself, no tunnel.
# LIMIT_SEGMENT=1 turns off TSO and GRO on the pair (needs ethtool), so that every TCP segment crosses as one
# 1500-byte packet, as it does on a TUN device without offloads.
. "$(dirname "$0")/lib.sh"
up() {
  if [[ ${LIMIT_SEGMENT:-0} = 1 ]]; then
    in_a ethtool -K pbv0 tso off gro off
    in_b ethtool -K pbv1 tso off gro off
  fi
  ip -n "$NSA" addr add "$INA/30" dev pbv0
  ip -n "$NSB" addr add "$INB/30" dev pbv1
  echo "plain veth, MTU 1500, TSO and GRO off: ${LIMIT_SEGMENT:-0}" >"$1/note"
}
main up "$@"
