#!/usr/bin/env bash
# ipsecifctl ike, and what show, create and --check say of IKE, as somebody sees it who operates two of our daemons.
#
#   namespace l                              namespace r
#   +--------------------------+             +--------------------------+
#   | ipsec0 10.0.0.1          |  IKE, ESP   | ipsec0 10.0.0.2          |
#   |        203.0.113.1    vl +-------------+ vr    203.0.113.2        |
#   +--------------------------+             +--------------------------+
#
# With tshark (apt-get install tshark), it reads what was captured by the keys that `ike keys` writes.
. "$(dirname "$0")/../../../linux/lib.sh"
as_root_or_userns "$@"
need ip iproute2 ping iputils-ping jq jq perl perl-base sysctl procps
scratch
netns l
netns r
within "$ns_l" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
within "$ns_r" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
veth "$ns_l" vl "$ns_r" vr
address "$ns_l" vl 203.0.113.1/24
address "$ns_r" vr 203.0.113.2/24
umask 077
secret="a secret that nobody finds by trying"
echo "l.example.org r.example.org : PSK \"$secret\"" >"$work/psk"
rc_conf() { # OWN-DIGIT OTHER-DIGIT OWN-NAME OTHER-NAME IKE
  cat <<END
create_args_ipsec0="reqid 100"
ifconfig_ipsec0="inet tunnel 203.0.113.$1 203.0.113.$2 10.0.0.$1/30 10.0.0.$2 up"
ipsecif_ipsec0_local_id="$3.example.org"
ipsecif_ipsec0_remote_id="$4.example.org"
ipsecif_ipsec0_psk_file="$work/psk"
ipsecif_ipsec0_ike="$5"
ipsecif_ipsec0_esp="aes128gcm16-x25519"
ipsecif_ipsec0_start="add"
END
}
rc_conf 1 2 l r aes128gcm16-prfsha256-x25519 >"$work/l.conf"
rc_conf 2 1 r l aes128gcm16-prfsha256-x25519 >"$work/r.conf"
# says COMMAND...: what it prints, on both outputs, is in $work/said; its exit status
says() { "$@" >"$work/said" 2>&1 || ! cat "$work/said"; }
# fails STATUS COMMAND...
fails() {
  local wanted=$1
  shift
  "$@" >"$work/said" 2>&1
  [ $? = "$wanted" ]
}
said() { grep -qE -- "$1" "$work/said" || ! cat "$work/said"; }
shows() { ctl l show ipsec0 >"$work/said" && said "$1"; }

heading "Before there is anything"
printed_by_check() { says "$dist/sbin/ipsecifd" --check --rc-conf "$work/l.conf" && said '	ike options: keying ike local_id l.example.org remote_id r.example.org psk_file .*/psk '; }
check "--check prints what IKE is to do" printed_by_check
check "daemon l starts" daemon l "$ns_l" --rc-conf "$work/l.conf"
check "there is no IKE SA" says ctl l ike list
equal "and so no line" "" "$(cat "$work/said")"
check "show says so" shows '	ike: no IKE SA$'
check "and what IKE is to do" shows '	ike options: keying ike local_id l.example.org'
check "ike up of nothing: exit status 1" fails 1 ctl l ike up ipsec9
check "and one line" said '^ipsecifctl: ipsec9: no such interface of ipsecif$'
check "without an answer in time: exit status 1" fails 1 ctl l ike up ipsec0 --timeout 1
check "and what is being done" said '^ipsecifctl: ipsec0: not within 1 s; connecting to 203.0.113.2$'
check "show says so" shows '	ike: connecting to r.example.org at 203.0.113.2\[500\]'
check "nothing to rekey: exit status 1" fails 1 ctl l ike rekey ipsec0
check "and why" said '^ipsecifctl: ipsec0: no IKE SA$'
check "ike down" ctl l ike down ipsec0
check "which is done with" says ctl l ike list
equal "at once" "" "$(cat "$work/said")"

