# shellcheck shell=bash
# For a script whose peer is libreswan; sourced after linux/lib.sh. Its package cannot be installed beside strongSwan's, and so is
# unpacked; pluto and its helpers look for each other in /usr/libexec/ipsec, where they are in a mount namespace.

libreswan=${IPSECIF_LIBRESWAN:-$top/target/libreswan}
libexec=$libreswan/usr/libexec/ipsec

# need_libreswan: the package, and what it needs of others; with apt. Exits with 77 where it cannot have them.
need_libreswan() {
  libreswan_is_there && return
  if [ "$(id -u)" != 0 ] || [ -n "${IPSECIF_USERNS:-}" ]; then
    say "skipped: libreswan is not in $libreswan, and only root can put it there"
    exit 77
  fi
  say "fetching libreswan with apt"
  fetch_libreswan && libreswan_is_there || die "apt could not fetch libreswan"
}
libreswan_is_there() { [ -x "$libexec/pluto" ] && ! ldd "$libexec/pluto" "$libexec/addconn" | grep -q 'not found'; }
fetch_libreswan() (
  download=$(mktemp -d) && trap 'rm -rf "$download"' EXIT && cd "$download" || exit
  export DEBIAN_FRONTEND=noninteractive
  flock "$top" apt-get update -q >/dev/null && apt-get download -q -o APT::Sandbox::User=root libreswan >/dev/null || exit
  libraries=$(dpkg-deb -f libreswan_*.deb Depends | tr , '\n' | sed -nE 's/^ *(lib[^ ]*).*/\1/p')
  # shellcheck disable=SC2086
  flock "$top" apt-get install -q -y --no-install-recommends $libraries >/dev/null &&
    mkdir -p "$libreswan" && dpkg-deb -x libreswan_*.deb "$libreswan"
)

# start_libreswan: pluto in s, by $work/ipsec.conf and $work/ipsec.secrets, with the certificate and the key s1 of $work/pki
start_libreswan() {
  local database=sql:$work/nss
  mkdir -p "$work/pluto" "$work/nss"
  certutil -N -d "$database" --empty-password &&
    openssl pkcs12 -export -in "$work/pki/s1.crt" -inkey "$work/pki/s1.key" -name s1 -passout pass: -out "$work/pki/s1.p12" &&
    pk12util -i "$work/pki/s1.p12" -d "$database" -W "" && certutil -A -n root -t CT,, -d "$database" -a -i "$work/pki/root.crt" || return
  # shellcheck disable=SC2016
  nsenter --net="/run/netns/$ns_s" unshare -m bash -c 'mount -t tmpfs tmpfs /usr/libexec && ln -s "$0" /usr/libexec/ipsec && exec "$@"' \
    "$libexec" "$libexec/pluto" --config "$work/ipsec.conf" --nofork --rundir "$work/pluto" --secretsfile "$work/ipsec.secrets" \
    --ipsecdir "$work/pluto" --nssdir "$work/nss" --logfile "$work/pluto.log" --no-dnssec >"$work/pluto.out" 2>&1 &
  pid_libreswan=$!
  daemons+=("$pid_libreswan")
  until_true 60 pluto_logged 'loading secrets' && until_true 20 whack --status || { cat "$work/pluto.out" "$work/pluto.log" && return 1; }
}
stop_libreswan() {
  whack --shutdown
  until_true 20 process_gone "$pid_libreswan"
}
whack() { timeout 60 nsenter --net="/run/netns/$ns_s" "$libexec/whack" --ctlsocket "$work/pluto/pluto.ctl" "$@"; }
pluto_logged() { grep -Eq "$1" "$work/pluto.log"; }
# load_libreswan CONNECTION
load_libreswan() {
  nsenter --net="/run/netns/$ns_s" "$libexec/addconn" --config "$work/ipsec.conf" --ctlsocket "$work/pluto/pluto.ctl" "$1" >/dev/null 2>&1 # its exit status says nothing
  pluto_logged "\"$1\": added" || { grep "\"$1\"" "$work/pluto.log" && return 1; }
}
