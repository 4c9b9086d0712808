#!/usr/bin/env bash
# Many branches that one responder brings up: how many a second on one processor, and what memory each takes.
#
#   namespace r (responder)                       namespace b (branches)
#   +-------------------------------+             +-------------------------------------+
#   | an IKE endpoint, ipsecifd,    |  IKE        | initiators 10.50.0.1, 10.50.0.2 ... |
#   | or strongSwan's charon        +-------------+ in one process                      |
#   |     r0 203.0.113.1            |             | b0 203.0.113.2                      |
#   +-------------------------------+             +-------------------------------------+
#
# IPSECIF_BRANCHES is how many (default 150), IPSECIF_RESPONDERS which (default "endpoint ipsecifd"; charon needs charon-systemd,
# strongswan-swanctl, libcharon-extra-plugins and libstrongswan-extra-plugins), IPSECIF_WINDOW how many begin at once (default 16),
# IPSECIF_ROUNDS how often all come up (default 2: in the first the JVM compiles), IPSECIF_RATE how many a second it has to be
# (default 25, for others may want the processors too).
. "$(dirname "$0")/../../../linux/lib.sh"
as_root_or_userns "$@"
need ip iproute2 java openjdk-17-jre-headless jq jq taskset util-linux
branches=${IPSECIF_BRANCHES:-150}
window=${IPSECIF_WINDOW:-16}
rounds=${IPSECIF_ROUNDS:-2}
wanted=${IPSECIF_RATE:-25}
scratch
netns r
netns b
veth "$ns_r" r0 "$ns_b" b0
address "$ns_r" r0 203.0.113.1/24
address "$ns_b" b0 203.0.113.2/24
ip -n "$ns_r" route add 10.50.0.0/16 via 203.0.113.2
ip -n "$ns_b" route add local 10.50.0.0/16 dev lo
umask 077
ulimit -n 8192 2>/dev/null || ulimit -n "$(ulimit -Hn)"
classes="$top/target/test-classes:$top/target/classes:$(find "$dist" -name '*.jar' -printf '%p:')"
cpu() { awk -v hz="$(getconf CLK_TCK)" '{print ($14 + $15) / hz}' "/proc/$1/stat"; }
resident() { awk '/^VmRSS/ {print $2}' "/proc/$1/status"; }
lines() { [ "$(wc -l <"$1")" -ge "$2" ]; }

# measure NAME PID: all branches come up, again and again, at the responder with this process, which has a processor of its own
measure() {
  local name=$1 pid=$2 memory round line used before
  memory=$(resident "$pid")
  mkfifo "$work/$name.branches"
  exec 8<>"$work/$name.branches"
  nsenter --net="/run/netns/$ns_b" taskset -c "$(($(nproc) - 1))" java -Xmx400m -cp "$classes" org.ipsecif.load.IkeLoad \
    initiate 203.0.113.1 "$branches" "$window" "$rounds" <&8 >"$work/$name.out" 2>"$work/$name.err" &
  initiators=$!
  daemons+=("$initiators")
  before=$(cpu "$pid")
  for ((round = 1; round <= rounds; round++)); do
    until_true 130 lines "$work/$name.out" "$round" || break
    used=$(cpu "$pid")
    line=$(sed -n "${round}p" "$work/$name.out")
    say "$name, $line; of the responder's processor $(awk "BEGIN {t = $used - $before; printf \"%.2f s, with all before: %.0f for a second of it\", t, $branches / t}")"
    before=$used
    equal "$name, round $round: all are up" "$branches of $branches" "$(sed -nE 's/^round [0-9]+: ([0-9]+ of [0-9]+) in.*/\1/p' <<<"$line")"
  done
  say "$name: $memory kB resident before, $(resident "$pid") after: $((($(resident "$pid") - memory) / branches)) for each"
  equal "$name: the branches have nothing to warn of" "" "$(cat "$work/$name.err")"
  rate=$(sed -nE 's/.* ([0-9.]+) a second;.*/\1/p' "$work/$name.out" | tail -n 1)
}
fast_enough() { check "at least $wanted a second" awk "BEGIN {exit !(${rate:-0} >= $wanted)}"; }
end_of() { kill "$1" && until_true 20 process_gone "$1"; }