heading "Up"
capture() {
  "${in_r[@]}" "$top/linux/capture" vr "$work/ike.pcap" >"$work/capture.log" 2>&1 &
  daemons+=($!)
  pid_capture=$!
  until_true 10 grep -q listening "$work/capture.log"
}
check "a capture" capture
check "daemon r starts" daemon r "$ns_r" --rc-conf "$work/r.conf"
"${in_l[@]}" "$dist/sbin/ipsecifctl" --socket "$work/l.sock" ike trace ipsec0 >"$work/trace" 2>&1 &
daemons+=($!)
pid_trace=$!
"${in_r[@]}" "$dist/sbin/ipsecifctl" --socket "$work/r.sock" ike trace ipsec0 --json >"$work/trace.r" 2>&1 &
daemons+=($!)
"${in_l[@]}" "$dist/sbin/ipsecifctl" --socket "$work/l.sock" ike log -f ipsec0 >"$work/log" 2>&1 &
daemons+=($!)
followed() { [ "$(rpc l ike.follow '{"what":"log"}' | jq -r .result.stream)" -ge 3 ]; }
check "traces and a log are under way" until_true 20 followed
followed_there() { [ "$(rpc r ike.follow '{"what":"log"}' | jq -r .result.stream)" -ge 2 ]; }
check "at the other end too" until_true 20 followed_there
check "ike up" ctl l ike up ipsec0
check "traffic passes" pings "$ns_l" 10.0.0.2
check "ike up again: it is" ctl l ike up ipsec0 --timeout 0
check "ike list" says ctl l ike list
cat "$work/said"
check "has a line for the IKE SA" said '^ipsec0: established as initiator, l.example.org at 203.0.113.1\[500\] --> r.example.org at 203.0.113.2\[500\], spis [0-9a-f]{16}_i [0-9a-f]{16}_r, age 0:00:[0-9]{2}, rekey in 3:[0-9:]{5}, AES_GCM_16_128/PRF_HMAC_SHA2_256/CURVE_25519$'
check "and one for the CHILD_SA" said '^	child ipsec0: active, spis 0x[0-9a-f]{8} in 0x[0-9a-f]{8} out, 0.0.0.0/0 .*=== 0.0.0.0/0 .*, AES_GCM_16_128/ESN, in 3 packets 252 bytes, out 3 packets 252 bytes, age 0:00:[0-9]{2}, rekey in 0:5[0-9]:[0-9]{2}$'
sa() { ctl "$1" ike list ipsec0 --json | jq -r ".[0]$2"; }
equal "the other end has the same IKE SA" "$(sa l .responderSpi)" "$(sa r .responderSpi)"
equal "as responder" false "$(sa r .initiator)"
equal "and the same CHILD_SA" "$(sa l .children[0].inboundSpi)" "$(sa r .children[0].outboundSpi)"
check "show has it too" shows '	ike: established with r.example.org at 203.0.113.2\[500\], AES_GCM_16_128/PRF_HMAC_SHA2_256/CURVE_25519, rekey in 3:'
equal "and its JSON" established "$(ctl l show ipsec0 --json | jq -r '.[0].ike[0].state')"

heading "Log and trace"
logged() { says ctl l ike log ipsec0 && said "$1"; }
check "the log has an event a line, with its time" until_true 5 logged '^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:.]{12} ipsec0: IKE_SA .* established with r.example.org at 203.0.113.2, AES_GCM_16_128'
equal "-n 1 is the last" 1 "$(ctl l ike log -n 1 | wc -l)"
check "the log was followed" until_true 10 grep -q 'CHILD_SA .* established' "$work/log"
traced() { grep -qE -- "$1" "$work/trace"; }
for line in \
  'ipsec0: --> 203.0.113.1\[500\] 203.0.113.2\[500\] IKE_SA_INIT request 0 \[ SA KE No ' \
  'ipsec0: <-- 203.0.113.1\[500\] 203.0.113.2\[500\] IKE_SA_INIT response 0 \[ SA KE No ' \
  'ipsec0: --> .* IKE_AUTH request 1 \[ IDi .*AUTH .*SA TSi TSr ' \
  'ipsec0: <-- .* IKE_AUTH response 1 \[ IDr AUTH .*SA TSi TSr ' \
  '^  IDi l.example.org \(ID_FQDN\)$' \
  '^  No 32 bytes$' \
  '^  AUTH SHARED_KEY_MIC, 32 bytes$' \
  '^    1 ESP [0-9a-f]{8}: AES_GCM_16_128/'; do
  check "the trace has $line" until_true 10 traced "$line"
done
[ "$failed" = 0 ] || cat "$work/trace"
traced_there() { [ "$(jq -r .kind "$work/trace.r" | sort | uniq -c | tr -s ' \n' ' ')" = ' 2 received 2 sent ' ]; }
check "the responder's trace has all four messages" until_true 10 traced_there
kill "$pid_trace"
check "a trace ends after its time" timeout 20 "$dist/sbin/ipsecifctl" --socket "$work/l.sock" ike trace ipsec0 --duration 1

