# shellcheck shell=bash
# Numbered datagrams and a numbered stream through two daemons with manual SAs. Sourced by order.sh and costs.sh, after linux/lib.sh.
#
#   namespace l                                      namespace r
#   +-------------------------+        ESP         +-------------------------+
#   | ipsec0 10.0.0.1         |                    | ipsec0 10.0.0.2         |
#   | ipsecifd l0 203.0.113.1 +--------------------+ r0 203.0.113.2 ipsecifd |
#   +-------------------------+                    +-------------------------+
# IPSECIF_TEST_CLASSES is where the tests' classes are, if not in target.

need_flows() { need ip iproute2 ping iputils-ping java openjdk-17-jre-headless; }
flows_net() {
  scratch
  netns l
  netns r
  veth "$ns_l" l0 "$ns_r" r0
  address "$ns_l" l0 203.0.113.1/24
  address "$ns_r" r0 203.0.113.2/24
  umask 077
  local classes
  classes=${IPSECIF_TEST_CLASSES:-$top/target/test-classes}:$(find "$dist" -name '*.jar' -printf '%p:')
  flow_order=(java -Xmx256m -XX:+UseSerialGC --add-exports "java.base/sun.nio.ch=ALL-UNNAMED" -cp "$classes" org.ipsecif.load.FlowOrder)
}
flows_rc() { # LOCAL REMOTE OWN-DIGIT OTHER-DIGIT ENCAP
  printf '%s\n' 'create_args_ipsec0="reqid 100"' "ifconfig_ipsec0=\"tunnel $1 $2 inet 10.0.0.$3/30 10.0.0.$4 up\"" \
    "ipsecif_ipsec0_encap=$5" "ipsecif_ipsec0_sa_file=$work/sa"
}
# up ENCAP ALGORITHMS OPTIONS: both daemons; the algorithms in setkey's words, with keys. The devices' queues have room for all that
# FlowOrder ever has on the way, so that the host need not lose any of it.
up() {
  printf 'add %s %s esp %s -m tunnel -u 100 -r 1024 %s;\n' 203.0.113.1 203.0.113.2 0x1001 "$2" \
    203.0.113.2 203.0.113.1 0x1002 "$2" >"$work/sa"
  flows_rc 203.0.113.1 203.0.113.2 1 2 "$1" >"$work/l.conf"
  flows_rc 203.0.113.2 203.0.113.1 2 1 "$1" >"$work/r.conf"
  # shellcheck disable=SC2086
  daemon l "$ns_l" --insecure-manual-aead --rc-conf "$work/l.conf" $3 &&
    daemon r "$ns_r" --insecure-manual-aead --rc-conf "$work/r.conf" $3 &&
    ip -n "$ns_l" link set ipsec0 txqueuelen 5000 && ip -n "$ns_r" link set ipsec0 txqueuelen 5000 && until_true 10 pings "$ns_l" 10.0.0.2 -c 1
}
down() { stop l && stop r; }
key() { printf '0x%0*d' "$((2 * $1))" 1; } # BYTES

# carry FLOWS DATAGRAMS STREAM-BYTES [SWAP]: what was sent comes to be in sent[], what came in came[], by name; see FlowOrder
declare -A sent came
carry() {
  local receiver words
  sent=([datagrams]=0 [silences]=- [stream]=none) came=([datagrams]=0 [late]=- [twice]=- [damaged]=- [stream]=nothing [wrong]=-)
  rm -f "$work/end"
  mkfifo "$work/end"
  exec {end}<>"$work/end"
  nsenter --net="/run/netns/$ns_r" "${flow_order[@]}" receive 10.0.0.2 7000 <"$work/end" >"$work/came" 2>&1 &
  receiver=$!
  daemons+=("$receiver")
  until_true 20 grep -q ready "$work/came" || { cat "$work/came" && return 1; }
  within "$ns_l" timeout $((30 + $2 / 5000)) "${flow_order[@]}" send 10.0.0.2 7000 "$@" >"$work/sent" || return 1
  echo >&"$end"
  exec {end}>&-
  until_true 20 process_gone "$receiver" && wait "$receiver" || return 1
  read -ra words <"$work/sent" && sent=([datagrams]=${words[1]} [silences]=${words[3]} [stream]=${words[5]})
  read -ra words < <(tail -n 1 "$work/came")
  came=([datagrams]=${words[1]} [late]=${words[3]} [twice]=${words[5]} [damaged]=${words[7]} [stream]=${words[9]} [wrong]=${words[11]})
}