endpoint() {
  heading "The endpoint alone"
  mkfifo "$work/endpoint.in"
  exec 7<>"$work/endpoint.in"
  nsenter --net="/run/netns/$ns_r" taskset -c 0 java -Xmx400m -cp "$classes" org.ipsecif.load.IkeLoad respond 203.0.113.1 "$branches" \
    <&7 >"$work/endpoint.memory" 2>"$work/endpoint.errors" &
  local pid=$! each
  daemons+=("$pid")
  check "it is there" until_true 30 lines "$work/endpoint.memory" 1
  measure endpoint "$pid"
  fast_enough
  echo >&7
  check "it says what memory is in use" until_true 30 lines "$work/endpoint.memory" 2
  equal "all are up there too" "$branches" "$(sed -n '2s/ .*//p' "$work/endpoint.memory")"
  each=$(awk 'NR == 1 {before = $2} NR == 2 {printf "%d", ($2 - before) / $1}' "$work/endpoint.memory")
  check "each takes less than 64 KiB of the heap: $each bytes" [ "${each:-65536}" -lt 65536 ]
  equal "it warns of nothing" "" "$(cat "$work/endpoint.errors")"
  end_of "$initiators"
  end_of "$pid"
}

ipsecifd() {
  heading "ipsecifd"
  local i last
  printf ': PSK "a secret of all the branches"\n' >"$work/psk"
  for ((i = 0; i < branches; i++)); do
    last=$(((i + 1) / 256)).$(((i + 1) % 256))
    printf 'ifconfig_ipsec%d="inet tunnel 203.0.113.1 10.50.%s 10.0.0.1/32 10.60.%s up"\n' "$i" "$last" "$last"
    printf "ipsecif_ipsec$i"'_%s\n' 'local_id="center.example.org"' "remote_id=\"branch$i.example.org\"" "psk_file=\"$work/psk\"" \
      'ike="aes128gcm16-prfsha256-x25519"' 'esp="aes128gcm16-noesn"' 'start="add"'
  done >"$work/rc.conf"
  check "it starts" daemon r "$ns_r" --rc-conf "$work/rc.conf"
  taskset -apc 0 "$pid_r" >/dev/null
  measure ipsecifd "$pid_r"
  fast_enough
  check "all interfaces are active" until_true 20 all_active
  end_of "$initiators"
  check "it stops" stop r
}
all_active() { [ "$(ctl r list --json | jq '[.[] | select(.status == "active")] | length')" = "$branches" ]; }

charon() {
  heading "charon"
  . "$top/src/test/interop/strongswan.bash"
  need_strongswan
  ns_s=$ns_r
  cat >"$work/all.conf" <<END
connections { branches {
    version = 2
    local_addrs = 203.0.113.1
    proposals = aes128gcm16-prfsha256-x25519
    mobike = no
    unique = replace
    local { auth = psk
      id = center.example.org }
    remote { auth = psk
      id = *.example.org }
    children { branches {
        esp_proposals = aes128gcm16-noesn
        local_ts = 0.0.0.0/0
        remote_ts = 10.60.0.0/16
        start_action = none } } } }
secrets { ike-all { secret = "a secret of all the branches" } }
END
  check "it starts" start_strongswan "ikesa_table_size = 1024" "ikesa_table_segments = 4"
  check "it has its configuration" swanctl --load-all --noprompt --file "$work/all.conf"
  taskset -apc 0 "$pid_strongswan" >/dev/null
  measure charon "$pid_strongswan"
  end_of "$initiators"
  check "it stops" stop_strongswan
}

for responder in ${IPSECIF_RESPONDERS:-endpoint ipsecifd}; do "$responder"; done
summary ike-scale