heading "Rekeying"
ike_before=$(sa l .initiatorSpi)
child_before=$(sa l .children[0].inboundSpi)
"${in_l[@]}" ping -q -c 300 -i 0.02 -W 5 10.0.0.2 >"$work/pings" 2>&1 &
pid_pings=$!
check "ike rekey --child" ctl l ike rekey ipsec0 --child
equal "the IKE SA is the same" "$ike_before" "$(sa l .initiatorSpi)"
refute "the CHILD_SA is another" [ "$child_before" = "$(sa l .children[0].inboundSpi)" ]
child_before=$(sa l .children[0].inboundSpi)
check "ike rekey --ike" ctl l ike rekey ipsec0 --ike
new_ike() { ctl l ike list --json | jq -e --arg spi "$ike_before" '[.[] | select(.state == "established")] | length == 1 and .[0].initiatorSpi != $spi'; }
check "the IKE SA is another" new_ike
equal "the CHILD_SA is the same" "$child_before" "$(ctl l ike list --json | jq '[.[].children[]][0].inboundSpi')"
check "ike rekey: both, by the other end" ctl r ike rekey ipsec0
wait "$pid_pings"
equal "no ping was lost" 1 "$(grep -c ' 0% packet loss' "$work/pings")"
check "both: exit status 2" fails 2 ctl l ike rekey ipsec0 --ike --child

