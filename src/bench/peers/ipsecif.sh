#!/usr/bin/env bash
# ipsecif on both sides, AES-128-GCM with manual keys. ENCAP is udp (ESP in UDP port 4500) or no (protocol 50); DIST the built tree,
# OPTIONS more of the daemon's options, IPSECIF_JAVA_HOME the JDK.
. "$(dirname "$0")/lib.sh"
: "${DIST:=$(cd "$HERE/../../.." && pwd)/target/dist}" "${ENCAP:=udp}" "${OPTIONS:=}"
side() { # RUNDIR SIDE NAMESPACE LOCAL REMOTE INNER INNER-REMOTE
  local run=$1 s=$2
  cat >"$run/rc.$s" <<END
create_args_ipsec0="reqid 100"
ifconfig_ipsec0="inet tunnel $4 $5 inet $6/30 $7 up"
ipsecif_ipsec0_encap="$ENCAP"
ipsecif_ipsec0_sa_file="$run/sa"
END
  mkdir -p "$run/state.$s"
  # shellcheck disable=SC2086
  ip netns exec "$3" "$DIST/sbin/ipsecifd" --foreground --insecure-manual-aead $OPTIONS --rc-conf "$run/rc.$s" \
    --socket "$run/ctl.$s" --state-dir "$run/state.$s" >"$run/log.$s" 2>&1 &
  echo $! >>"$run/pids"
}
up() {
  local run=$1 k1=0x101112131415161718191a1b1c1d1e1f20212223 k2=0x303132333435363738393a3b3c3d3e3f40414243
  umask 077
  printf 'add %s %s esp %s -m tunnel -u 100 -r 128 -E aes-gcm-16 %s;\n' \
    "$OUTA" "$OUTB" 0x2001 $k1 "$OUTB" "$OUTA" 0x2002 $k2 >"$run/sa"
  side "$run" a "$NSA" "$OUTA" "$OUTB" "$INA" "$INB"
  side "$run" b "$NSB" "$OUTB" "$OUTA" "$INB" "$INA"
  for _ in $(seq 100); do
    grep -q ready "$run/log.a" && grep -q ready "$run/log.b" && break
    sleep 0.2
  done
  echo "$("$DIST/sbin/ipsecifd" --version 2>&1 | head -1), AES-128-GCM, encap $ENCAP $OPTIONS" >"$run/note"
}
main up "$@"