heading "Keys"
mkdir -m 700 "$work/profile"
check "without --i-know: exit status 2" fails 2 ctl l ike keys ipsec0 "$work/profile/esp_sa"
check "ike keys" says ctl l ike keys ipsec0 "$work/profile/ikev2_decryption_table" --i-know
check "says what it did" said 'ikev2_decryption_table: keys of [12] SAs$'
check "ike keys --esp" ctl l ike keys ipsec0 "$work/profile/esp_sa" --esp --i-know
equal "the file is its owner's alone" 600 "$(stat -c %a "$work/profile/esp_sa")"
check "another time: exit status 1" fails 1 ctl l ike keys ipsec0 "$work/profile/esp_sa" --esp --i-know
check "and why" said 'esp_sa: is there already'
ln -s "$work/elsewhere" "$work/profile/link"
check "a link: exit status 1" fails 1 ctl l ike keys ipsec0 "$work/profile/link" --i-know
refute "which is not followed" test -e "$work/elsewhere"
mkdir -m 755 "$work/open"
check "a directory that others may read: exit status 1" fails 1 ctl l ike keys ipsec0 "$work/open/keys" --i-know
check "and why" said 'open: others than its owner may use it; chmod 700'
equal "nothing is written there" "" "$(ls "$work/open")"
key=$(cut -d, -f3 "$work/profile/ikev2_decryption_table" | head -n 1)
secrets_are_nowhere() {
  local each
  for each in "$key" "$secret" "$(sed -n '1s/.*"0x\([0-9a-f]\{32,\}\)".*/\1/p' "$work/profile/esp_sa")"; do
    [ ${#each} -ge 32 ] && ! grep -rqF "$each" "$work"/{l,r}.log "$work/trace" "$work/trace.r" "$work/log" "$work/said" || return 1
  done
}
check "keys and secret are in no log, trace or answer" secrets_are_nowhere

heading "Down"
check "ike down" ctl l ike down ipsec0
gone() { [ "$(ctl "$1" ike list --json | jq length)" = 0 ]; }
check "it is gone" until_true 10 gone l
check "at the other end too, which was told" until_true 10 gone r
check "ike down again: it is" ctl l ike down ipsec0

heading "Captured, for Wireshark"
check "ike up, by the other end" ctl r ike up ipsec0
rm -r "$work/profile"
mkdir -m 700 "$work/profile"
check "ike keys" ctl l ike keys ipsec0 "$work/profile/ikev2_decryption_table" --i-know
check "ike keys --esp" ctl l ike keys ipsec0 "$work/profile/esp_sa" --esp --i-know
spi=$(sa l .initiatorSpi)
check "traffic passes" pings "$ns_l" 10.0.0.2
if command -v tshark >/dev/null; then
  read_by_tshark() { # FILTER FIELDS...: of what was captured
    local fields=() filter=$1
    shift
    for each; do fields+=(-e "$each"); done
    HOME=$work XDG_CONFIG_HOME=$work/config tshark -r "$work/ike.pcap" -o esp.enable_encryption_decode:TRUE -Y "$filter" -T fields "${fields[@]}" 2>"$work/tshark.log"
  }
  mkdir -p "$work/config/wireshark"
  cp "$work/profile"/* "$work/config/wireshark/"
  auth() { [ "$(read_by_tshark "isakmp.ispi == $spi && isakmp.exchangetype == 35 && isakmp.id.data.fqdn" isakmp.id.data.fqdn | tr ',\n' '  ' | grep -o '[lr].example.org' | sort -u | tr '\n' ' ')" = 'l.example.org r.example.org ' ]; }
  check "TShark decrypts IKE_AUTH of both ends" until_true 10 auth
  pings_inside() { [ "$(read_by_tshark 'esp && icmp' icmp.type | sort | uniq -c | tr -s ' \n' ' ')" = ' 3 0 3 8 ' ]; }
  check "and ESP" until_true 10 pings_inside
  [ "$failed" = 0 ] || cat "$work/tshark.log"
else
  skip "TShark is not installed (apt-get install tshark)"
fi
kill "$pid_capture"

heading "An SA that has carried enough"
# A quarter more than 40,000 is the end of an SA.
check "child_rekey_bytes" ctl l ipsec0 child_rekey_bytes 40000
check "ike rekey --child" ctl l ike rekey ipsec0 --child
inbound() { ctl l ike list --json | jq '[.[].children[]][0].inboundSpi'; }
child_before=$(inbound)
check "the first bytes" within "$ns_l" ping -q -c 10 -i 0.01 -W 5 -s 1000 10.0.0.2
equal "change nothing" "$child_before" "$(inbound)"
check "35,000 more" says within "$ns_l" ping -q -c 35 -i 0.01 -W 5 -s 1000 10.0.0.2
replaced() { [ "$child_before" != "$(inbound)" ]; }
check "have the daemon replace the CHILD_SA" until_true 10 replaced
none_lost() { said ' 0% packet loss' || ! for each in l r; do ctl "$each" stats ipsec0 | grep -E '^[[:space:]]*[1-9]' | sed "s/^/$each: /"; done; }
check "and no ping was lost" none_lost
check "ike down" ctl r ike down ipsec0

heading "Reasons"
echo 'l.example.org r.example.org : PSK "another secret altogether"' >"$work/psk"
check "r reads another secret" ctl r reload
check "l, where something else changes, does not" ctl l ipsec0 dpd_delay 40
ip -n "$ns_l" address add 10.0.9.1/32 dev ipsec0
check "nor where somebody adds an address" until_true 10 shows '10\.0\.9\.1'
check "ike up: exit status 1" fails 1 ctl r ike up ipsec0
check "and the peer's reason" said '^ipsecifctl: ipsec0: .*AUTHENTICATION_FAILED'
check "show has it" eval 'ctl r show ipsec0 | grep -q "	ike: no IKE SA; .*AUTHENTICATION_FAILED"'
check "l says whose secret differs" until_true 5 logged 'warning: .*pre-shared keys of r.example.org differ'
check "other algorithms" ctl r ipsec0 ike aes256gcm16-prfsha384-ecp384
check "ike up: exit status 1" fails 1 ctl r ike up ipsec0
check "and what was offered" said 'NO_PROPOSAL_CHOSEN; we offered AES_GCM_16_256/PRF_HMAC_SHA2_384/ECP_384$'
check "what is down cannot be up: exit status 1" eval 'ctl r down ipsec0 && fails 1 ctl r ike up ipsec0'
check "and why" said '^ipsecifctl: ipsec0: it is down$'
check "a file of secrets that is not there: exit status 1" fails 1 ctl r ipsec0 psk_file "$work/none"
check "and why" said '^ipsecifctl: .*/none: no such file \(psk_file of ipsec0\)$'
check "r is up again" ctl r up ipsec0

heading "Warnings"
echo ': PSK "short"' >"$work/weak"
echo '%any : PSK "long enough, but anybody may be anybody"' >"$work/wild"
check "a weak algorithm is said" eval 'says ctl r ipsec0 ike aes128-sha1-modp2048 psk_file "$work/weak" && said "^ipsecifctl: warning: ipsec0: ike: sha1 is on its way out"'
check "a short secret too" said '^ipsecifctl: warning: ipsec0: .*/weak:1: the secret has 5 bytes'
check "both are in the log" eval 'grep -q "WARN ipsec0: ike: sha1 is" "$work/r.log" && grep -q "WARN ipsec0: .*/weak:1: the secret has 5 bytes" "$work/r.log"'
check "a change of something else" says ctl r ipsec0 mtu 1300
equal "does not repeat it" "" "$(cat "$work/said")"
check "create warns too" says ctl r create ipsec1 reqid 101 tunnel 203.0.113.2 203.0.113.9 10.0.1.1/30 10.0.1.2 psk_file "$work/wild" start add
check "of a wildcard" said '^ipsecifctl: warning: ipsec1: .*/wild:1: %any: whoever has this secret may be any peer$'
sed -e "s,$work/psk,$work/weak," -e s/aes128gcm16-prfsha256-x25519/aes128-sha1-modp2048/ "$work/l.conf" >"$work/weak.conf"
check "--check warns of the secret" eval 'says "$dist/sbin/ipsecifd" --check --rc-conf "$work/weak.conf" && said "	warning: .*/weak:1: the secret has 5 bytes"'
check "and of the algorithm" said 'sha1 is on its way out'

check "SIGTERM ends l" stop l
check "SIGTERM ends r" stop r
[ "$failed" = 0 ] || tail -n 40 "$work/l.log" "$work/r.log"
summary ike
